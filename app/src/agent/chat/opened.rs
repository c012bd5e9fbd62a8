//! The data that the conversation starts from.

use serde::{Deserialize, Serialize};
use shared::chat::Open;

/// The state of the chat when the server rendered the page.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "ssr", derive(Serialize))]
pub struct Opened {
    pub thread: Option<String>,
    /// The last event that the page shows.
    pub seq: i64,
    pub title: String,
    pub running: Vec<String>,
    pub open: Vec<Open>,
    /// The rest of today's limit, if it is nearly used up.
    pub notice: Option<String>,
    /// Distinguishes the logged-in person from all others.
    pub who: Option<String>,
}

/// In the browser an island also serializes its props, which nobody reads there. An empty form keeps that code out of
/// the bundle.
#[cfg(not(feature = "ssr"))]
impl Serialize for Opened {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}
