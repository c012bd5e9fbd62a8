//! A thread as the browser sees it: the events that the agent stores and sends, and the pure reducer that
//! folds them into a transcript. Server and browser fold alike, so a page that was rendered on the server
//! goes on in the browser from the last event it holds.
//!
//! Enums are tagged from outside (`{"delta": {…}}`), serde's plain form: an inner tag or a flattened field makes it
//! buffer each value and read it by a second route, which the browser's bundle would have to carry.

use serde::{Deserialize, Serialize};

use crate::broker::{Order, Portfolio, Stock};

/// One event of a thread. `seq` counts from 1 without gaps within the thread and is the `id:` of the stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub seq: i64,
    /// Milliseconds since 1970 (UTC).
    pub at: i64,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The thread got a title.
    Title { title: String },
    /// What the person wrote.
    Message { id: String, text: String },
    /// The agent begins to answer (or begins again, after a retry or a restart).
    Turn { turn: String },
    /// More text at the open end of a part of the answer.
    Delta { turn: String, part: u32, text: String },
    /// A finished Markdown block, sanitised HTML from the server, takes the place of the open end.
    Block { turn: String, part: u32, html: String },
    /// The open end of this part is void: the model is asked again.
    Drop { turn: String, part: u32 },
    /// The model calls a tool.
    Call(Call),
    /// The tool answered.
    Returned { turn: String, call: String, ok: bool, summary: String, output: String, ms: i64, view: Option<View> },
    /// A card appears, or takes the place of the one with the same `call`.
    Card(Card),
    /// The turn is over.
    End { turn: String, outcome: Outcome },
}

/// A tool call: one quiet line that opens to its input, output and timing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    pub turn: String,
    pub call: String,
    pub tool: String,
    /// The arguments as indented JSON.
    pub input: String,
    #[serde(default)]
    pub state: CallState,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    #[default]
    Running,
    Done {
        summary: String,
        output: String,
        ms: i64,
        view: Option<View>,
    },
    Failed {
        summary: String,
        output: String,
        ms: i64,
    },
}

/// What a tool found, in a form that the page shows as a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    Quote { stock: Stock },
    Stocks { stocks: Vec<Stock> },
    Portfolio { portfolio: Portfolio },
    Orders { orders: Vec<Order> },
}

/// A card asks the person for something. `call` is its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    pub turn: String,
    pub call: String,
    pub body: CardBody,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardBody {
    /// The tool needs to know who the person is. `href` leads to the login and back to this thread.
    Login {
        href: String,
        done: bool,
    },
    /// The tool needs an account connected. `scopes` are in words; `href` starts the connection.
    Connect {
        name: String,
        scopes: Vec<String>,
        href: String,
        state: ConnectState,
    },
    Approval(Approval),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectState {
    Waiting,
    Done,
    /// Refused, or a message came in between.
    Given,
}

/// An order that waits for the person's approval, or what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// What happens: `Buy 5 WAYNE`.
    pub title: String,
    /// Label and value, in the order shown. The estimate is among them.
    pub facts: Vec<(String, String)>,
    /// The code that also stands on the approval page; empty until the request was accepted.
    pub code: String,
    /// The approval page at the identity service.
    pub page: String,
    /// When it was asked for and when it ends, in milliseconds since 1970 (UTC).
    pub asked_at: i64,
    pub expires_at: i64,
    pub state: ApprovalState,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalState {
    /// On its way to the identity service.
    Asking,
    Waiting,
    /// Approved; the order is being placed.
    Approved,
    /// The broker took the order and filled it.
    Placed {
        order: Order,
    },
    /// The broker took the order and rejected it, or the approval could not be used.
    Refused {
        reason: String,
    },
    /// It was approved and perhaps placed; the broker can't be asked (the account was disconnected meanwhile).
    Unknown {
        reason: String,
    },
    Denied,
    Expired,
    Withdrawn,
}

impl ApprovalState {
    /// Whether nothing more happens to it.
    pub fn is_over(&self) -> bool {
        !matches!(self, Self::Asking | Self::Waiting | Self::Approved)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Done,
    /// The turn waits for the person: login, connection or approval. It goes on by itself.
    Waiting,
    Cancelled,
    /// What happened and what to do, for people. `retry`: whether asking again may help.
    Failed {
        message: String,
        retry: bool,
    },
}

/// An item of the transcript, in the order shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    Message {
        id: String,
        text: String,
        at: i64,
    },
    /// Finished blocks as HTML, then the open end as text.
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
    },
    Cancelled {
        turn: String,
    },
}

impl Item {
    /// Stable within the transcript, for keyed lists.
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

/// A thread, folded from its events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Transcript {
    /// The last event folded in; the stream goes on after it.
    pub seq: i64,
    pub title: String,
    pub items: Vec<Item>,
    /// The turns that run now (not those that wait for the person).
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

    /// Folds one event in. An event that was seen already changes nothing (`false`).
    pub fn apply(&mut self, event: Event) -> bool {
        if event.seq <= self.seq {
            return false;
        }
        self.seq = event.seq;
        match event.kind {
            Kind::Title { title } => self.title = title,
            Kind::Message { id, text } => self.items.push(Item::Message { id, text, at: event.at }),
            Kind::Turn { turn } => {
                // A turn that begins again leaves its failure behind.
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
                    Outcome::Failed { message, retry } => {
                        self.put(Item::Failed { turn, message, retry });
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

/// A thread in the sidebar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThreadSummary {
    pub id: String,
    pub title: String,
    /// Milliseconds since 1970 (UTC).
    pub updated_at: i64,
    /// Whether something in it waits for the person.
    pub waiting: bool,
}

/// The body of `POST /api/threads` and `POST /api/threads/{id}/messages`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    pub text: String,
    /// Made by the browser for each message: sent again under the same key, it is taken once.
    pub key: String,
    /// Whether the page showed a person logged in. If so and the login has expired, the message is refused with
    /// `login_expired` rather than taken as a visitor's.
    #[serde(default)]
    pub signed_in: bool,
}

/// The answer to a new message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accepted {
    pub thread: String,
    pub message: String,
}

/// What the agent's REST API answers when something is wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiError {
    /// For programs: `login_expired`, `not_found`, `too_long`, …
    pub error: String,
    /// For people: what happened, what was kept, what to do.
    pub message: String,
}

/// An account that the person connected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConnectedAccount {
    pub id: String,
    pub connection: String,
    /// The connection's name for people.
    pub name: String,
    /// What the agent may do, in words.
    pub scopes: Vec<String>,
    /// Milliseconds since 1970 (UTC).
    pub connected_at: i64,
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
    fn a_block_takes_the_place_of_the_open_end() {
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
    fn folding_may_stop_anywhere_and_go_on() {
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
            event(7, Kind::End { turn: turn(), outcome: Outcome::Failed { message: "m".into(), retry: true } }),
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
            // The stream repeats one event that was seen already.
            for event in &events[cut.saturating_sub(1)..] {
                resumed.apply(event.clone());
            }
            assert_eq!(resumed, whole);
        }
    }
}
