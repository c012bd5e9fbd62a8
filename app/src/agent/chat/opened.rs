//! The data that the conversation starts from.

use serde::{Deserialize, Serialize};
use shared::chat::Transcript;

/// The state of the chat when the server rendered the page.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "ssr", derive(Serialize))]
pub struct Opened {
    pub thread: Option<String>,
    pub transcript: Transcript,
    /// Tells the person who is logged in from every other.
    pub who: Option<String>,
    /// Where approvals are given: `localhost:3001`.
    pub approvals: String,
    /// Milliseconds since 1970 (UTC).
    pub now: i64,
}

/// An island writes down what it starts from in the browser too, where nobody reads it: so there it is nothing, and
/// the bundle is spared the code.
#[cfg(not(feature = "ssr"))]
impl Serialize for Opened {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}
