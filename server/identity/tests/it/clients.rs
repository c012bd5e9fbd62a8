//! Client authentication and registration (THREATS.md, lines 16, 17, 18, 36 and 50), and what is discovered.

use std::net::{Ipv4Addr, SocketAddr};

use axum::{body::Body, extract::ConnectInfo, http::Request};
use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::{Method, header};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{
    asking::{Asking, LOOPBACK, text},
    pair::{
        Pair,
        browser::Browser,
        secret_of,
        walk::{CIBA, EXCHANGE, VAULT},
    },
};

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(format!("{id}:{secret}")))
}

#[tokio::test]
async fn line_16_18_a_failed_authentication_says_nothing_but_that() {
    let pair = Pair::start().await;
    let client = pair.mcp_client().await;
    let secret = secret_of("agent");
    let form = |more: &[(&'static str, &str)]| {
        let mut form = vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", "x".to_owned())];
        form.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        form
    };
    let assertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let mut texts = std::collections::BTreeSet::new();
    for (form, authorization, what) in [
        (form(&[("client_id", "agent"), ("client_secret", "wrong")]), None, "wrong secret"),
        (form(&[("client_id", "agent"), ("client_secret", &secret[1..])]), None, "a part of it"),
        (form(&[("client_id", "agent")]), None, "no secret"),
        (form(&[("client_id", "agent"), ("client_secret", "")]), None, "an empty secret"),
        (form(&[("client_id", "agent-mcp"), ("client_secret", &secret)]), None, "another client's secret"),
        (form(&[("client_id", "nobody"), ("client_secret", &secret)]), None, "unknown client"),
        (form(&[("client_id", "nobody")]), None, "unknown client without a secret"),
        (form(&[("client_id", &client), ("client_secret", "any")]), None, "a public client with a secret"),
        (form(&[("client_secret", &secret)]), None, "a secret without a client"),
        (
            form(&[("client_id", "agent"), ("client_assertion_type", assertion), ("client_assertion", "a.b.c")]),
            None,
            "an assertion",
        ),
        (
            form(&[("client_id", "agent"), ("client_secret", &secret), ("client_assertion", "a.b.c")]),
            None,
            "an assertion beside a secret",
        ),
        (
            form(&[("client_id", &client), ("client_assertion_type", assertion), ("client_assertion", "a.b.c")]),
            None,
            "an assertion of a public client",
        ),
        (form(&[]), Some(basic("agent", "wrong")), "wrong secret, Basic"),
        (form(&[]), Some(basic("nobody", &secret)), "unknown client, Basic"),
        (form(&[]), Some("Basic !!!".into()), "no Basic at all"),
        (form(&[]), Some(format!("Bearer {secret}")), "another scheme"),
        (form(&[("client_id", "agent"), ("client_secret", &secret)]), Some(basic("agent", &secret)), "two methods"),
        (form(&[("client_id", "agent-mcp")]), Some(basic("agent", &secret)), "two clients"),
    ] {
        let mut request = pair.http().post(pair.t.at("oauth/token")).form(&form);
        if let Some(authorization) = &authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 401, "{what}");
        assert_eq!(response.headers()["cache-control"], "no-store", "{what}");
        assert_eq!(response.headers()["content-type"], "application/json", "{what}");
        let challenge = response.headers().contains_key(header::WWW_AUTHENTICATE);
        assert_eq!(challenge, authorization.is_some(), "{what}");
        let body: Value = response.json().await.expect("JSON");
        assert_eq!(body["error"], "invalid_client", "{what}");
        texts.insert(body.to_string());
    }
    assert_eq!(texts.len(), 1, "{texts:?}");
    // The right ones, so that the test could fail: the refresh token is what is wrong then.
    for (form, authorization) in [
        (form(&[("client_id", "agent"), ("client_secret", &secret)]), None),
        (form(&[]), Some(basic("agent", &secret))),
        (form(&[("client_id", "agent")]), Some(basic("agent", &secret))),
        (form(&[("client_id", &client)]), None),
    ] {
        let mut request = pair.http().post(pair.t.at("oauth/token")).form(&form);
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 400);
        let body: Value = response.json().await.expect("JSON");
        assert_eq!(body["error"], "invalid_grant");
    }
}

