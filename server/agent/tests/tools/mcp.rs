//! `/mcp`: who is let in, and what the three revisions of the protocol are answered.

use base::{jwt::SigningKey, secret};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures::StreamExt;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use crate::{schema, world::World};

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

/// Every message of an answer, whether it came as JSON or as a stream.
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

/// The next message of a stream that is still open.
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

fn challenge(response: &Response) -> String {
    response.headers().get("www-authenticate").map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

#[tokio::test]
async fn the_metadata_leads_to_the_identity_service() {
    let world = World::new().await;
    for path in [".well-known/oauth-protected-resource", ".well-known/oauth-protected-resource/mcp"] {
        let response = world.get(path, "").await;
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        assert_eq!(
            response.json::<Value>().await.unwrap(),
            json!({
                "resource": world.url("mcp"),
                "resource_name": "Mandate",
                "authorization_servers": [world.tenant.site.issuer()],
                "scopes_supported": ["portfolio:read", "trade:read", "trade:write"],
                "bearer_methods_supported": ["header"],
            })
        );
        let client = world.http.client();
        let preflight = client.request(reqwest::Method::OPTIONS, world.url(path)).send().await.unwrap();
        assert_eq!(preflight.headers()["access-control-allow-headers"], "*");
    }
}

/// security.md line 43.
#[tokio::test]
async fn line_43_without_a_token_the_way_to_one_is_named() {
    let world = World::new().await;
    let client = world.http.client();
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    let response = client.post(world.url("mcp")).json(&ping).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let metadata = world.url(".well-known/oauth-protected-resource/mcp");
    assert_eq!(challenge(&response), format!("Bearer resource_metadata=\"{metadata}\", scope=\"{ALL}\""));
    // Every method is closed, not only POST; and a cookie is no token.
    let (cookie, _) = world.browser(None).await;
    for method in [reqwest::Method::GET, reqwest::Method::DELETE, reqwest::Method::PUT] {
        let response = client.request(method, world.url("mcp")).header("cookie", &cookie).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    }
    for wrong in ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer a b", "Token abc"] {
        let response = client.post(world.url("mcp")).header("authorization", wrong).json(&ping).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{wrong}");
        assert!(challenge(&response).starts_with("Bearer error=\"invalid_token\""), "{wrong}");
    }
    let token = world.mcp_token(ALL);
    let twice = client.post(world.url("mcp")).bearer_auth(&token).header("authorization", "Bearer x").json(&ping);
    assert_eq!(twice.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let in_query = client.post(format!("{}?access_token={token}", world.url("mcp"))).json(&ping);
    assert_eq!(in_query.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

/// security.md lines 19 and 20: what isn't a token of our issuer, for this API, is no token.
#[tokio::test]
async fn line_19_20_other_tokens_open_nothing() {
    let world = World::new().await;
    let good = world.mcp_claims(ALL);
    let change = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let sign = |claims: &Value| world.tenant.token(claims);
    let now = world.clock.seconds();
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let (header, rest) = sign(&good).split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let header: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    let with_header = |name: &str, value: Value| {
        let mut header = header.clone();
        header[name] = value;
        format!("{}.{rest}", encode(&header))
    };
    let (stranger, _) = SigningKey::generate().unwrap();
    let issuer = world.tenant.site.issuer();
    let (payload, signature) = rest.split_once('.').unwrap();
    let forgeries = [
        ("for the broker", sign(&change("aud", "http://trade.localhost/api".into()))),
        ("for the account API", sign(&change("aud", format!("{issuer}me/").into()))),
        ("for the vault", sign(&change("aud", format!("{issuer}vault/").into()))),
        ("for a resource that begins alike", sign(&change("aud", world.url("mcp/").into()))),
        ("for nobody", sign(&change("aud", json!([])))),
        ("of another issuer", sign(&change("iss", "http://evil.localhost/".into()))),
        ("of an issuer without its slash", sign(&change("iss", issuer.trim_end_matches('/').into()))),
        ("expired", sign(&change("exp", (now - 61).into()))),
        ("not yet", sign(&change("nbf", (now + 120).into()))),
        ("without an end", sign(&change("exp", Value::Null))),
        ("an id token", world.tenant.token_of_type("JWT", &good)),
        ("a statement of approval", world.tenant.token_of_type("approval+jwt", &good)),
        ("without a client", {
            let mut claims = good.clone();
            claims.as_object_mut().unwrap().retain(|name, _| name != "azp" && name != "client_id");
            sign(&claims)
        }),
        ("signed by a stranger", stranger.sign("at+jwt", &good).unwrap()),
        ("signed by nobody", format!("{}.{payload}.", encode(&json!({ "alg": "none", "typ": "at+jwt" })))),
        ("with another algorithm", with_header("alg", "HS256".into())),
        ("with a path for a key", with_header("kid", "../../etc/passwd".into())),
        ("with a key address", with_header("jku", "http://evil.localhost/jwks".into())),
        ("with something critical", with_header("crit", json!(["exp"]))),
        ("with another payload", {
            let more = encode(&change("scope", "admin".into()));
            format!("{}.{more}.{signature}", encode(&header))
        }),
        ("cut", sign(&good)[..60].to_owned()),
        ("not a token", secret::token()),
    ];
    for (what, token) in forgeries {
        let response = request(&world, &token, "2025-11-25", "ping", json!({})).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{what}");
        assert!(challenge(&response).contains("resource_metadata="), "{what}");
        let body = response.text().await.unwrap();
        assert!(body.contains("invalid_token") && !body.contains(&token), "{what}: {body}");
    }
    let response = request(&world, &sign(&good), "2025-11-25", "ping", json!({})).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "the token that all of these were made from");
}

/// security.md line 43.
#[tokio::test]
async fn line_43_another_sites_page_or_name_is_refused() {
    let world = World::new().await;
    let token = world.mcp_token(ALL);
    for origin in ["null", "http://evil.example", "http://localhost:6274", world.tenant.site.origin(), ""] {
        let response = request(&world, &token, "2025-11-25", "ping", json!({})).header("origin", origin);
        assert_eq!(response.send().await.unwrap().status(), StatusCode::FORBIDDEN, "{origin}");
    }
    let port = world.site.url().port().unwrap();
    for host in
        ["evil.example".to_owned(), format!("127.0.0.1:{port}"), format!("localhost:{port}"), "agent.localhost".into()]
    {
        let response = request(&world, &token, "2025-11-25", "ping", json!({})).header("host", &host);
        assert_eq!(response.send().await.unwrap().status(), StatusCode::FORBIDDEN, "{host}");
    }
    let own = request(&world, &token, "2025-11-25", "ping", json!({})).header("origin", world.site.origin());
    assert_eq!(own.send().await.unwrap().status(), StatusCode::OK);
}

/// security.md line 43: all scopes that the call needs, with those that the client has.
#[tokio::test]
async fn line_43_too_little_scope_is_named() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token("portfolio:read");
    let metadata = world.url(".well-known/oauth-protected-resource/mcp");
    for version in REVISIONS {
        for (tool, needed, all) in [
            ("get_order_history", "trade:read", "portfolio:read trade:read"),
            ("create_order", "trade:read trade:write", ALL),
            ("cancel_order", "trade:read trade:write", ALL),
        ] {
            let params = json!({ "name": tool, "arguments": {} });
            let response = request(&world, &token, version, "tools/call", params).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::FORBIDDEN);
            assert_eq!(
                challenge(&response),
                format!(
                    "Bearer error=\"insufficient_scope\", scope=\"{all}\", resource_metadata=\"{metadata}\", \
                     error_description=\"This tool needs {needed}.\""
                )
            );
        }
        let portfolio = call(&world, &token, version, "get_portfolio", json!({})).await;
        assert_eq!(portfolio["isError"], false);
    }
    // A name that is there twice is read once, by whom it counts for: the tool itself checks again.
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"create_order","name":"whoami","arguments":{"symbol":"WAYNE","side":"BUY","quantity":1}}}"#;
    let twice = request(&world, &token, "2025-11-25", "ping", json!({})).body(body).send().await.unwrap();
    let text = twice.text().await.unwrap();
    assert!(!text.contains("approve") && world.tenant.state().asked.is_empty(), "{text}");
}

