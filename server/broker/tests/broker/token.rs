//! Tokens that the API accepts.

use axum::http::StatusCode;
use foundation::axum;
use reqwest::Method;
use serde_json::{Value, json};
use world::Fault;

use crate::stage::{ALL, READ, Stage};

const UNAUTHORIZED: StatusCode = StatusCode::UNAUTHORIZED;

#[tokio::test]
async fn line_19_only_access_tokens_of_the_own_provider_count() {
    let stage = Stage::start().await;
    stage.calls_all_active();
    let right = stage.claims("alice", ALL);
    let now = stage.parts.clock.seconds();
    let with = |name: &str, value: Value| {
        let mut claims = right.clone();
        claims[name] = value;
        claims
    };
    let taken = stage.get_as(&stage.sign(&right), "/api/portfolio").await;
    assert_eq!(taken.status, StatusCode::OK, "{taken:?}");
    let mut refused = vec![
        ("another issuer", stage.sign(&with("iss", json!("http://localhost:3001/")))),
        ("the issuer without its slash", stage.sign(&with("iss", json!(stage.issuer.url.trim_end_matches('/'))))),
        ("expired", stage.sign(&with("exp", json!(now - 61)))),
        ("not yet", stage.sign(&with("nbf", json!(now + 120)))),
        ("without an end", stage.sign(&with("exp", json!(null)))),
        ("without a person", stage.sign(&with("sub", json!("")))),
        ("an id token", stage.issuer.sign("JWT", &right.to_string())),
        ("a statement of approval", stage.issuer.sign("approval+jwt", &right.to_string())),
        ("another key", stage.issuer.forge("at+jwt", &right)),
        ("nonsense", "x.y.z".into()),
    ];
    let parts: Vec<String> = stage.sign(&right).split('.').map(str::to_owned).collect();
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0";
    refused.push(("alg none", format!("{none}.{}.", parts[1])));
    refused.push(("another's signature", format!("{}.{}.{}", parts[0], parts[1], parts[2].to_uppercase())));
    for (why, token) in refused {
        let answer = stage.get_as(&token, "/api/portfolio").await;
        assert_eq!(answer.status, UNAUTHORIZED, "{why}: {answer:?}");
        let challenge = answer.header("www-authenticate");
        assert!(challenge.starts_with("Bearer ") && challenge.contains("error=\"invalid_token\""), "{why}");
    }
}

#[tokio::test]
async fn line_20_tokens_for_other_apis_are_refused() {
    let stage = Stage::start().await;
    stage.calls_all_active();
    for aud in [
        json!("http://localhost:3000/mcp"),
        json!("http://localhost:3001/me/"),
        json!("http://localhost:3001/vault/"),
        json!(stage.config.site.issuer()),
        json!(format!("{}/", stage.config.site.at("api"))),
        json!(["http://localhost:3000/mcp", "http://localhost:3001/me/"]),
        json!([]),
        json!(null),
    ] {
        let mut claims = stage.claims("alice", ALL);
        claims["aud"] = aud.clone();
        let answer = stage.get_as(&stage.sign(&claims), "/api/portfolio").await;
        assert_eq!(answer.status, UNAUTHORIZED, "{aud}: {answer:?}");
    }
}

#[tokio::test]
async fn token_is_only_read_from_one_header() {
    let stage = Stage::start().await;
    let token = stage.token("alice", ALL);
    let path = "/api/portfolio";
    let refused = [
        stage.request(Method::GET, path),
        stage.request(Method::GET, path).header("authorization", "Bearer "),
        stage.request(Method::GET, &format!("{path}?access_token={token}")),
        stage.request(Method::GET, path).header("authorization", format!("Basic {token}")),
        stage.request(Method::GET, path).bearer_auth(&token).header("authorization", "Bearer x"),
        stage.request(Method::GET, path).header("cookie", format!("mandate_broker={token}")),
    ];
    for request in refused {
        let answer = stage.send(request).await;
        assert_eq!(answer.status, UNAUTHORIZED, "{answer:?}");
        assert!(answer.header("www-authenticate").starts_with("Bearer"), "{answer:?}");
    }
    let lower = stage.request(Method::GET, path).header("authorization", format!("bearer {token}"));
    assert_eq!(stage.send(lower).await.status, StatusCode::OK);
}

#[tokio::test]
async fn without_provider_keys_every_token_gets_503() {
    let stage = Stage::start().await;
    stage.at_broker.fails("/.well-known/", Fault::ServerError);
    let answer = stage.get_as(&stage.token("alice", ALL), "/api/portfolio").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
    assert_eq!((answer.header("retry-after"), answer.header("www-authenticate")), ("5", ""));
}

