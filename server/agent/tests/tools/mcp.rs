//! `/mcp` in the three revisions of the protocol.

use futures::StreamExt;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use world::{grant, refusal};

use crate::{
    schema,
    sites::{World, definitions, find},
};

pub const ALL: &str = "portfolio:read trade:read trade:write";
pub const REVISIONS: [&str; 3] = ["2025-06-18", "2025-11-25", "2026-07-28"];

/// A request as a client of this revision writes it.
pub fn request(world: &World, token: &str, version: &str, method: &str, mut params: Value) -> RequestBuilder {
    let mut request = world
        .http
        .client()
        .post(world.url("mcp"))
        .header("accept", "application/json, text/event-stream")
        .timeout(std::time::Duration::from_secs(60))
        .bearer_auth(token);
    if method != "initialize" {
        request = request.header("mcp-protocol-version", version);
    }
    if version == "2026-07-28" {
        request = request.header("mcp-method", method);
        if let Some(name) = params["name"].as_str() {
            request = request.header("mcp-name", name);
        }
        let mut meta = json!({
            "io.modelcontextprotocol/protocolVersion": version,
            "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        if let Some(own) = params["_meta"].as_object() {
            meta.as_object_mut().unwrap().extend(own.clone());
        }
        params["_meta"] = meta;
    }
    request.json(&json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params }))
}

/// All messages of an answer, whether JSON or a stream.
pub async fn messages(response: Response) -> Vec<Value> {
    let is_stream = response.headers()["content-type"].as_bytes().starts_with(b"text/event-stream");
    let text = response.text().await.unwrap();
    if !is_stream {
        return vec![serde_json::from_str(&text).unwrap()];
    }
    text.lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

/// The next message of an open stream.
pub async fn next_message<S: futures::Stream<Item = reqwest::Result<bytes::Bytes>> + Unpin>(
    stream: &mut S,
    kept: &mut String,
) -> Option<Value> {
    loop {
        if let Some((event, rest)) = kept.split_once("\n\n") {
            let data = event.lines().find_map(|line| line.strip_prefix("data: ")).map(str::to_owned);
            *kept = rest.to_owned();
            match data {
                Some(data) => return Some(serde_json::from_str(&data).unwrap()),
                None => continue,
            }
        }
        kept.push_str(std::str::from_utf8(&stream.next().await?.ok()?).unwrap());
    }
}

/// The result of a call.
pub async fn call(world: &World, token: &str, version: &str, tool: &str, arguments: Value) -> Value {
    let params = json!({ "name": tool, "arguments": arguments });
    let response = request(world, token, version, "tools/call", params).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let mut all = messages(response).await;
    let last = all.pop().unwrap();
    assert_eq!((all.len(), &last["id"]), (0, &json!(7)), "{last}");
    last["result"].clone()
}

fn capabilities() -> Value {
    let extensions = json!({ "io.modelcontextprotocol/tasks": {} });
    json!({ "tools": {}, "resources": {}, "prompts": {}, "extensions": extensions })
}

#[tokio::test]
async fn the_older_revisions_begin_with_a_handshake() {
    let world = World::new().await;
    let token = world.mcp_token(ALL);
    for version in ["2025-06-18", "2025-11-25"] {
        let hello = json!({
            "protocolVersion": version,
            "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        });
        let response = request(&world, &token, version, "initialize", hello).send().await.unwrap();
        assert!(!response.headers().contains_key("mcp-session-id"), "no session is kept");
        let result = messages(response).await.remove(0)["result"].clone();
        assert_eq!(result["protocolVersion"], version);
        assert_eq!(result["serverInfo"]["name"], "mandate");
        assert_eq!(result["capabilities"], capabilities());
        assert!(result["instructions"].as_str().unwrap().contains("waits until the person approves"));
        let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let ready = request(&world, &token, version, "ping", json!({})).json(&ready).send().await.unwrap();
        assert_eq!(ready.status(), StatusCode::ACCEPTED);
    }
    // Any other requested revision is answered with the newest one that has a handshake.
    for version in ["1999-01-01", "2024-11-05", "2025-03-26", "2026-07-28", "2099-01-01"] {
        let hello =
            json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } });
        let response = request(&world, &token, "2025-11-25", "initialize", hello).send().await.unwrap();
        let result = messages(response).await.remove(0)["result"].clone();
        assert_eq!(result["protocolVersion"], "2025-11-25", "{version}");
    }
}

#[tokio::test]
async fn the_newest_revision_is_discovered() {
    let world = World::new().await;
    let response = request(&world, &world.mcp_token(ALL), "2026-07-28", "server/discover", json!({})).send().await;
    let result = messages(response.unwrap()).await.remove(0)["result"].clone();
    assert_eq!(result["supportedVersions"], json!(REVISIONS));
    assert_eq!(result["capabilities"], capabilities());
}

