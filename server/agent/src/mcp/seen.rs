//! Keeps which apps called `/mcp` for a person: the page of this address and the workshop show people their own.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use serde_json::Value;

use crate::{
    state::Agent,
    store::mcp_call::{self, Call},
    tools::Caller,
};

/// A call that was kept is kept again after this time, in milliseconds.
const AGAIN: i64 = 5_000;

/// The longest name of an app, in characters.
const NAME: usize = 60;

/// What this process kept lately, so that a busy app doesn't write with each call.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<HashMap<String, i64>>);

impl Kept {
    /// The most entries; then all are forgotten.
    const MOST: usize = 10_000;

    fn is_due(&self, key: String, now: i64) -> bool {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.get(&key).is_some_and(|at| now - at < AGAIN) {
            return false;
        }
        if kept.len() >= Self::MOST {
            kept.clear();
        }
        kept.insert(key, now);
        true
    }
}

/// A message of an app that was let in.
pub(super) async fn admitted(agent: &Agent, caller: &Caller, message: &Value) {
    let params = &message["params"];
    let named = [&params["clientInfo"], &params["_meta"]["io.modelcontextprotocol/clientInfo"]];
    let name = named.iter().find_map(|info| info["title"].as_str().or(info["name"].as_str()));
    let name = name.map(|name| name.chars().filter(|c| !c.is_control()).take(NAME).collect::<String>());
    keep(agent, caller, "", name.as_deref().filter(|name| !name.trim().is_empty())).await;
}

/// A tool answered.
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
    // The call itself goes on.
    if let Err(error) = mcp_call::keep(agent.db.pool(), call, now).await {
        foundation::sparsely!(warn, %error, "a call at /mcp couldn't be kept for its person's page");
    }
}
