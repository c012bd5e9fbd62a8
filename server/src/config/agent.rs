//! The part of the configuration that concerns the agent.

use details::Apis;

use super::part::Part;

/// The agent's clients: in the chat, and at `/mcp`.
pub const AGENT: &str = "agent";
pub const AGENT_MCP: &str = "agent-mcp";
/// The agent's own API.
pub const MCP: &str = "mcp";

/// The API that the agent's built-in tools call.
const STOCKTRADE: &str = "stocktrade";

impl Part {
    /// The APIs that the agent's tools call.
    pub fn tool_apis(&self) -> Apis {
        self.apis.only(|api| api.id == STOCKTRADE || self.tools.iter().any(|tool| tool.api() == api.id))
    }
}
