//! Self-registered clients (THREATS.md, lines 36 and 50).

use std::net::{Ipv4Addr, SocketAddr};

use axum::{body::Body, extract::ConnectInfo, http::Request};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{
    asking::{Asking, LOOPBACK, text},
    pair::{
        Pair,
        browser::Browser,
        walk::{CIBA, VAULT},
    },
};

#[tokio::test]
async fn line_36_unsafe_registrations_are_refused() {
    let pair = Pair::start().await;
    let usual = json!({ "client_name": "Claude Code", "redirect_uris": [LOOPBACK] });
    let with = |member: &str, value: Value| {
        let mut metadata = usual.clone();
        metadata[member] = value;
        metadata
    };
    for uri in [
        "javascript:alert(1)",
        "data:text/html,x",
        "https://app.example/cb#x",
        "https://*.example/cb",
        "http://app.example/cb",
        "http://localhost.evil.example/cb",
        "http://app.localhost:9/cb",
        "http://127.0.0.2:9/cb",
        "http://2130706433:9/cb",
        "http:127.0.0.1:9/cb",
        "https://user@app.example/cb",
        "not an address",
    ] {
        for uris in [json!([uri]), json!([LOOPBACK, uri])] {
            let (status, answer) = pair.register(with("redirect_uris", uris)).await;
            assert_eq!((status, text(&answer, "error")), (400, "invalid_redirect_uri"), "{uri}");
        }
        pair.clock.advance(60_000);
    }
    for wrong in [with("redirect_uris", json!([])), json!({ "client_name": "Claude Code" })] {
        assert_eq!(pair.register(wrong).await.1["error"], "invalid_redirect_uri");
    }
    for wrong in [
        with("client_name", json!("Mandate chat")),
        with("client_name", json!("mandate  CHAT (official)")),
        with("client_name", json!("M\u{430}nd\u{430}te")),
        with("client_name", json!("rnandate")),
        with("client_name", json!("St0ckTrade")),
        with("client_name", json!("M\u{251}nd\u{251}te chat")),
        with("client_name", json!("\u{1d0d}\u{1d00}\u{274}\u{1d05}\u{1d00}\u{1d1b}\u{1d07}")),
        with("client_name", json!("\u{24c2}\u{24d0}\u{24dd}\u{24d3}\u{24d0}\u{24e3}\u{24d4}")),
        with("client_name", json!("M\u{1ea1}nda\u{163}\u{117} chat")),
        with("client_name", json!("St\u{1ecd}ckTrade")),
        with("client_name", json!("Official Mandate app")),
        with("client_name", json!("[Mandate]")),
        with("client_name", json!("Support by StockTrade")),
        with("client_name", json!("Claude\u{202e}edoC")),
        with("client_name", json!("Claude\nCode")),
        with("client_name", json!("Claude\u{200b}Code")),
        with("client_name", json!("x".repeat(81))),
        with("grant_types", json!(["client_credentials"])),
        with("response_types", json!(["token"])),
        with("token_endpoint_auth_method", json!("private_key_jwt")),
        json!([]),
        json!("x"),
    ] {
        let (status, answer) = pair.register(wrong.clone()).await;
        assert_eq!((status, text(&answer, "error")), (400, "invalid_client_metadata"), "{wrong}");
        pair.clock.advance(10_000);
    }
    for honest in ["Claude Desktop", "MCP Inspector", "Mandarin tutor", "\u{106}wik\u{142}a", "日本語クライアント"]
    {
        let (status, client) = pair.register(with("client_name", json!(honest))).await;
        assert_eq!((status, text(&client, "client_name")), (201, honest));
    }
    assert_eq!(pair.register(usual).await.0, 201);
}

#[tokio::test]
async fn names_that_only_contain_ours_register() {
    let pair = Pair::start().await;
    for name in ["Claude Code (mandate)", "Cursor [StockTrade]", "MCP client for Mandate"] {
        let (status, client) = pair.register(json!({ "client_name": name, "redirect_uris": [LOOPBACK] })).await;
        assert_eq!((status, text(&client, "client_name")), (201, name));
    }
}

#[tokio::test]
async fn unusable_optional_metadata_is_left_out() {
    let pair = Pair::start().await;
    for (member, value) in [
        ("client_uri", json!("")),
        ("client_uri", json!("http://app.example/")),
        ("logo_uri", json!("http://app.example/logo.png")),
        ("logo_uri", json!("javascript:alert(1)")),
        ("logo_uri", json!({})),
        ("policy_uri", json!("x")),
        ("tos_uri", Value::Null),
        ("application_type", json!("service")),
        ("contacts", json!("nobody")),
        ("software_version", json!(1)),
        ("client_name", json!("")),
        ("client_name", Value::Null),
        ("grant_types", json!([])),
        ("response_types", json!([])),
        ("token_endpoint_auth_method", json!("")),
        ("scope", json!(["portfolio:read"])),
        ("client_name", json!(5)),
        ("grant_types", json!("authorization_code")),
        ("response_types", json!({})),
        ("token_endpoint_auth_method", json!(["none"])),
    ] {
        let mut metadata = json!({ "client_name": "Claude Code", "redirect_uris": [LOOPBACK] });
        metadata[member] = value.clone();
        let (status, client) = pair.register(metadata).await;
        assert_eq!(status, 201, "{member}: {value}: {client}");
        match member {
            "client_name" => assert_eq!(text(&client, "client_name"), "An application without a name"),
            "grant_types" => assert_eq!(client[member], json!(["authorization_code"])),
            "response_types" => assert_eq!(client[member], json!(["code"])),
            "token_endpoint_auth_method" => assert_eq!(client[member], "none"),
            "scope" => assert!(client[member].is_string(), "{client}"),
            left_out => assert!(client.get(left_out).is_none(), "{client}"),
        }
    }
}

