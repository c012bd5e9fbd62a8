//! The chat on the wire. Here: the events of a thread, which the agent stores and sends. In `open`: the text that isn't
//! finished yet. In `transcript`: the state that events are reduced to. In `update`: an event as
//! browsers receive it. In `api`: requests and answers of the agent's REST API.
//!
//! Enums are externally tagged (`{"delta": {…}}`), serde's default. An internal tag or a flattened field would make
//! serde buffer each value, and that code would enlarge the browser's bundle.

mod api;
mod open;
mod transcript;
mod update;

use serde::{Deserialize, Serialize};

use crate::{
    broker::{Order, Portfolio, Range, Stock},
    lang::Lang,
    money::Money,
};

pub use api::{
    Accepted, Act, ApiError, ConnectedAccount, MESSAGE_CHARACTERS, NewMessage, THREADS_PAGE, ThreadState,
    ThreadSummary, message_excess,
};
pub use open::Open;
pub use transcript::{Item, Transcript, Version};
pub use update::Update;

/// An event of a thread. `seq` counts from 1 within the thread and is the `id:` of the stream. An event holds the whole
/// state of its item, so only the last one of each item is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub seq: i64,
    /// The item's position in the transcript: the number of its first event. 0 if it has none.
    pub place: i64,
    /// Milliseconds since 1970 (UTC).
    pub at: i64,
    /// Whether it belongs to a branch that the thread doesn't show.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The thread got a title.
    Title { title: String },
    /// The owner deleted the thread, or undid that.
    Deleted { undone: bool },
    /// The thread shows another branch, which ends with this turn. Consumers reload the thread.
    Branch { turn: String },
    /// A message from the person.
    Message { id: String, text: String },
    /// The agent starts to answer, or starts again after a retry or a restart.
    Turn { turn: String },
    /// A finished Markdown block of a part of the answer, as HTML sanitised by the server. Blocks count from 0.
    Block { turn: String, part: u32, block: u32, html: String },
    /// Discards the part's blocks from this number on, because the model is asked again.
    Drop { turn: String, part: u32, block: u32 },
    /// The model calls a tool, or the tool answered.
    Call(Call),
    /// Adds a card, or replaces the one with the same `call`.
    Card(Card),
    /// The turn is over.
    End { turn: String, outcome: Outcome },
}

/// A tool call: a single line that expands to its input, output and duration.
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

/// A tool's result as typed data, from which its card is rendered each time. Only a built-in tool makes a view of its
/// own API. A configured tool's answer is a table at most.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    Quote {
        stock: Stock,
        /// The last 24 hours.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        day: Line,
    },
    Stocks {
        stocks: Vec<Stock>,
    },
    /// A price over several ranges. The call asked for one of them.
    Prices {
        stock: Stock,
        asked: Range,
        ranges: Vec<(Range, Line)>,
    },
    Portfolio {
        portfolio: Portfolio,
        /// The total value over the last 30 days.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        month: Line,
    },
    /// The total value of the account over several ranges.
    Values {
        asked: Range,
        ranges: Vec<(Range, Line)>,
    },
    Orders {
        orders: Vec<Order>,
    },
    /// A list of flat objects, and the number of those left out.
    Table {
        columns: Vec<String>,
        rows: Vec<Vec<String>>,
        more: usize,
    },
}

/// A value over time for a chart: milliseconds since 1970 (UTC) and amounts, the oldest first. Few points,
/// which include the lowest and the highest.
pub type Line = Vec<(i64, Money)>;

/// A card that asks the person for something. `call` is its id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    pub turn: String,
    pub call: String,
    pub body: CardBody,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardBody {
    /// The tool needs to know the person. `href` leads to the login and back to this thread.
    Login {
        href: String,
        done: bool,
    },
    /// The tool needs a connected account. `scopes` are descriptions for people, and `german` the same in German.
    /// `href` starts the connection.
    Connect {
        name: String,
        scopes: Vec<String>,
        #[serde(default)]
        german: Vec<String>,
        href: String,
        state: ConnectState,
    },
    Approval(Approval),
}