#[tokio::test]
async fn line_43_headers_and_body_that_disagree_are_refused() {
    let world = World::new().await;
    let token = world.mcp_token(ALL);
    let call = || request(&world, &token, "2026-07-28", "tools/call", json!({ "name": "whoami", "arguments": {} }));
    assert_eq!(call().send().await.unwrap().status(), StatusCode::OK);
    let with = |name: &'static str, value: &'static str| {
        let mut request = call().build().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
        world.http.client().execute(request)
    };
    for (name, value) in [
        ("mcp-method", "tools/list"),
        ("mcp-name", "create_order"),
        ("mcp-protocol-version", "2025-11-25"),
        ("mcp-protocol-version", "1999-01-01"),
    ] {
        let response = with(name, value).await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{name}: {value}");
    }
    let mut without = call().build().unwrap();
    without.headers_mut().remove("mcp-method");
    assert_eq!(world.http.client().execute(without).await.unwrap().status(), StatusCode::BAD_REQUEST);
    let unknown = request(&world, &token, "1999-01-01", "ping", json!({})).send().await.unwrap();
    assert_eq!(unknown.status(), StatusCode::BAD_REQUEST);
}

/// security.md line 47.
#[tokio::test]
async fn line_47_long_bodies_and_floods_are_refused() {
    let world = World::new().await;
    let token = world.mcp_token(ALL);
    let long = json!({ "name": "search_stocks", "arguments": { "query": "x".repeat(70_000) } });
    let response = request(&world, &token, "2025-11-25", "tools/call", long).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let mut refused = None;
    for _ in 0..70 {
        let response = request(&world, &token, "2025-11-25", "ping", json!({})).send().await.unwrap();
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(response);
            break;
        }
    }
    let refused = refused.expect("the flood is refused");
    assert!(refused.headers().contains_key("retry-after"));
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
        assert_eq!(result["capabilities"], json!({ "tools": {} }));
        assert!(result["instructions"].as_str().unwrap().contains("Orders wait until the person approves"));
        let ready = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        let ready = request(&world, &token, version, "ping", json!({})).json(&ready).send().await.unwrap();
        assert_eq!(ready.status(), StatusCode::ACCEPTED);
    }
    // An unknown revision gets one that is known.
    let hello =
        json!({ "protocolVersion": "1999-01-01", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } });
    let response = request(&world, &token, "1999-01-01", "initialize", hello).send().await.unwrap();
    let result = messages(response).await.remove(0)["result"].clone();
    assert_eq!(result["protocolVersion"], "2025-11-25");
}