#[tokio::test]
async fn line_36_registrations_are_limited() {
    let pair = Pair::start().await;
    let metadata = json!({ "client_name": "Claude Code", "redirect_uris": [LOOPBACK] });
    let mut made = 0;
    let mut limited = 0;
    for _ in 0..160 {
        let response = pair.http().post(pair.t.at("oidc/register")).json(&metadata).send().await.expect("an answer");
        match response.status().as_u16() {
            201 => made += 1,
            429 => {
                limited += 1;
                let wait = response.headers()["retry-after"].to_str().expect("text").parse::<i64>();
                assert!(wait.is_ok_and(|wait| wait > 0));
            }
            other => panic!("{other}"),
        }
    }
    assert!((120..125).contains(&made) && limited >= 35, "{made} made, {limited} limited");
    pair.clock.advance(60_000);
    assert_eq!(pair.register(metadata).await.0, 201, "after a minute there is room again");
}

#[tokio::test]
async fn line_36_registrations_are_limited_over_all_addresses() {
    let pair = Pair::start().await;
    let routes = pair.t.identity.routes();
    // One registration from each address, which counts before its body is read.
    let register = async |address: u32| {
        let mut request = Request::post("/oidc/register").body(Body::empty()).expect("a request");
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((Ipv4Addr::from(address), 1))));
        let response = routes.clone().oneshot(request).await.expect("an answer");
        response.status().as_u16()
    };
    let mut counted = 0;
    for address in 0x0a00_0000..0x0a00_0400 {
        match register(address).await {
            400 => counted += 1,
            429 => break,
            other => panic!("{other}"),
        }
    }
    assert!((500..540).contains(&counted), "{counted}");
    assert_eq!(register(0x0b00_0001).await, 429, "whoever asks");
    pair.clock.advance(60_000);
    assert_eq!(register(0x0b00_0002).await, 400, "after a minute there is room again");
}

#[tokio::test]
async fn line_36_unused_registration_expires() {
    const DAY: i64 = 24 * 3_600_000;
    let pair = Pair::start().await;
    let browser = Browser::default();
    let (used, unused) = (pair.mcp_client().await, pair.mcp_client().await);
    pair.tokens(&browser, &Asking::mcp(&pair, &used)).await;
    pair.clock.advance(DAY - 60_000);
    assert_eq!(browser.get(&Asking::mcp(&pair, &unused).url()).await.status, 303);
    pair.clock.advance(60_001);
    assert_eq!(browser.get(&Asking::mcp(&pair, &unused).url()).await.status, 400);
    assert_eq!(pair.refresh(&unused, "x", &[]).await.1["error"], "invalid_client");
    identity::cleanup::clean_up(&pair.t.identity).await.expect("cleaned up");
    assert_eq!(browser.get(&Asking::mcp(&pair, &used).url()).await.status, 303, "a used one stays");
}

#[tokio::test]
async fn line_50_a_registration_gets_no_more_than_the_policy() {
    let pair = Pair::start().await;
    let (status, client) = pair
        .register(json!({
            "client_name": "Claude Code",
            "redirect_uris": [LOOPBACK],
            "grant_types": ["authorization_code", "refresh_token", CIBA, VAULT, "client_credentials"],
            "response_types": ["code", "token"],
            "token_endpoint_auth_method": "client_secret_post",
            "scope": "openid admin create:me:connected_accounts",
            "first_party": true,
            "client_id": "agent",
        }))
        .await;
    assert_eq!(status, 201, "{client}");
    assert!(text(&client, "client_id").starts_with("tpc_"));
    assert_eq!(client["grant_types"], json!(["authorization_code", "refresh_token"]));
    assert_eq!(client["response_types"], json!(["code"]));
    assert_eq!(client["token_endpoint_auth_method"], "none");
    assert!(client.get("client_secret").is_none());
    assert_eq!(client["scope"], "openid profile email offline_access portfolio:read trade:read trade:write");
    // With registration closed, it fails and the metadata doesn't mention it.
    let response = pair.http().post(pair.b.at("oidc/register")).json(&json!({})).send().await.expect("an answer");
    assert_eq!(response.status(), 404);
}