#[tokio::test]
async fn line_16_two_credentials_count_as_none() {
    let pair = Pair::start().await;
    let (right, wrong) = (basic("agent", &secret_of("agent")), basic("agent", "wrong"));
    for (first, second) in [(&right, &wrong), (&wrong, &right), (&right, &right), (&right, &"Bearer x".to_owned())] {
        for path in ["oauth/token", "oauth/revoke", "oauth/introspect", "bc-authorize"] {
            let request = pair.http().post(pair.t.at(path)).form(&[("grant_type", "refresh_token"), ("token", "x")]);
            let request = request.header(header::AUTHORIZATION, first).header(header::AUTHORIZATION, second);
            let response = request.send().await.expect("an answer");
            assert_eq!(response.status(), 401, "{path}: {first}, {second}");
            assert_eq!(response.json::<Value>().await.expect("JSON")["error"], "invalid_client");
        }
    }
    // The same for a token of a person's.
    let token = pair.tokens(&Browser::default(), &Asking::agent(&pair)).await;
    let token = text(&token, "access_token");
    for (second, status) in [(None, 200), (Some(token), 401), (Some("x"), 401)] {
        let mut request = pair.http().get(pair.t.at("userinfo")).bearer_auth(token);
        if let Some(second) = second {
            request = request.bearer_auth(second);
        }
        assert_eq!(request.send().await.expect("an answer").status(), status, "{second:?}");
    }
}

#[tokio::test]
async fn line_17_a_public_client_has_no_grants_but_code_and_refresh() {
    let pair = Pair::start().await;
    let client = pair.mcp_client().await;
    for (grant, error) in [
        ("client_credentials", "unsupported_grant_type"),
        ("password", "unsupported_grant_type"),
        (EXCHANGE, "unauthorized_client"),
        (VAULT, "unauthorized_client"),
        (CIBA, "unauthorized_client"),
    ] {
        let form = [
            ("grant_type", grant.to_owned()),
            ("client_id", client.clone()),
            ("subject_token", "x".into()),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:refresh_token".into()),
            ("connection", "stocktrade".into()),
            ("auth_req_id", "x".into()),
        ];
        let (status, answer) = pair.token(&form).await;
        assert_eq!((status, text(&answer, "error")), (400, error), "{grant}");
    }
    let (status, answer) = pair.form(&pair.t.at("bc-authorize"), &[("client_id", &client), ("scope", "openid")]).await;
    assert!((400..500).contains(&status) && answer.get("auth_req_id").is_none(), "{answer}");
}

#[tokio::test]
async fn line_18_errors_are_json_that_nobody_keeps_and_no_challenge() {
    let pair = Pair::start().await;
    let secret = secret_of("agent");
    for body in [
        "",
        "grant_type=refresh_token",
        &format!("client_id=agent&client_secret={secret}"),
        &format!("client_id=agent&client_secret={secret}&grant_type=nonsense"),
        &format!("client_id=agent&client_secret={secret}&grant_type=authorization_code"),
        &format!("client_id=agent&client_secret={secret}&grant_type=authorization_code&code=a&code=b"),
        &format!("client_id=agent&client_secret={secret}&grant_type=authorization_code&code={}", "x".repeat(20_000)),
    ] {
        let request = pair.http().post(pair.t.at("oauth/token")).body(body.to_owned());
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 400, "{body:.80}");
        assert_eq!(response.headers()["cache-control"], "no-store");
        assert!(!response.headers().contains_key(header::WWW_AUTHENTICATE));
        let answer: Value = response.json().await.expect("JSON");
        assert!(answer["error"].is_string() && answer["error_description"].is_string(), "{answer}");
    }
}

