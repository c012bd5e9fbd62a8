//! The pure reducer from a thread's events to a transcript. Server and browser share it, so a page rendered on the
//! server continues in the browser from its last event.

use serde::{Deserialize, Serialize};

use super::{Call, CallState, Card, Event, Kind, Outcome};

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
            Self::Failed { turn, .. } => format!("f{turn}"),
            Self::Cancelled { turn } => format!("x{turn}"),
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
    /// The turns that are running, without those that wait for the person.
    pub running: Vec<String>,
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
        match event.kind {
            Kind::Title { title } => self.title = title,
            Kind::Message { id, text } => self.items.push(Item::Message { id, text, at: event.at }),
            Kind::Turn { turn } => {
                // A turn that restarts clears its failure.
                self.items.retain(
                    |item| !matches!(item, Item::Failed { turn: t, .. } | Item::Cancelled { turn: t } if *t == turn),
                );
                if !self.running.contains(&turn) {
                    self.running.push(turn);
                }
            }
            Kind::Delta { turn, part, text } => {
                if let Item::Text { tail, .. } = self.part(turn, part) {
                    tail.push_str(&text);
                }
            }
            Kind::Block { turn, part, html: block } => {
                if let Item::Text { html, tail, .. } = self.part(turn, part) {
                    html.push_str(&block);
                    tail.clear();
                }
            }
            Kind::Text { turn, part, html: whole, tail: open } => {
                if let Item::Text { html, tail, .. } = self.part(turn, part) {
                    *html = whole;
                    *tail = open;
                }
            }
            Kind::Drop { turn, part } => {
                self.items
                    .retain(|item| !matches!(item, Item::Text { turn: t, part: p, .. } if *t == turn && *p == part));
            }
            Kind::Call(call) => self.put(Item::Call(call)),
            Kind::Returned { call, ok, summary, output, ms, view, .. } => {
                let found = self.items.iter_mut().find_map(|item| match item {
                    Item::Call(known) if known.call == call => Some(known),
                    _ => None,
                });
                if let Some(known) = found {
                    known.state = if ok {
                        CallState::Done { summary, output, ms, view }
                    } else {
                        CallState::Failed { summary, output, ms }
                    };
                }
            }
            Kind::Card(card) => self.put(Item::Card(card)),
            Kind::End { turn, outcome } => {
                self.running.retain(|running| *running != turn);
                match outcome {
                    Outcome::Failed { message, retry, continues } => {
                        self.put(Item::Failed { turn, message, retry, continues });
                    }
                    Outcome::Cancelled => self.put(Item::Cancelled { turn }),
                    Outcome::Done | Outcome::Waiting => {}
                }
            }
        }
        true
    }

    fn put(&mut self, item: Item) {
        let key = item.key();
        match self.items.iter_mut().find(|known| known.key() == key) {
            Some(known) => *known = item,
            None => self.items.push(item),
        }
    }

    fn part(&mut self, turn: String, part: u32) -> &mut Item {
        let at = self
            .items
            .iter()
            .position(|item| matches!(item, Item::Text { turn: t, part: p, .. } if *t == turn && *p == part));
        let at = at.unwrap_or_else(|| {
            self.items.push(Item::Text { turn, part, html: String::new(), tail: String::new() });
            self.items.len() - 1
        });
        &mut self.items[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(seq: i64, kind: Kind) -> Event {
        Event { seq, at: seq * 10, kind }
    }

    fn delta(text: &str) -> Kind {
        Kind::Delta { turn: "t".into(), part: 0, text: text.into() }
    }

    #[test]
    fn an_event_that_was_seen_changes_nothing() {
        let mut transcript = Transcript::default();
        assert!(transcript.apply(event(1, delta("Hel"))));
        assert!(transcript.apply(event(2, delta("lo"))));
        let before = transcript.clone();
        assert!(!transcript.apply(event(2, delta("lo"))));
        assert!(!transcript.apply(event(1, delta("Hel"))));
        assert_eq!(transcript, before);
    }

    #[test]
    fn finished_block_replaces_the_open_tail() {
        let transcript = Transcript::from_events([
            event(1, delta("Hello")),
            event(2, Kind::Block { turn: "t".into(), part: 0, html: "<p>Hello</p>".into() }),
            event(3, delta("More")),
        ]);
        assert_eq!(
            transcript.items,
            [Item::Text { turn: "t".into(), part: 0, html: "<p>Hello</p>".into(), tail: "More".into() }]
        );
    }

    #[test]
    fn whole_part_replaces_its_deltas() {
        let whole = || Kind::Text { turn: "t".into(), part: 0, html: "<p>Hello</p>".into(), tail: "More".into() };
        let item = || Item::Text { turn: "t".into(), part: 0, html: "<p>Hello</p>".into(), tail: "More".into() };
        assert_eq!(Transcript::from_events([event(7, whole())]).items, [item()]);
        let half = [event(3, delta("Hel")), event(7, whole())];
        assert_eq!(Transcript::from_events(half).items, [item()]);
    }

    #[test]
    fn reducer_may_stop_anywhere_and_go_on() {
        let turn = || "t".to_owned();
        let events = [
            event(1, Kind::Message { id: "1".into(), text: "hi".into() }),
            event(2, Kind::Turn { turn: turn() }),
            event(3, delta("half")),
            event(4, Kind::Drop { turn: turn(), part: 0 }),
            event(
                5,
                Kind::Call(Call {
                    turn: turn(),
                    call: "c".into(),
                    tool: "whoami".into(),
                    input: "{}".into(),
                    state: CallState::Running,
                }),
            ),
            event(
                6,
                Kind::Returned {
                    turn: turn(),
                    call: "c".into(),
                    ok: true,
                    summary: "s".into(),
                    output: "o".into(),
                    ms: 4,
                    view: None,
                },
            ),
            event(
                7,
                Kind::End {
                    turn: turn(),
                    outcome: Outcome::Failed { message: "m".into(), retry: true, continues: false },
                },
            ),
            event(8, Kind::Turn { turn: turn() }),
            event(9, Kind::End { turn: turn(), outcome: Outcome::Done }),
        ];
        let whole = Transcript::from_events(events.clone());
        assert_eq!(whole.items.len(), 2, "{:?}", whole.items);
        assert!(whole.running.is_empty());
        for cut in 0..events.len() {
            let mut resumed = Transcript::from_events(events[..cut].iter().cloned());
            let carried = serde_json::to_string(&resumed).unwrap_or_default();
            resumed = serde_json::from_str(&carried).unwrap_or_default();
            // The stream repeats one event.
            for event in &events[cut.saturating_sub(1)..] {
                resumed.apply(event.clone());
            }
            assert_eq!(resumed, whole);
        }
    }
}
