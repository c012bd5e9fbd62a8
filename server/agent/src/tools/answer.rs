//! The result of a tool, or why it stopped.

use shared::chat::View;

use super::prepared::Prepared;

/// The result of a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// One line for people.
    pub summary: String,
    /// For the model and the MCP client.
    pub output: serde_json::Value,
    /// For the chat's tables.
    pub view: Option<View>,
}

/// Why a tool hasn't answered, or not yet.
#[derive(Clone, Debug)]
pub enum Stop {
    /// It needs to know who the person is.
    Login,
    /// It needs a connected account, or more access, at this API with these scopes.
    Connect { api: String, scopes: Vec<String> },
    /// It needs the person's approval.
    Approval(Box<Prepared>),
    /// The call was wrong or impossible: the model gets this message.
    Failed { message: String },
    /// A service it needs can't be reached: the model gets this message.
    Unavailable { message: String },
}
