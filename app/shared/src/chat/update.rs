//! A change of the chat page, as browsers receive it.

use serde::{Deserialize, Serialize};

/// An event as HTML that the server rendered. Empty HTML removes the item.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Update {
    /// As in [`Event`](super::Event).
    pub seq: i64,
    pub place: i64,
    /// The item, and for a part of an answer the block.
    pub key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub block: Option<u32>,
    pub html: String,
    /// The announcement for screen readers. Empty if there is none.
    pub say: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// If the HTML is a whole page of another branch, the turns that run in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<Vec<String>>,
    /// Whether the thread was deleted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// A turn began (`true`), ended or waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running: Option<(String, bool)>,
}