/// A token that hasn't expired neither shows nor places anything after its grant ended.
#[tokio::test]
async fn line_56_revoked_token_reads_and_places_nothing() {
    let stage = Stage::start().await;
    let (details, body) =
        (crate::stage::details("BUY", 5, "WAYNE", "102.00"), crate::stage::body("BUY", 5, "WAYNE", "102.00"));
    let (order, read) = (stage.approved("alice", "apr_1", &details), stage.token("alice", READ));
    stage.revoke(&order).await;
    stage.revoke(&read).await;
    let refused = [
        stage.order(&order, &body).await,
        stage.cancel(&order, "ord_1").await,
        stage.get_as(&read, "/api/portfolio").await,
        stage.get_as(&read, "/api/portfolio/history").await,
        stage.get_as(&read, "/api/orders").await,
        stage.get_as(&read, "/api/orders/ord_1").await,
    ];
    for answer in refused {
        assert_eq!(answer.status, UNAUTHORIZED, "{answer:?}");
        assert!(answer.header("www-authenticate").contains("error=\"invalid_token\""), "{answer:?}");
        assert!(answer.error().contains("revoked"), "{answer:?}");
    }
    assert_eq!(stage.orders().await, 0);
    // The approval itself isn't used up: an active token can still place the order.
    assert_eq!(stage.order(&stage.approved("alice", "apr_1", &details), &body).await.status, StatusCode::CREATED);
    assert_eq!(stage.orders().await, 1);
}

#[tokio::test]
async fn line_56_a_token_that_cannot_be_checked_places_nothing() {
    let stage = Stage::start().await;
    let (details, body) =
        (crate::stage::details("BUY", 5, "WAYNE", "102.00"), crate::stage::body("BUY", 5, "WAYNE", "102.00"));
    let token = stage.approved("alice", "apr_1", &details);
    stage.at_broker.fails("/oauth/introspect", Fault::ServerError);
    let answer = stage.order(&token, &body).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{answer:?}");
    assert_eq!((answer.header("retry-after"), answer.header("www-authenticate")), ("5", ""));
    assert_eq!(stage.orders().await, 0);
    stage.at_broker.mend();
    assert_eq!(stage.order(&token, &body).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn each_address_needs_its_scope() {
    let stage = Stage::start().await;
    // Mandate identity issues no scope that it doesn't know, such as `portfolio:readall`.
    stage.calls_all_active();
    for (path, scope, others) in [
        ("/api/portfolio", "portfolio:read", "trade:read trade:write"),
        ("/api/portfolio/history", "portfolio:read", "trade:read trade:write portfolio:readall"),
        ("/api/orders", "trade:read", "portfolio:read trade:write"),
        ("/api/orders/ord_1", "trade:read", "portfolio:read trade:write"),
    ] {
        let answer = stage.get_as(&stage.token("alice", others), path).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path}: {answer:?}");
        let challenge = answer.header("www-authenticate");
        assert!(challenge.contains(&format!("insufficient_scope\", scope=\"{scope}\"")), "{challenge}");
        let answer = stage.get_as(&stage.token("alice", scope), path).await;
        assert!(matches!(answer.status, StatusCode::OK | StatusCode::NOT_FOUND), "{path}: {answer:?}");
    }
    let answer = stage.get_as(&stage.token("alice", ""), "/api/orders").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn line_46_59_another_persons_orders_do_not_exist() {
    let stage = Stage::start().await;
    let details = crate::stage::details("BUY", 5, "WAYNE", "102.00");
    let token = stage.approved("alice", "apr_1", &details);
    let order = stage.order(&token, crate::stage::body("BUY", 5, "WAYNE", "102.00")).await.json();
    let path = format!("/api/orders/{}", order["id"].as_str().unwrap());
    let (alice, bob) = (stage.token("alice", READ), stage.token("bob", READ));
    assert_eq!(stage.get_as(&alice, &path).await.json(), order);
    let (theirs, missing) = (stage.get_as(&bob, &path).await, stage.get_as(&bob, "/api/orders/ord_0").await);
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
    assert_eq!(theirs.text, missing.text);
    assert_eq!(stage.get_as(&bob, "/api/orders").await.json(), json!({"orders": []}));
    assert_eq!(stage.get_as(&bob, "/api/portfolio").await.json()["holdings"], json!([]));
    // The same subject at another issuer is another person: an account is identified by both.
    let accounts = stage.count("SELECT COUNT(*) FROM account").await;
    assert_eq!(accounts, 2);
}
