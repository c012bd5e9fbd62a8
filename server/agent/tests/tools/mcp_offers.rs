//! `/mcp`: resources, prompts and icons.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::{
    mcp::{ALL, REVISIONS, call, messages, request},
    schema,
    sites::{World, find},
};

async fn ask(world: &World, token: &str, version: &str, method: &str, params: Value) -> Value {
    let mut request = request(world, token, version, method, params.clone()).build().unwrap();
    if let Some(uri) = params["uri"].as_str().filter(|_| version == "2026-07-28") {
        request.headers_mut().insert("mcp-name", uri.parse().unwrap());
    }
    messages(world.http.client().execute(request).await.unwrap()).await.pop().unwrap()
}

#[tokio::test]
async fn portfolio_orders_and_prices_are_resources() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    for version in REVISIONS {
        let listed = ask(&world, &token, version, "resources/list", json!({})).await;
        let uris: Vec<&str> =
            listed["result"]["resources"].as_array().unwrap().iter().map(|it| it["uri"].as_str().unwrap()).collect();
        assert_eq!(uris, ["mandate://portfolio", "mandate://prices"], "{listed}");
        let templates = ask(&world, &token, version, "resources/templates/list", json!({})).await;
        let templates = templates["result"]["resourceTemplates"].as_array().unwrap().clone();
        let uris: Vec<&str> = templates.iter().map(|it| it["uriTemplate"].as_str().unwrap()).collect();
        assert_eq!(uris, ["mandate://orders/{order}", "mandate://prices/{symbol}"]);
        for (uri, tool, arguments) in [
            ("mandate://portfolio", "get_portfolio", json!({})),
            ("mandate://prices", "search_stocks", json!({})),
            ("mandate://prices/WAYNE", "get_stock_price", json!({ "symbol": "WAYNE" })),
        ] {
            let read = ask(&world, &token, version, "resources/read", json!({ "uri": uri })).await;
            let [contents] = read["result"]["contents"].as_array().unwrap().as_slice() else { panic!("{read}") };
            assert_eq!((&contents["uri"], &contents["mimeType"]), (&json!(uri), &json!("application/json")));
            let found: Value = serde_json::from_str(contents["text"].as_str().unwrap()).unwrap();
            assert_eq!(schema::fault(&find(tool).unwrap().output, &found, uri), None);
            let called = call(&world, &token, version, tool, arguments).await;
            assert_eq!(
                found.as_object().map(|it| it.len()),
                called["structuredContent"].as_object().map(|it| it.len())
            );
        }
        for missing in [
            "mandate://orders/ord_none",
            "mandate://prices/NOPE",
            "mandate://nothing",
            "file:///etc/passwd",
            "",
            "mandate://portfolio/x",
        ] {
            let read = ask(&world, &token, version, "resources/read", json!({ "uri": missing })).await;
            assert!(
                read["error"]["code"].as_i64().is_some_and(|code| code == -32002 || code == -32602),
                "{missing}: {read}"
            );
            assert!(!read["error"]["message"].as_str().unwrap().is_empty());
        }
    }
}

/// THREATS.md line 43: a resource needs the scopes of the tool behind it.
#[tokio::test]
async fn line_43_a_resource_needs_its_scopes() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token("trade:read");
    for (uri, needed) in
        [("mandate://portfolio", Some("portfolio:read")), ("mandate://orders/ord_1", None), ("mandate://prices", None)]
    {
        let response =
            request(&world, &token, "2025-11-25", "resources/read", json!({ "uri": uri })).send().await.unwrap();
        match needed {
            Some(needed) => {
                assert_eq!(response.status(), StatusCode::FORBIDDEN, "{uri}");
                let challenge = response.headers()["www-authenticate"].to_str().unwrap().to_owned();
                assert!(challenge.contains("insufficient_scope") && challenge.contains(needed), "{challenge}");
            }
            None => assert_eq!(response.status(), StatusCode::OK, "{uri}"),
        }
    }
    let nothing = world.mcp_token("");
    let order = request(&world, &nothing, "2025-11-25", "resources/read", json!({ "uri": "mandate://orders/ord_1" }));
    assert_eq!(order.send().await.unwrap().status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_account_that_is_not_connected_is_named_by_a_resource() {
    let world = World::new().await;
    let token = world.mcp_token(ALL);
    let read = ask(&world, &token, "2025-11-25", "resources/read", json!({ "uri": "mandate://portfolio" })).await;
    assert!(read["error"]["message"].as_str().unwrap().contains(&world.url("accounts")), "{read}");
}

#[tokio::test]
async fn prompts_ask_for_a_briefing_and_the_last_order() {
    let world = World::new().await;
    let token = world.mcp_token(ALL);
    for version in REVISIONS {
        let listed = ask(&world, &token, version, "prompts/list", json!({})).await["result"]["prompts"].clone();
        let names: Vec<&str> = listed.as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["briefing", "explain_last_order"]);
        for name in names {
            let got = ask(&world, &token, version, "prompts/get", json!({ "name": name })).await;
            let [message] = got["result"]["messages"].as_array().unwrap().as_slice() else { panic!("{got}") };
            assert_eq!(message["role"], "user");
            let text = message["content"]["text"].as_str().unwrap();
            // The prompt names existing tools.
            let named =
                text.split(|c: char| !c.is_ascii_lowercase() && c != '_').filter(|word| word.starts_with("get_"));
            let named: Vec<&str> = named.collect();
            assert!(!named.is_empty() && named.iter().all(|tool| find(tool).is_some()), "{named:?}");
        }
        let unknown = ask(&world, &token, version, "prompts/get", json!({ "name": "nope" })).await;
        assert_eq!(unknown["error"]["code"], -32602, "{unknown}");
    }
}

#[tokio::test]
async fn the_server_has_icons_on_its_own_site() {
    let world = World::new().await;
    let hello =
        json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "t", "version": "1" } });
    let hello = ask(&world, &world.mcp_token(ALL), "2025-11-25", "initialize", hello).await;
    let icons = hello["result"]["serverInfo"]["icons"].as_array().unwrap().clone();
    let kinds: Vec<&str> = icons.iter().map(|icon| icon["mimeType"].as_str().unwrap()).collect();
    // Every client shows PNG, some show SVG.
    assert_eq!(kinds, ["image/svg+xml", "image/png"]);
    for icon in &icons {
        let at = icon["src"].as_str().unwrap().strip_prefix(world.site.issuer()).unwrap();
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(at);
        assert!(file.is_file(), "{at}");
    }
}
