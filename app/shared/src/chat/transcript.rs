//! The pure reducer from a thread's events to a transcript. The same events give the same transcript, in whatever
//! order they arrive.

use serde::{Deserialize, Serialize};

use super::{Call, Card, Event, Kind, Open, Outcome};

/// An item of the transcript, in display order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    Message {
        id: String,
        text: String,
        at: i64,
    },
    /// Finished blocks as HTML, followed by the open end as text.
    Text {
        turn: String,
        part: u32,
        html: String,
        tail: String,
        /// The finished blocks one by one.
        blocks: Vec<String>,
    },
    Call(Call),
    Card(Card),
    Failed {
        turn: String,
        message: String,
        retry: bool,
        #[serde(default)]
        continues: bool,
    },
    Cancelled {
        turn: String,
        /// Whether a retry continues its text.
        #[serde(default)]
        continues: bool,
    },
    /// The end of a whole answer, with the button to copy it.
    Done {
        turn: String,
    },
}

impl Item {
    /// Unique and stable within the transcript, for keyed lists.
    pub fn key(&self) -> String {
        match self {
            Self::Message { id, .. } => format!("m{id}"),
            Self::Text { turn, part, .. } => format!("t{turn}.{part}"),
            Self::Call(call) => format!("c{}", call.call),
            Self::Card(card) => format!("k{}", card.call),
            Self::Failed { turn, .. } | Self::Cancelled { turn, .. } | Self::Done { turn } => format!("e{turn}"),
        }
    }
}

/// The state of a thread, reduced from its events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// The last event applied. The stream continues after it.
    pub seq: i64,
    pub title: String,
    pub items: Vec<Item>,
    /// The positions of the items.
    pub places: Vec<i64>,
    /// The running turns, without those that wait for the person.
    pub running: Vec<String>,
    /// The open ends of running answers.
    pub open: Vec<Open>,
    /// The position before which earlier items have to be loaded by another request.
    #[serde(default)]
    pub before: Option<i64>,
    /// The messages and answers that have several versions.
    #[serde(default)]
    pub versions: Vec<Version>,
}