#[tokio::test]
async fn line_18_whatever_is_wrong_with_the_request_itself_is_told_in_json() {
    let pair = Pair::start().await;
    let told = async |request: reqwest::RequestBuilder, status: u16, what: &str| {
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), status, "{what}");
        assert_eq!(response.headers()["cache-control"], "no-store", "{what}");
        assert!(!response.headers().contains_key(header::WWW_AUTHENTICATE), "{what}");
        let allow = response.headers().get(header::ALLOW).map(|allow| allow.to_str().expect("text").to_owned());
        assert_eq!(allow.is_some_and(|allow| allow.contains("POST")), status == 405, "{what}");
        let answer: Value = response.json().await.unwrap_or_else(|_| panic!("{what}: no JSON"));
        assert_eq!(answer["error"], "invalid_request", "{what}");
        assert!(answer["error_description"].is_string(), "{what}");
    };
    for path in ["oauth/token", "bc-authorize", "oidc/register", "oauth/revoke", "oauth/introspect"] {
        let kind = if path == "oidc/register" { "application/json" } else { "application/x-www-form-urlencoded" };
        let long = pair.http().post(pair.t.at(path)).header(header::CONTENT_TYPE, kind).body("x".repeat(70_000));
        told(long, 413, path).await;
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            told(pair.http().request(method.clone(), pair.t.at(path)), 405, &format!("{method} {path}")).await;
        }
    }
}

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
async fn line_36_registrations_from_many_addresses_are_limited_together() {
    let pair = Pair::start().await;
    let routes = pair.t.identity.routes();
    // One of each address; it is counted before it is read.
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
async fn line_36_a_registration_that_is_never_used_is_forgotten() {
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
    identity::sweep::sweep(&pair.t.identity).await.expect("swept");
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
    // Where nobody may register, nobody can, and nothing says so.
    let response = pair.http().post(pair.b.at("oidc/register")).json(&json!({})).send().await.expect("an answer");
    assert_eq!(response.status(), 404);
}

#[tokio::test]
async fn discovery_tells_what_works_under_every_address() {
    let pair = Pair::start().await;
    let mut documents = Vec::new();
    for path in [
        ".well-known/openid-configuration",
        ".well-known/oauth-authorization-server",
        ".well-known/openid-configuration/mcp",
        ".well-known/oauth-authorization-server/some/path",
    ] {
        let response = pair.http().get(pair.t.at(path)).send().await.expect("an answer");
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        documents.push(response.json::<Value>().await.expect("JSON"));
    }
    assert!(documents.windows(2).all(|pair| pair[0] == pair[1]));
    let t = &documents[0];
    assert_eq!(t["issuer"], pair.t.site.issuer());
    assert_eq!(t["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(t["response_types_supported"], json!(["code"]));
    assert_eq!(t["authorization_response_iss_parameter_supported"], true);
    assert_eq!(t["request_uri_parameter_supported"], false);
    assert_eq!(t["backchannel_authentication_endpoint"], pair.t.at("bc-authorize"));
    assert_eq!(t["registration_endpoint"], pair.t.at("oidc/register"));
    let url = pair.b.at(".well-known/openid-configuration");
    let b: Value = pair.http().get(url).send().await.expect("an answer").json().await.expect("JSON");
    for absent in ["registration_endpoint", "backchannel_authentication_endpoint"] {
        assert!(b.get(absent).is_none(), "{absent}");
    }
    // Every address that is named is there.
    for document in [t, &b] {
        for (name, address) in document.as_object().expect("an object") {
            if name.ends_with("_endpoint") || name == "jwks_uri" {
                let address = address.as_str().expect("an address");
                let response = pair.http().request(Method::PUT, address).send().await.expect("an answer");
                assert_eq!(response.status(), 405, "{name} {address}");
            }
        }
    }
}

#[tokio::test]
async fn any_page_may_read_metadata_and_tokens() {
    let pair = Pair::start().await;
    for path in ["oauth/token", "oidc/register", ".well-known/oauth-authorization-server", ".well-known/jwks.json"] {
        let request = pair.http().request(Method::OPTIONS, pair.t.at(path));
        let request =
            request.header("origin", "http://inspector.example").header("access-control-request-method", "POST");
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 204, "{path}");
        assert_eq!(response.headers()["access-control-allow-origin"], "*", "{path}");
        assert!(!response.headers().contains_key("access-control-allow-credentials"));
        assert!(response.headers()["access-control-allow-headers"].to_str().expect("text").contains("content-type"));
    }
    // An error is read too; a page that a cookie authenticates isn't.
    let response = pair.http().post(pair.t.at("oauth/token")).send().await.expect("an answer");
    assert_eq!(response.headers()["access-control-allow-origin"], "*");
    for path in ["u/login", "authorize", "approvals", "oauth/introspect"] {
        let response = pair.http().get(pair.t.at(path)).send().await.expect("an answer");
        assert!(!response.headers().contains_key("access-control-allow-origin"), "{path}");
    }
}
