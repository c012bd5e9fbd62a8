//! The shape of recorded requests, which the agent reads from the sites that recorded them. It has no parameter, header
//! or claim.

use serde::{Deserialize, Serialize};

/// A sender or receiver of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Party {
    /// The person's browser, or an app of theirs.
    You,
    Chat,
    Model,
    Identity,
    StockTrade,
}

impl Party {
    pub const ALL: [Self; 5] = [Self::You, Self::Chat, Self::Model, Self::Identity, Self::StockTrade];

    /// As in `tracestate` and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::You => "you",
            Self::Chat => "chat",
            Self::Model => "model",
            Self::Identity => "identity",
            Self::StockTrade => "stocktrade",
        }
    }
}

/// A recorded request without its contents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// The site that recorded it, whose page `/recording` shows its parameters under `#r{number}`.
    pub site: Party,
    /// Counts from 1 in each recording of a site.
    pub number: u32,
    /// Milliseconds since 1970 (UTC).
    pub at: i64,
    pub from: Party,
    pub to: Party,
    pub method: String,
    /// Without the query. `{}` stands for a segment that is an id.
    pub path: String,
    pub status: u16,
    pub ms: u64,
    /// The trace id (W3C Trace Context), shared by all requests that answer the same one.
    pub trace: String,
    /// Whether it is part of a step. Pages, polls for news, metadata, keys and introspection aren't.
    pub carries: bool,
    /// Set only for requests to the model.
    pub model: Option<Asked>,
}

/// The shape of a question to the model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The number of tools it may call. 0: the request has no `tools`.
    pub tools: usize,
    pub messages: usize,
}

/// A person's recording, as the agent reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// Whether the operator allows recording at the site that answers.
    pub allowed: bool,
    /// The end of the recording, in milliseconds since 1970 (UTC). `None`: nothing is recorded.
    pub until: Option<i64>,
    pub records: Vec<Shape>,
}
