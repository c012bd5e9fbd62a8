//! What a tool found, or why it stopped.

use shared::chat::View;

use super::prepared::Prepared;

/// What a tool found.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// One line for people.
    pub summary: String,
    /// For the model and the MCP client.
    pub output: serde_json::Value,
    /// For the chat's tables.
    pub view: Option<View>,
}

/// Why a tool did not answer (yet).
#[derive(Clone, Debug)]
pub enum Stop {
    /// It needs to know who the person is.
    Login,
    /// It needs an account connected, or access allowed, at this API with these scopes.
    Connect { api: String, scopes: Vec<String> },
    /// It needs the person's approval.
    Approval(Box<Prepared>),
    /// It was called wrongly, or cannot do this: the model is told.
    Failed { message: String },
    /// What it needs can't be reached: the model is told.
    Unavailable { message: String },
}
