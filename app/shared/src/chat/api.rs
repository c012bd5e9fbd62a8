//! What the chat page sends to the agent's REST API, and what that answers.

use serde::{Deserialize, Serialize};

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

/// The longest message, in characters (Unicode scalar values).
pub const MESSAGE_CHARACTERS: usize = 8_000;

/// By how many characters a message is too long. Blanks around it don't count: they aren't sent.
pub fn message_excess(text: &str) -> usize {
    text.trim().chars().count().saturating_sub(MESSAGE_CHARACTERS)
}

/// The body of `POST /api/threads` and `POST /api/threads/{id}/messages`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewMessage {
    pub text: String,
    /// Made by the browser for each message: sent again under the same key, it is taken once, whether it opens a
    /// thread or not. A message without an answer, or with a status from 500 on, is sent again; after 429 it is,
    /// once `Retry-After` has passed.
    pub key: String,
    /// Whether the page showed a person logged in. If so and the login has expired, the message is refused with
    /// `login_expired` rather than taken as a visitor's.
    #[serde(default)]
    pub signed_in: bool,
}

/// The answer to a new message: also where it was taken before, with the thread in which it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accepted {
    pub thread: String,
    pub message: String,
}

/// The body, which may be left out, of what is done to a turn or a call: `…/retry`, `…/cancel`, `…/withdraw`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Act {
    /// As in [`NewMessage`].
    #[serde(default)]
    pub signed_in: bool,
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
