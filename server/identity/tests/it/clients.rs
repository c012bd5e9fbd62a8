//! Client authentication, and the errors of clients (THREATS.md, lines 16, 17 and 18).

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::{Method, header};
use serde_json::Value;

use crate::{
    asking::{Asking, text},
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
async fn line_16_18_failed_authentication_tells_no_reason() {
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
    // With the right credentials, only the refresh token is wrong: this shows that the test can fail.
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
    // The same for a person's token.
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
async fn line_18_errors_are_uncached_json_without_challenge() {
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
async fn line_18_malformed_requests_get_json_errors() {
    let pair = Pair::start().await;
    let expect = async |request: reqwest::RequestBuilder, status: u16, what: &str| {
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
        expect(long, 413, path).await;
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            expect(pair.http().request(method.clone(), pair.t.at(path)), 405, &format!("{method} {path}")).await;
        }
    }
}
