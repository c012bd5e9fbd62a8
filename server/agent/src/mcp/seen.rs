//! Stores which apps called `/mcp` for a person. The page at this address and the workshop show people their own apps.

use serde_json::Value;

use crate::{
    state::Agent,
    store::mcp_call::{self, Call},
    tools::Caller,
};

/// The longest name of an app, in characters.
const NAME: usize = 60;

/// Stores the time of an admitted message, and the name of its app.
pub(super) async fn admitted(agent: &Agent, caller: &Caller, message: &Value) {
    let params = &message["params"];
    let named = [&params["clientInfo"], &params["_meta"]["io.modelcontextprotocol/clientInfo"]];
    let name = named.iter().find_map(|info| info["title"].as_str().or(info["name"].as_str()));
    let name = name.map(|name| name.chars().filter(|c| !c.is_control()).take(NAME).collect::<String>());
    keep(agent, caller, "", name.as_deref().filter(|name| !name.trim().is_empty())).await;
}

/// Stores the call of a tool that answered.
pub(super) async fn answered(agent: &Agent, caller: &Caller, tool: &str) {
    keep(agent, caller, tool, None).await;
}

async fn keep(agent: &Agent, caller: &Caller, tool: &str, name: Option<&str>) {
    let Caller::Mcp { subject, client, .. } = caller else { return };
    let now = agent.clock.now();
    if !agent.mcp_kept.is_due(format!("{subject} {client} {tool} {}", name.unwrap_or_default()), now) {
        return;
    }
    let call = Call { subject, client, tool, name };
    // A failure doesn't stop the call itself.
    if let Err(error) = mcp_call::keep(agent.db.pool(), call, now).await {
        foundation::sparsely!(warn, %error, "a call at /mcp couldn't be kept for its person's page");
    }
}
