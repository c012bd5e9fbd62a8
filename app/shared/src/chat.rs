//! The chat as it crosses the network: the events of a thread, which the agent stores and sends, here; what they are
//! folded into, in `transcript`; the requests and answers of the agent's REST API, in `api`.
//!
//! Enums are tagged from outside (`{"delta": {…}}`), serde's plain form: an inner tag or a flattened field makes it
//! buffer each value and read it by a second route, which the browser's bundle would have to carry.

mod api;
mod transcript;

use serde::{Deserialize, Serialize};

#[cfg(feature = "server")]
use crate::broker::{Order, Portfolio, Stock};

pub use api::{
    Accepted, Act, ApiError, ConnectedAccount, MESSAGE_CHARACTERS, NewMessage, ThreadSummary, message_excess,
};
pub use transcript::{Item, Transcript};

/// One event of a thread. `seq` counts from 1 within the thread and is the `id:` of the stream. As things happen there
/// are no gaps; later, numbers lack where the text of a turn that is over was folded into one event ([`Kind::Text`]).
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
    /// A part as a whole, finished blocks and open end, takes the place of what was shown of it: so it is kept once
    /// its turn is over.
    Text { turn: String, part: u32, html: String, tail: String },
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

/// A tool's result. Browsers receive it as HTML from the server, so the bundle needs no code for the tables.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    #[cfg(feature = "server")]
    Quote { stock: Stock },
    #[cfg(feature = "server")]
    Stocks { stocks: Vec<Stock> },
    #[cfg(feature = "server")]
    Portfolio { portfolio: Portfolio },
    #[cfg(feature = "server")]
    Orders { orders: Vec<Order> },
    /// Any of these as HTML that the server made: in the line of the call, in place of its summary, and below it.
    /// Either may be empty. Never stored.
    Html { line: String, below: String },
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

/// Among the facts of a card: that the limit is far worse than the market.
pub const WORSE: &str = "Far from the price now";

/// Among the facts of an approval: the same was asked for before, and what the person said then.
pub const ASKED_BEFORE: &str = "Asked before";

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
    #[cfg(feature = "server")]
    Placed {
        order: Order,
    },
    /// The same as browsers get it, as HTML that the server made: its state as a pill and in a word, and what became
    /// of it. Never stored.
    Became {
        pill: String,
        word: String,
        foot: String,
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
    /// The failure, and what the person can do. `retry`: whether a retry may help. `continues`: whether a retry continues
    /// the text above, which was cut off.
    Failed {
        message: String,
        retry: bool,
        #[serde(default)]
        continues: bool,
    },
}
