//! What a person is asked to approve, ready to be asked for.

use serde::{Deserialize, Serialize};
use shared::details::Detail;

/// An order that is ready to be asked for. Stored with the turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prepared {
    pub detail: Detail,
    /// `Buy 5 WAYNE`
    pub title: String,
    /// Label and value for the chat's card, in the order shown. The estimate is among them.
    pub facts: Vec<(String, String)>,
    /// The agent's own words for the approval page, 300 characters at most.
    pub agent_message: Option<String>,
    /// What people call what it is about: the stock's symbol and name, the order's id.
    #[serde(default)]
    pub names: Vec<String>,
}

impl Prepared {
    /// What is asked for, at whatever limit: who said no to it said no to it at another limit too.
    pub fn what(&self) -> String {
        match &self.detail {
            Detail::StockOrder(_) => self.detail.title(),
            Detail::StockOrderCancellation(cancellation) => format!("Cancel {}", cancellation.order.as_str()),
        }
    }
}