#[tokio::test]
async fn the_newest_revision_is_discovered() {
    let world = World::new().await;
    let response = request(&world, &world.mcp_token(ALL), "2026-07-28", "server/discover", json!({})).send().await;
    let result = messages(response.unwrap()).await.remove(0)["result"].clone();
    for version in REVISIONS {
        assert!(result["supportedVersions"].as_array().unwrap().contains(&version.into()), "{result}");
    }
    assert_eq!(result["capabilities"], json!({ "tools": {} }));
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
    let defined: Vec<_> = agent::tools::definitions().iter().map(|tool| tool.name).collect();
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
        json!({ "mandate/requiredScopes": ["trade:read", "trade:write"], "mandate/approval": true })
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
            assert_eq!(schema::fault(&agent::tools::find(tool).unwrap().output, structured, tool), None);
            let text = result["content"][1]["text"].as_str().unwrap();
            assert_eq!(&serde_json::from_str::<Value>(text).unwrap(), structured);
        }
        let whoami = call(&world, &token, version, "whoami", json!({})).await;
        assert_eq!(
            whoami["structuredContent"],
            json!({ "loggedIn": true, "name": "Alice", "subject": "usr_alice", "client": "tpc_claude",
                    "scopes": ["portfolio:read", "trade:read", "trade:write"] })
        );
        // What a model can mend is a result that it reads.
        let wrong = call(&world, &token, version, "get_stock_price", json!({ "symbol": "NOPE" })).await;
        assert_eq!(wrong["isError"], true);
        assert!(wrong["content"][0]["text"].as_str().unwrap().starts_with("StockTrade has no stock NOPE."));
        assert!(wrong.get("structuredContent").is_none());
        // What no model can mend is an error of the protocol.
        let unknown = request(&world, &token, version, "tools/call", json!({ "name": "nope", "arguments": {} }));
        let unknown = messages(unknown.send().await.unwrap()).await.remove(0);
        assert_eq!(unknown["error"]["code"], -32602, "{unknown}");
    }
}

/// security.md line 20.
#[tokio::test]
async fn line_20_the_callers_token_goes_to_the_vault_and_nowhere_else() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    call(&world, &token, "2025-11-25", "get_stock_price", json!({ "symbol": "WAYNE" })).await;
    assert!(world.tenant.state().tokens.is_empty(), "a public tool needs no token");
    call(&world, &token, "2025-11-25", "get_portfolio", json!({})).await;
    let grants = world.tenant.grants("federated-connection-access-token");
    let [exchange] = grants.as_slice() else { panic!("{grants:?}") };
    assert_eq!((exchange["client_id"].as_str(), exchange["subject_token"].as_str()), ("agent-mcp", token.as_str()));
    assert_eq!(exchange["subject_token_type"], "urn:ietf:params:oauth:token-type:access_token");
    for (_, path, bearer) in &world.broker.state().seen {
        assert!(!bearer.contains(&token) && !path.contains(&token), "{path}");
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
    // The caller's token is dead at the identity service.
    world.tenant.state().refuses = Some((400, "invalid_grant"));
    let result = call(&world, &token, "2025-11-25", "get_portfolio", json!({})).await;
    assert!(result["content"][0]["text"].as_str().unwrap().contains("must log in to this server again"));
}