/// The shown version of a message, or of the answer to a message, that has several.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The key of the item that shows it.
    pub key: String,
    /// The same for all versions.
    pub group: String,
    /// Its number, from 1, and the number of versions.
    pub number: usize,
    pub of: usize,
    /// The turns to choose for the version before it and the one after it.
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Transcript {
    pub fn from_events(events: impl IntoIterator<Item = Event>) -> Self {
        let mut transcript = Self::default();
        for event in events {
            transcript.apply(event);
        }
        transcript
    }

    /// Applies one event. Returns `false`, without a change, if it was already applied.
    pub fn apply(&mut self, event: Event) -> bool {
        if event.seq <= self.seq {
            return false;
        }
        self.seq = event.seq;
        self.put_event(event);
        true
    }

    /// Applies an event regardless of its number.
    pub fn put_event(&mut self, event: Event) {
        let place = event.place;
        if event.hidden {
            // Only a card may have been shown until now.
            if let Kind::Card(card) = &event.kind {
                drop(self.remove(&format!("k{}", card.call)));
            }
            return;
        }
        match event.kind {
            Kind::Title { title } => self.title = title,
            Kind::Deleted { .. } | Kind::Branch { .. } => {}
            Kind::Message { id, text } => self.put(Item::Message { id, text, at: event.at }, place),
            Kind::Turn { turn } => {
                // A turn that restarts clears its failure.
                let _ = self.remove(&format!("e{turn}"));
                if !self.running.contains(&turn) {
                    self.running.push(turn);
                }
            }
            Kind::Block { turn, part, block, html } => {
                self.change(&turn, part, place, |blocks| {
                    let at = usize::try_from(block).unwrap_or_default();
                    blocks.resize(blocks.len().max(at + 1), String::new());
                    blocks[at] = html;
                });
            }
            Kind::Drop { turn, part, block } => {
                self.change(&turn, part, place, |blocks| blocks.truncate(usize::try_from(block).unwrap_or_default()));
            }
            Kind::Call(call) => self.put(Item::Call(call), place),
            Kind::Card(card) => self.put(Item::Card(card), place),
            Kind::End { turn, outcome } => {
                self.running.retain(|running| *running != turn);
                self.open.retain(|open| open.turn != turn);
                self.show_open(&turn);
                match outcome {
                    Outcome::Failed { message, retry, continues } => {
                        self.put(Item::Failed { turn, message, retry, continues }, place);
                    }
                    Outcome::Cancelled => self.put(Item::Cancelled { turn, continues: false }, place),
                    Outcome::Stopped => self.put(Item::Cancelled { turn, continues: true }, place),
                    Outcome::Done => self.put(Item::Done { turn }, place),
                    Outcome::Waiting => drop(self.remove(&format!("e{turn}"))),
                }
            }
        }
    }

    /// Applies open text.
    pub fn hear(&mut self, open: Open) -> bool {
        let turn = open.turn.clone();
        let is_new = open.merge(&mut self.open);
        if is_new {
            self.show_open(&turn);
        }
        is_new
    }

    fn put(&mut self, item: Item, place: i64) {
        let _ = self.remove(&item.key());
        let at = self.places.partition_point(|known| *known <= place);
        self.items.insert(at, item);
        self.places.insert(at, place);
    }

    fn remove(&mut self, key: &str) -> Option<(Item, i64)> {
        let at = self.items.iter().position(|item| item.key() == key)?;
        Some((self.items.remove(at), self.places.remove(at)))
    }

    /// Changes a part's finished blocks.
    fn change(&mut self, turn: &str, part: u32, place: i64, change: impl FnOnce(&mut Vec<String>)) {
        let known = self.remove(&format!("t{turn}.{part}"));
        let mut blocks = match known {
            Some((Item::Text { blocks, .. }, _)) => blocks,
            _ => Vec::new(),
        };
        change(&mut blocks);
        self.put_text(turn, part, place, blocks);
    }

    /// Shows the open end of a turn below its part's blocks.
    fn show_open(&mut self, turn: &str) {
        let parts: Vec<u32> = self
            .items
            .iter()
            .filter_map(|item| match item {
                Item::Text { turn: of, part, .. } if of == turn => Some(*part),
                _ => None,
            })
            .chain(self.open.iter().filter(|open| open.turn == turn).map(|open| open.part))
            .collect();
        for part in parts {
            let (blocks, place) = match self.remove(&format!("t{turn}.{part}")) {
                Some((Item::Text { blocks, .. }, place)) => (blocks, place),
                _ => (Vec::new(), i64::MAX),
            };
            self.put_text(turn, part, place, blocks);
        }
    }

    fn put_text(&mut self, turn: &str, part: u32, place: i64, blocks: Vec<String>) {
        let open = self.open.iter().find(|open| open.turn == turn && open.part == part);
        let tail = open.map(|open| open.text.clone()).unwrap_or_default();
        let html = blocks.concat();
        if !html.is_empty() || !tail.is_empty() {
            self.put(Item::Text { turn: turn.to_owned(), part, html, tail, blocks }, place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::CallState;

    fn event(seq: i64, place: i64, kind: Kind) -> Event {
        Event { seq, at: seq * 10, place, hidden: false, kind }
    }

    fn block(block: u32, html: &str) -> Kind {
        Kind::Block { turn: "t".into(), part: 0, block, html: html.into() }
    }

    fn open(from: usize, text: &str) -> Open {
        Open { turn: "t".into(), attempt: 1, part: 0, from, at: from, text: text.into() }
    }

    fn text(items: &[Item]) -> Vec<String> {
        let texts = items.iter().filter_map(|item| match item {
            Item::Text { html, tail, .. } => Some(format!("{html}|{tail}")),
            _ => None,
        });
        texts.collect()
    }

    #[test]
    fn an_event_that_was_seen_changes_nothing() {
        let mut transcript = Transcript::default();
        assert!(transcript.apply(event(1, 1, block(0, "<p>a</p>"))));
        let before = transcript.clone();
        assert!(!transcript.apply(event(1, 1, block(0, "<p>b</p>"))));
        assert_eq!(transcript, before);
    }

    #[test]
    fn finished_block_replaces_the_open_end() {
        let mut transcript = Transcript::default();
        assert!(transcript.hear(open(0, "Hello\n\nMore")));
        assert_eq!(text(&transcript.items), ["|Hello\n\nMore"]);
        transcript.apply(event(1, 1, block(0, "<p>Hello</p>")));
        assert!(transcript.hear(open(7, "More")));
        assert_eq!(text(&transcript.items), ["<p>Hello</p>|More"]);
        transcript.apply(event(2, 1, Kind::Drop { turn: "t".into(), part: 0, block: 0 }));
        transcript.apply(event(3, 3, Kind::End { turn: "t".into(), outcome: Outcome::Done }));
        assert_eq!(transcript.items, [Item::Done { turn: "t".into() }]);
        assert!(transcript.open.is_empty());
    }

    #[test]
    fn items_keep_their_places_in_whatever_order_they_arrive() {
        let message = |seq: i64, id: &str| event(seq, seq, Kind::Message { id: id.into(), text: id.into() });
        let call = |seq: i64, state: CallState| {
            let call = Call { turn: "t".into(), call: "c".into(), tool: "whoami".into(), input: "{}".into(), state };
            event(seq, 2, Kind::Call(call))
        };
        let failed = CallState::Failed { summary: "s".into(), output: "o".into(), ms: 4 };
        let stored = [message(1, "a"), block_at(3), message(4, "b"), call(5, failed)];
        let whole = Transcript::from_events(stored.clone());
        assert_eq!(whole.places, [1, 2, 3, 4]);
        let mut live = Transcript::from_events([message(1, "a"), call(2, CallState::Running), block_at(3)]);
        for event in &stored[2..] {
            live.apply(event.clone());
        }
        assert_eq!(live, whole);
    }

    fn block_at(seq: i64) -> Event {
        event(seq, seq, block(0, "<p>x</p>"))
    }

    #[test]
    fn failure_ends_with_the_next_attempt() {
        let end = |seq: i64, outcome: Outcome| event(seq, seq, Kind::End { turn: "t".into(), outcome });
        let failed = Outcome::Failed { message: "m".into(), retry: true, continues: false };
        let turn = |seq: i64| event(seq, 0, Kind::Turn { turn: "t".into() });
        let mut transcript = Transcript::from_events([turn(1), end(2, failed)]);
        assert_eq!((transcript.items.len(), transcript.running.len()), (1, 0));
        transcript.apply(turn(3));
        assert_eq!((transcript.items.len(), transcript.running.len()), (0, 1));
        transcript.apply(end(4, Outcome::Done));
        assert_eq!(transcript.items, [Item::Done { turn: "t".into() }]);
        assert!(transcript.running.is_empty());
    }
}