#[tokio::test]
async fn all_revisions_list_the_same_tools() {
    let world = World::new().await;
    let token = world.mcp_token(ALL);
    let mut lists = Vec::new();
    for version in REVISIONS {
        let response = request(&world, &token, version, "tools/list", json!({})).send().await.unwrap();
        let result = messages(response).await.remove(0)["result"].clone();
        if version == "2026-07-28" {
            assert_eq!((&result["ttlMs"], &result["cacheScope"]), (&json!(600_000), &json!("public")));
            assert_eq!(result["resultType"], "complete");
        }
        lists.push(result["tools"].clone());
    }
    assert_eq!(lists[0], lists[1]);
    assert_eq!(lists[1], lists[2]);
    let tools = lists[0].as_array().unwrap();
    let names: Vec<_> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    let defined = definitions().iter().map(|tool| tool.name.as_str());
    let defined: Vec<_> = defined.chain(["get_request"]).collect();
    assert_eq!(names, defined);
    let find = |name: &str| tools.iter().find(|tool| tool["name"] == name).unwrap();
    assert_eq!(
        find("create_order")["annotations"],
        json!({ "title": "Place an order", "readOnlyHint": false, "destructiveHint": true, "idempotentHint": false,
                "openWorldHint": true })
    );
    assert_eq!(find("get_portfolio")["annotations"]["readOnlyHint"], true);
    assert_eq!(
        find("create_order")["_meta"],
        json!({ "mandate/requiredScopes": ["trade:read", "trade:write"], "mandate/approval": true,
                "anthropic/requiresUserInteraction": true })
    );
    assert_eq!(find("whoami")["_meta"], json!({ "mandate/requiredScopes": [], "mandate/approval": false }));
}

#[tokio::test]
async fn all_revisions_call_tools_alike() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    for version in REVISIONS {
        for (tool, arguments) in [
            ("whoami", json!({})),
            ("get_stock_price", json!({ "symbol": "wayne" })),
            ("get_portfolio", json!({})),
            ("get_order_history", json!({})),
        ] {
            let result = call(&world, &token, version, tool, arguments).await;
            assert_eq!(result["isError"], false, "{tool}: {result}");
            let structured = &result["structuredContent"];
            assert_eq!(schema::fault(&find(tool).unwrap().output, structured, tool), None);
            // The JSON appears once, with text beside it.
            let [content] = result["content"].as_array().unwrap().as_slice() else { panic!("{result}") };
            let text = content["text"].as_str().unwrap();
            assert!(text.contains(": ") && !text.contains(['{', '}', '"']), "{text}");
        }
        let whoami = call(&world, &token, version, "whoami", json!({})).await;
        assert_eq!(
            whoami["structuredContent"],
            json!({ "loggedIn": true, "name": "Alice", "subject": world.subject, "client": "tpc_claude",
                    "scopes": ["portfolio:read", "trade:read", "trade:write"] })
        );
        // An error that a model can fix is a tool result.
        let wrong = call(&world, &token, version, "get_stock_price", json!({ "symbol": "NOPE" })).await;
        assert_eq!(wrong["isError"], true);
        assert!(wrong["content"][0]["text"].as_str().unwrap().starts_with("StockTrade has no stock NOPE."));
        assert!(wrong.get("structuredContent").is_none());
        // An error that no model can fix is a protocol error.
        let unknown = request(&world, &token, version, "tools/call", json!({ "name": "nope", "arguments": {} }));
        let unknown = messages(unknown.send().await.unwrap()).await.remove(0);
        assert_eq!(unknown["error"]["code"], -32602, "{unknown}");
    }
}

/// THREATS.md line 20.
#[tokio::test]
async fn line_20_callers_token_goes_only_to_the_vault() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    call(&world, &token, "2025-11-25", "get_stock_price", json!({ "symbol": "WAYNE" })).await;
    assert!(world.at_identity.seen("/oauth/token").is_empty(), "a public tool needs no token");
    call(&world, &token, "2025-11-25", "get_portfolio", json!({})).await;
    let grants = world.at_identity.grants("federated-connection-access-token");
    let [exchange] = grants.as_slice() else { panic!("{grants:?}") };
    assert_eq!((exchange.field("client_id").as_str(), exchange.field("subject_token")), ("agent-mcp", token.clone()));
    assert_eq!(exchange.field("subject_token_type"), "urn:ietf:params:oauth:token-type:access_token");
    let at_broker = world.at_broker.seen("/");
    assert!(at_broker.iter().any(|seen| seen.holds("Bearer ")), "{at_broker:?}");
    for seen in at_broker {
        assert!(!seen.holds(&token), "{seen:?}");
    }
}

#[tokio::test]
async fn an_account_that_is_not_connected_says_where_to_go() {
    let world = World::new().await;
    let token = world.mcp_token(ALL);
    for tool in ["get_portfolio", "create_order"] {
        let arguments =
            if tool == "create_order" { json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 1 }) } else { json!({}) };
        let result = call(&world, &token, "2025-11-25", tool, arguments).await;
        assert_eq!(result["isError"], true);
        let said = result["content"][0]["text"].as_str().unwrap();
        assert!(said.contains(&format!("open {} ,", world.url("accounts"))), "{said}");
    }
    // The caller's token is no longer active at the identity service.
    world.at_identity.fails(grant("federated-connection-access-token"), refusal(400, "invalid_grant"));
    let result = call(&world, &token, "2025-11-25", "get_portfolio", json!({})).await;
    assert!(result["content"][0]["text"].as_str().unwrap().contains("must log in to this server again"));
}
