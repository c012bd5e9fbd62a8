//! Requests of the chat page to the agent's REST API, and their answers.

use serde::{Deserialize, Serialize};

/// A thread in the sidebar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThreadSummary {
    pub id: String,
    pub title: String,
    /// Milliseconds since 1970 (UTC).
    pub updated_at: i64,
    pub state: ThreadState,
}

/// The state of a thread in the sidebar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThreadState {
    Quiet,
    /// The agent works.
    Running,
    /// Something in it waits for the person.
    Waiting,
}

/// Number of threads in a page of the sidebar. A shorter page is the last one.
pub const THREADS_PAGE: usize = 100;

/// Maximum length of a message, in characters (Unicode scalar values).
pub const MESSAGE_CHARACTERS: usize = 8_000;

/// The number of characters by which a message is too long. Surrounding whitespace doesn't count, since it isn't sent.
pub fn message_excess(text: &str) -> usize {
    text.trim().chars().count().saturating_sub(MESSAGE_CHARACTERS)
}

/// The body of `POST /api/threads` and `POST /api/threads/{id}/messages`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    pub text: String,
    /// An idempotency key that the browser makes for each message. A message sent again under its key is accepted once,
    /// even if it opens a thread. The browser retries after no answer or a 5xx status, and after `Retry-After` on a
    /// 429.
    pub key: String,
    /// Whether the page showed a logged-in person. If so and the login has expired, the message is refused with
    /// `login_expired`, instead of being accepted as a visitor's.
    #[serde(default)]
    pub signed_in: bool,
    /// The message that this one replaces: the thread goes on from there in a new branch, and shows that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
}

/// The answer to a new message. A repeated message gets the thread that accepted it first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accepted {
    pub thread: String,
    pub message: String,
    /// The rest of today's limit, if it is nearly used up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notice: Option<String>,
}

/// The optional body of an action on a turn or a call: `…/retry`, `…/cancel`, `…/regenerate`, `…/choose`, `…/withdraw`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Act {
    /// As in [`NewMessage`].
    #[serde(default)]
    pub signed_in: bool,
}

/// An error of the agent's REST API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiError {
    /// For programs: `login_expired`, `not_found`, `too_long`, …
    pub error: String,
    /// For people: what happened, what was kept, what to do.
    pub message: String,
}

/// An account that the person has connected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConnectedAccount {
    pub id: String,
    pub connection: String,
    /// The connection's name for people.
    pub name: String,
    /// The account's name at the provider.
    pub account: Option<String>,
    /// Descriptions of what the agent may do.
    pub scopes: Vec<String>,
    /// Milliseconds since 1970 (UTC).
    pub connected_at: i64,
}