impl CardBody {
    /// Whether the card is shown in every branch: its request waits, or was used.
    pub fn is_of_all_branches(&self) -> bool {
        match self {
            Self::Login { .. } | Self::Connect { .. } => false,
            Self::Approval(approval) => match approval.state {
                ApprovalState::Asking
                | ApprovalState::Waiting
                | ApprovalState::Approved
                | ApprovalState::Placed { .. }
                | ApprovalState::Done { .. }
                | ApprovalState::Unknown { .. } => true,
                ApprovalState::Refused { .. }
                | ApprovalState::Denied
                | ApprovalState::Expired
                | ApprovalState::Withdrawn => false,
            },
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectState {
    Waiting,
    Done,
    /// Refused, or skipped by a new message.
    Given,
}

/// The label of the warning that a limit is far worse than the market price.
pub const WORSE: &str = "Far from the price now";

/// The label of an earlier decision on the same request.
pub const ASKED_BEFORE: &str = "Asked before";

/// The default sentence for a request that had no effect.
pub const NOTHING_DONE: &str = "Nothing was done.";

fn nothing_done() -> String {
    NOTHING_DONE.into()
}

/// A request for approval: waiting, decided, or done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Approval {
    /// The action: `Buy 5 WAYNE`.
    pub title: String,
    /// Labels and values in display order, including the estimate.
    pub facts: Vec<(String, String)>,
    /// The sentence for a request that had no effect: `Nothing was placed.`
    #[serde(default = "nothing_done")]
    pub undone: String,
    /// The same three in German. `None` if the request was stored in one language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub german: Option<Box<Words>>,
    /// The binding code, which the approval page shows, too. Empty until the request is accepted.
    pub code: String,
    /// The address of the approval page at the identity service.
    pub page: String,
    /// The times of the request and of its expiry, in milliseconds since 1970 (UTC).
    pub asked_at: i64,
    pub expires_at: i64,
    #[serde(default)]
    pub more_time: MoreTime,
    pub state: ApprovalState,
}

/// A request's texts in one language: [`Approval::title`], [`Approval::facts`], [`Approval::undone`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Words {
    pub title: String,
    pub facts: Vec<(String, String)>,
    pub undone: String,
}

impl Approval {
    /// The texts in a language.
    #[must_use]
    pub fn read_in(&self, lang: Lang) -> Self {
        let mut read = self.clone();
        if let (Lang::De, Some(words)) = (lang, read.german.take()) {
            Words { title: read.title, facts: read.facts, undone: read.undone } = *words;
        }
        read
    }
}

/// Whether the person can give themselves more time to decide, once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoreTime {
    #[default]
    None,
    Possible,
    /// They took it.
    Given,
}

impl MoreTime {
    /// The stored word.
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Possible => "possible",
            Self::Given => "given",
        }
    }
}

impl From<String> for MoreTime {
    /// From the stored word.
    fn from(word: String) -> Self {
        [Self::Possible, Self::Given].into_iter().find(|one| one.word() == word).unwrap_or_default()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalState {
    /// Being sent to the identity service.
    Asking,
    Waiting,
    /// Approved, and in progress.
    Approved,
    /// The broker filled the order.
    Placed {
        order: Order,
    },
    /// Any other approved request is done. The text is its outcome in a few words.
    Done {
        receipt: String,
    },
    /// The broker rejected the order, or the approval couldn't be used.
    Refused {
        reason: String,
    },
    /// Approved and possibly placed. The broker can't be asked, because the account was disconnected in the meantime.
    Unknown {
        reason: String,
    },
    Denied,
    Expired,
    Withdrawn,
}

impl ApprovalState {
    /// Whether this state is final.
    pub fn is_over(&self) -> bool {
        !matches!(self, Self::Asking | Self::Waiting | Self::Approved)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Done,
    /// The turn waits for the person: a login, a connection or an approval. It continues automatically.
    Waiting,
    Cancelled,
    /// Cancelled in the middle of its text, which can be continued.
    Stopped,
    /// The failure and what the person can do. `retry`: whether a retry may help. `continues`: whether a retry
    /// continues the text above, which was cut off.
    Failed {
        message: String,
        retry: bool,
        #[serde(default)]
        continues: bool,
    },
}
