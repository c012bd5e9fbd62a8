//! `/mcp`: every refusal is a JSON-RPC error with its reason, whichever layer refuses.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use world::Fault;

use crate::{
    mcp::{ALL, REVISIONS, call, request},
    sites::World,
};

/// Asserts a JSON-RPC error; returns its id (or null), code and message.
async fn refusal(response: reqwest::Response, status: StatusCode, what: &str) -> (Value, i64, String) {
    assert_eq!(response.status(), status, "{what}");
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/json", "{what}");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["jsonrpc"], "2.0", "{what}: {body}");
    assert!(body.get("result").is_none(), "{what}: {body}");
    let error = &body["error"];
    (body["id"].clone(), error["code"].as_i64().unwrap(), error["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_body_that_is_no_message_is_refused_with_the_reason() {
    let world = World::new().await;
    let token = world.mcp_token(ALL);
    for version in REVISIONS {
        for (body, id, code, says) in [
            ("", Value::Null, -32700, "The body isn't JSON: EOF"),
            ("{", Value::Null, -32700, "The body isn't JSON"),
            ("\u{feff}{}", Value::Null, -32700, "The body isn't JSON"),
            ("[]", Value::Null, -32600, "Batches aren't supported"),
            (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, Value::Null, -32600, "Batches aren't supported"),
            ("null", Value::Null, -32600, "not one JSON-RPC 2.0 message"),
            ("\"ping\"", Value::Null, -32600, "not one JSON-RPC 2.0 message"),
            (r#"{"id":1,"method":"ping"}"#, json!(1), -32600, "not one JSON-RPC 2.0 message"),
            (r#"{"jsonrpc":"1.0","id":"a","method":"ping"}"#, json!("a"), -32600, "not one JSON-RPC 2.0 message"),
            (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, json!(1), -32600, "params must be an object"),
            (r#"{"jsonrpc":"2.0","id":1,"method":7}"#, json!(1), -32600, "method must be a text"),
            (r#"{"jsonrpc":"2.0","id":1}"#, json!(1), -32600, "not a request, notification or answer"),
            (r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, Value::Null, -32600, "id must be a text or a number"),
            (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, Value::Null, -32600, "id must be a text or a number"),
        ] {
            let response = request(&world, &token, version, "ping", json!({})).body(body).send().await.unwrap();
            let (had, error, message) = refusal(response, StatusCode::BAD_REQUEST, body).await;
            assert_eq!((had, error), (id, code), "{version} {body}: {message}");
            assert!(message.contains(says), "{version} {body}: {message}");
        }
    }
}

#[tokio::test]
async fn unknown_revision_is_refused_with_the_supported_ones() {
    let world = World::new().await;
    let token = world.mcp_token(ALL);
    for version in ["1999-01-01", "2024-11-05", "2025-03-26", "2099-01-01", "x", ""] {
        let response = request(&world, &token, version, "tools/list", json!({})).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{version}");
        let body: Value = response.json().await.unwrap();
        assert_eq!((&body["id"], &body["error"]["code"]), (&json!(7), &json!(-32022)), "{version}: {body}");
        assert_eq!(body["error"]["data"], json!({ "requested": version, "supported": REVISIONS }));
        let said = body["error"]["message"].as_str().unwrap();
        assert!(said.contains("2025-06-18, 2025-11-25, 2026-07-28"), "{said}");
    }
    // Some clients of older revisions don't send the header.
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    let client = world.http.client();
    let bare =
        client.post(world.url("mcp")).bearer_auth(&token).header("accept", "application/json, text/event-stream");
    assert_eq!(bare.json(&ping).send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn transport_refusals_are_json_rpc_errors() {
    let world = World::new().await;
    let token = world.mcp_token(ALL);
    let client = world.http.client();
    for method in [Method::GET, Method::DELETE, Method::PUT] {
        let response = client.request(method.clone(), world.url("mcp")).bearer_auth(&token).send().await.unwrap();
        assert_eq!(response.headers()[header::ALLOW], "POST");
        refusal(response, StatusCode::METHOD_NOT_ALLOWED, method.as_str()).await;
    }
    let ping = || request(&world, &token, "2025-11-25", "ping", json!({})).build().unwrap();
    for (name, value, status) in [
        ("accept", "text/html", StatusCode::NOT_ACCEPTABLE),
        ("content-type", "text/plain", StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ] {
        let mut request = ping();
        request.headers_mut().insert(name, value.parse().unwrap());
        let (id, code, message) = refusal(client.execute(request).await.unwrap(), status, name).await;
        assert_eq!((id, code), (json!(7), -32600), "{message}");
    }
    let mut foreign = ping();
    foreign.headers_mut().insert("origin", "https://evil.example".parse().unwrap());
    refusal(client.execute(foreign).await.unwrap(), StatusCode::FORBIDDEN, "origin").await;
    let long = request(&world, &token, "2025-11-25", "ping", json!({ "x": "x".repeat(70_000) })).send().await.unwrap();
    refusal(long, StatusCode::PAYLOAD_TOO_LARGE, "long").await;
    world.at_identity.fails("/oauth/introspect", Fault::ServerError);
    refusal(client.execute(ping()).await.unwrap(), StatusCode::SERVICE_UNAVAILABLE, "unchecked").await;
}

#[tokio::test]
async fn the_address_with_a_slash_at_its_end_works_too() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    for version in REVISIONS {
        let params = json!({ "name": "get_portfolio", "arguments": {} });
        let mut called = request(&world, &token, version, "tools/call", params).build().unwrap();
        called.url_mut().set_path("/mcp/");
        let response = world.http.client().execute(called).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert!(response.text().await.unwrap().contains("cashBalance"));
    }
    // The address with a slash has the same guard.
    let bare = world.http.client().post(world.url("mcp/")).body("{}").send().await.unwrap();
    assert_eq!(bare.status(), StatusCode::UNAUTHORIZED);
}

/// THREATS.md line 47: a model reads when it may continue; other requests get the usual error.
#[tokio::test]
async fn line_47_a_limit_answers_a_tool_with_when_to_go_on() {
    let world = World::new().await;
    let token = world.mcp_token(ALL);
    let whoami = |version| call(&world, &token, version, "whoami", json!({}));
    let mut limited = None;
    for _ in 0..90 {
        let result = whoami("2025-11-25").await;
        if result["isError"] == true {
            limited = Some(result);
            break;
        }
    }
    let limited = limited.expect("a limit");
    let said = limited["content"][0]["text"].as_str().unwrap();
    assert!(said.contains("Nothing was done. Try again in 1 second."), "{said}");
    assert!(limited.get("resultType").is_none(), "{limited}");
    // The limit may allow another call in the meantime.
    let mut newest = Value::Null;
    for _ in 0..5 {
        newest = whoami("2026-07-28").await;
        if newest["isError"] == true {
            break;
        }
    }
    assert_eq!((&newest["isError"], &newest["resultType"]), (&json!(true), &json!("complete")), "{newest}");
    let mut listed = request(&world, &token, "2025-11-25", "tools/list", json!({})).send().await.unwrap();
    for _ in 0..5 {
        if listed.status() != StatusCode::OK {
            break;
        }
        listed = request(&world, &token, "2025-11-25", "tools/list", json!({})).send().await.unwrap();
    }
    assert_eq!(listed.headers()["retry-after"], "1");
    let (id, _, said) = refusal(listed, StatusCode::TOO_MANY_REQUESTS, "a list").await;
    assert!(id == 7 && said.contains("Try again in 1 second."), "{said}");
    // The limit doesn't apply to another app, or to the same app for another person.
    for (name, value) in [("client_id", "tpc_other"), ("sub", world.bob().await.as_str())] {
        let mut claims = world.mcp_claims(ALL);
        claims[name] = value.into();
        let other = call(&world, &world.sign(&claims), "2025-11-25", "whoami", json!({})).await;
        assert_eq!(other["isError"], false, "{name}: {other}");
    }
}
