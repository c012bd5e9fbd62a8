//! What the agent's pages show, as data.

use axum::http::{HeaderMap, HeaderValue};
use wire::chat::{ConnectedAccount, ThreadSummary, Transcript};

use crate::{Agent, Error};

/// What every page of the agent shows around its content.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The name of the person who is logged in, or none for a visitor.
    pub person: Option<String>,
    pub email: Option<String>,
    pub threads: Vec<ThreadSummary>,
    /// Whether the rehearsal model answers.
    pub rehearsal: bool,
    /// The anti-forgery proof for forms (logout, disconnect).
    pub proof: String,
    /// Where approvals are given: `localhost:3001`, and its address.
    pub approvals: (String, String),
    /// The address of the person's orders at the broker.
    pub orders: String,
}

/// `/` and `/t/{thread}`. `thread` is none on `/`.
#[derive(Clone, Debug)]
pub struct Chat {
    pub frame: Frame,
    pub thread: Option<String>,
    pub transcript: Transcript,
    /// A message that was kept while the person logged in, to be sent now, may be in the browser's storage.
    pub resume: bool,
}

/// `/accounts`.
#[derive(Clone, Debug)]
pub struct Accounts {
    pub frame: Frame,
    pub accounts: Vec<ConnectedAccount>,
    /// What can still be connected: name for people, scopes in words, address that starts it.
    pub available: Vec<(String, Vec<String>, String)>,
    /// Said once: connected, disconnected, refused.
    pub told: Option<String>,
    /// The identity service could not be asked.
    pub unavailable: Option<String>,
    pub now: i64,
}

impl Agent {
    /// What `/` (no `thread`) and `/t/{thread}` show, for the session of these headers; with a `Set-Cookie` where
    /// the browser's cookie is of no use any more.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the thread isn't this session's.
    pub async fn chat_page(
        &self,
        _headers: &HeaderMap,
        _thread: Option<&str>,
    ) -> Result<(Chat, Option<HeaderValue>), Error> {
        Err(Error::NotFound)
    }
}
