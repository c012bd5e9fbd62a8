//! `/mcp`: authentication and authorization, and what errors reveal.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use foundation::{jwt::SigningKey, secret};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use crate::{
    mcp::{ALL, REVISIONS, call, request},
    sites::{TROUBLES, World, plain},
};

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
                "authorization_servers": [world.identity_site().issuer()],
                "scopes_supported": ["portfolio:read", "trade:read", "trade:write"],
                "bearer_methods_supported": ["header"],
            })
        );
        let client = world.http.client();
        let preflight = client.request(reqwest::Method::OPTIONS, world.url(path)).send().await.unwrap();
        assert_eq!(preflight.headers()["access-control-allow-headers"], "*");
    }
}

/// THREATS.md line 43.
#[tokio::test]
async fn line_43_without_a_token_the_way_to_one_is_named() {
    let world = World::new().await;
    let client = world.http.client();
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    let response = client.post(world.url("mcp")).json(&ping).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let metadata = world.url(".well-known/oauth-protected-resource/mcp");
    assert_eq!(challenge(&response), format!("Bearer resource_metadata=\"{metadata}\", scope=\"{ALL}\""));
    // Every method needs a token, not only POST. A cookie doesn't count.
    let (cookie, _) = world.session(false).await;
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

/// THREATS.md lines 19 and 20: only our issuer's tokens for this API are valid.
#[tokio::test]
async fn line_19_20_other_tokens_open_nothing() {
    let world = World::new().await;
    let good = world.mcp_claims(ALL);
    let change = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        claims
    };
    let sign = |claims: &Value| world.sign(claims);
    let now = world.clock.seconds();
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let (header, rest) = sign(&good).split_once('.').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let header: Value = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    // Signed with the algorithm in the header, so the header is the only fault.
    let with_header = |name: &str, value: Value| {
        let mut header = header.clone();
        header[name] = value;
        world.sign_under(&header, &good)
    };
    let (stranger, _) = SigningKey::generate().unwrap();
    let issuer = world.identity_site().issuer();
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
        ("an id token", world.sign_as("JWT", &good)),
        ("a statement of approval", world.sign_as("approval+jwt", &good)),
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
        ("with a key in it", with_header("jwk", serde_json::to_value(stranger.public()).unwrap())),
        ("with the address of a certificate", with_header("x5u", "http://evil.localhost/cert".into())),
        ("with something critical", with_header("crit", json!(["exp"]))),
        ("of no type", with_header("typ", Value::Null)),
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
    for good in [sign(&good), with_header("alg", "RS256".into())] {
        let response = request(&world, &good, "2025-11-25", "ping", json!({})).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "the token that all of these were made from");
    }
}

/// THREATS.md line 56: each request checks that the token, and what it was issued for, is active.
#[tokio::test]
async fn line_56_a_token_whose_access_was_ended_opens_nothing() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    let ping = || request(&world, &token, "2025-11-25", "ping", json!({})).send();
    assert_eq!(ping().await.unwrap().status(), StatusCode::OK);
    // Disabling the client ends the app's access.
    sqlx::query("UPDATE client SET disabled = 1 WHERE id = 'tpc_claude'").execute(world.pool("tenant")).await.unwrap();
    for version in REVISIONS {
        for tool in ["whoami", "get_portfolio", "create_order"] {
            let params = json!({ "name": tool, "arguments": { "symbol": "WAYNE", "side": "BUY", "quantity": 1 } });
            let response = request(&world, &token, version, "tools/call", params).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{tool}");
            let said = challenge(&response);
            let metadata = world.url(".well-known/oauth-protected-resource/mcp");
            assert!(said.starts_with("Bearer error=\"invalid_token\", "), "{said}");
            assert!(said.contains(&format!("resource_metadata=\"{metadata}\"")), "{said}");
            assert_eq!(response.json::<Value>().await.unwrap()["error"], "invalid_token");
        }
    }
    let heard = [world.at_identity.seen("/bc-authorize"), world.at_identity.seen("/oauth/token")].concat();
    assert!(heard.is_empty(), "no tool heard of it");
    let introspected = world.at_identity.seen("/oauth/introspect");
    assert_eq!(introspected.len(), 1 + 3 * REVISIONS.len());
    for asked in introspected {
        assert_eq!((asked.field("client_id").as_str(), asked.field("token")), ("agent-mcp", token.clone()));
    }
}

/// If the token can't be checked, it opens nothing, and the client should try again.
#[tokio::test]
async fn line_56_unchecked_token_opens_nothing() {
    let world = World::new().await;
    let token = world.mcp_token(ALL);
    let whoami = || async {
        let params = json!({ "name": "whoami", "arguments": {} });
        request(&world, &token, "2025-11-25", "tools/call", params).send().await.unwrap()
    };
    for trouble in TROUBLES {
        world.at_identity.fails("/oauth/introspect", trouble.clone());
        let response = whoami().await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE, "{trouble:?}");
        assert_eq!(response.headers()["retry-after"], "5");
        assert!(!response.text().await.unwrap().contains(&world.subject), "{trouble:?}");
    }
    world.at_identity.mend();
    assert_eq!(whoami().await.status(), StatusCode::OK);
}

/// An external provider may lack introspection: then the signature is enough until the token expires.
#[tokio::test]
async fn a_provider_without_introspection_is_not_asked() {
    let world = World::new().await;
    world.at_identity.fails("/.well-known/openid-configuration", plain());
    world.clock.advance(600_001);
    let response = request(&world, &world.mcp_token(ALL), "2025-11-25", "ping", json!({})).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(world.at_identity.seen("/oauth/introspect").is_empty());
}

/// THREATS.md line 43.
#[tokio::test]
async fn line_43_another_sites_page_or_name_is_refused() {
    let world = World::new().await;
    let token = world.mcp_token(ALL);
    for origin in ["null", "http://evil.example", "http://localhost:6274", world.identity_site().origin(), ""] {
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

/// THREATS.md line 43: the error names all scopes that the call needs, plus those the client has.
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
    // Guard and transport could read a duplicate member differently. No approval is requested.
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"create_order","name":"whoami","arguments":{"symbol":"WAYNE","side":"BUY","quantity":1}}}"#;
    let twice = request(&world, &token, "2025-11-25", "ping", json!({})).body(body).send().await.unwrap();
    let text = twice.text().await.unwrap();
    assert!(!text.contains("approve") && world.at_identity.seen("/bc-authorize").is_empty(), "{text}");
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

/// A batch, or a message with a list in place of an object, is refused: only the transport could read it, after the
/// scopes were checked.
#[tokio::test]
async fn line_67_a_list_is_not_a_call() {
    let world = World::new().await;
    let token = world.mcp_token("portfolio:read");
    for body in [
        r#"["2.0", 1, "tools/call", {"name": "create_order"}]"#,
        r#"["tools/call", {"name": "create_order"}]"#,
        r#"{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": ["create_order", {"symbol": "WAYNE"}]}"#,
    ] {
        let response = request(&world, &token, "2025-11-25", "ping", json!({})).body(body).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{body}");
    }
}

/// THREATS.md line 47.
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
