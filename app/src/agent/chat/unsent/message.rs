//! A message that hasn't arrived.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Unsent {
    pub(super) key: String,
    pub(super) text: String,
    /// The thread it was written in. None for the first message of a new one.
    pub(super) thread: Option<String>,
    /// The author. None for a visitor, whose threads pass to the person who logs in.
    pub(super) who: Option<String>,
    pub(super) state: State,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum State {
    Sending,
    /// Accepted under this id, and about to appear in the transcript.
    Accepted(String),
    /// The site couldn't be reached. Retried automatically.
    Lost,
    /// The login has expired.
    Login,
    /// Another failure, with its reason.
    Failed(String),
}
