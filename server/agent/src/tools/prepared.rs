//! A request for approval, ready to be sent.

use serde::{Deserialize, Serialize};
use shared::details::Detail;

/// An order ready for an approval request. Stored with the turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prepared {
    pub detail: Detail,
    /// `Buy 5 WAYNE`
    pub title: String,
    /// Labels and values for the chat's card, in display order, including the estimate.
    pub facts: Vec<(String, String)>,
    /// The agent's message for the approval page, at most 300 characters.
    pub agent_message: Option<String>,
    /// What people call the thing: the stock's symbol and name, or the order's id.
    #[serde(default)]
    pub names: Vec<String>,
}

impl Prepared {
    /// The thing asked for, ignoring the limit: a refusal at one limit covers all of them.
    pub fn what(&self) -> String {
        match &self.detail {
            Detail::StockOrder(_) => self.detail.title(),
            Detail::StockOrderCancellation(cancellation) => format!("Cancel {}", cancellation.order.as_str()),
        }
    }
}
