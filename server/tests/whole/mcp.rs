//! Calls at `/mcp` for these tests.

use driver::{ALICE, Browser, Outcome, Setup};
use serde_json::{Value, json};

use crate::support::stolen;

/// A token for `/mcp`, which the chat's own client gets by a refresh.
pub(crate) async fn token(setup: &Setup, browser: &mut Browser) -> Outcome<String> {
    let agent = stolen(setup, browser)?;
    let refresh_token = agent.refresh_token(browser, ALICE).await?;
    let mcp = setup.sites.agent.join("mcp")?;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
        ("audience", mcp.as_str()),
        ("scope", "portfolio:read trade:read trade:write"),
    ];
    agent.token(&setup.sites.identity, &form).await?.get("access_token")
}

/// The result of a tool.
pub(crate) async fn call(setup: &driver::Setup, token: &str, tool: &str, arguments: Value) -> Outcome<Value> {
    let params = json!({ "name": tool, "arguments": arguments });
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let request = setup.sites.client()?.post(setup.sites.agent.join("mcp")?).bearer_auth(token).json(&body);
    let request = request.header("accept", "application/json, text/event-stream");
    let response = request.header("mcp-protocol-version", "2025-11-25").send().await?.error_for_status()?;
    let text = response.text().await?;
    let data = text.lines().find_map(|line| line.strip_prefix("data:").map(str::trim).filter(|data| !data.is_empty()));
    let answer: Value = serde_json::from_str(data.unwrap_or(&text))?;
    assert!(answer["result"]["isError"] != true && answer["error"].is_null(), "{answer}");
    Ok(answer["result"].clone())
}
