//! Approvals without details, where an API allows them: scopes in words, and the caller's message (THREATS.md lines 31,
//! 33, 54 and 56).

use serde_json::{Value, json};

use crate::{
    apis::{introspected, pair},
    pair::{
        Pair, secret_of,
        walk::{Person, claims},
    },
    vault::error,
};

const LIBRARY: &str = "https://library.example";
const MESSAGE: &str = "May I lend “Dune” to Bob?";

/// The agent asks for access to the library; `more` replaces parameters, and an empty value removes one.
fn asking(pair: &Pair, person: &Person, more: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let library = [
        ("audience", LIBRARY),
        ("authorization_details", ""),
        ("binding_message", MESSAGE),
        ("scope", "openid books:lend books:read"),
    ];
    let mut params = pair.asking(person);
    for (name, value) in library.iter().chain(more) {
        params.retain(|(known, _)| known != name);
        if !value.is_empty() {
            params.push((name, (*value).to_owned()));
        }
    }
    params
}

#[tokio::test]
async fn line_33_54_bare_approval_shows_scopes_and_message() {
    let pair = pair().await;
    let alice = pair.person("Alice").await;
    let requested = pair.ask_with(asking(&pair, &alice, &[])).await;
    let url = pair.t.at(&format!("approvals/{}", requested.txn));
    let page = alice.browser.get(&url).await;
    assert_eq!(page.text("/approval/title"), "Access to Library");
    assert_eq!(page.text("/approval/message"), MESSAGE);
    assert_eq!(page.text("/approval/account"), "Library · library.example");
    let rows = json!([
        ["Allows", "Words of books:read"],
        ["Allows", "Words of books:lend"],
        ["Ends", "10 minutes after you approve it"],
    ]);
    assert_eq!(page.page.pointer("/approval/rows"), Some(&rows));
    // The decision is only on what the page showed: another message or other scopes have another digest.
    for more in [("binding_message", "Another message"), ("scope", "openid books:read")] {
        let other = pair.ask_with(asking(&pair, &alice, &[more])).await;
        let other = alice.browser.get(&pair.t.at(&format!("approvals/{}", other.txn))).await;
        let shown = other.text("/approval/shown").replace(&other.text("/approval/id"), &requested.txn);
        let form = [("csrf_token", &*page.text("/csrf_token")), ("shown", &shown), ("decision", "approve")];
        assert_eq!(alice.browser.post(&url, &form).await.status, 409, "{more:?}");
    }
    assert_eq!(pair.decide(&alice, &requested.txn, "approve").await.status, 303);

    let (status, answer) = pair.poll(&requested.auth_req_id).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!((&answer["txn"], &answer["authorization_details"]), (&json!(requested.txn), &Value::Null));
    let token = answer["access_token"].as_str().expect("a token");
    let read = claims(token);
    assert_eq!((&read["aud"], &read["scope"]), (&json!(LIBRARY), &json!("openid books:read books:lend")));
    assert_eq!((&read["txn"], &read["authorization_details"]), (&json!(requested.txn), &Value::Null));
    let active = introspected(&pair, "library", token).await;
    assert_eq!((&active["active"], &active["txn"]), (&json!(true), &json!(requested.txn)), "{active}");
    assert_eq!(active["scope"], "openid books:read books:lend");
    assert_eq!(alice.browser.get(&url).await.text("/approval/state"), "Used");

    // It appears among the past requests and in the audit log.
    let inbox = alice.browser.get(&pair.t.at("approvals")).await;
    assert_eq!(inbox.text("/past/0/title"), "Access to Library");
    assert_eq!(inbox.text("/past/0/message"), MESSAGE);
    let audited: Vec<String> = sqlx::query_scalar("SELECT detail FROM audit WHERE event = 'approval_decided'")
        .fetch_all(pair.t.identity.db.pool())
        .await
        .expect("the database");
    let audited: Vec<Value> = audited.iter().map(|it| serde_json::from_str(it).expect("JSON")).collect();
    let expected = json!({ "audience": LIBRARY, "message": MESSAGE, "scope": "books:read books:lend" });
    assert_eq!(audited.len(), 1);
    assert_eq!((&audited[0]["requested"], &audited[0]["decision"]), (&expected, &json!("approved")));

    pair.clock.advance(700_000);
    assert_eq!(introspected(&pair, "library", token).await, json!({ "active": false }), "it has expired");
}

#[tokio::test]
async fn line_31_bare_approval_needs_the_apis_permission() {
    let pair = pair().await;
    let alice = pair.connected("Alice").await;
    let vault = pair.t.at("vault/");
    for (more, expected) in [
        (("audience", "https://rooms.example"), "invalid_authorization_details"),
        (("audience", &*vault), "invalid_authorization_details"),
        (("authorization_details", "[]"), "invalid_authorization_details"),
        (("scope", "openid"), "invalid_scope"),
        (("scope", "openid rooms:read"), "invalid_scope"),
        (("scope", "openid books:read books:burn"), "invalid_scope"),
        (("binding_message", ""), "invalid_binding_message"),
        (("binding_message", "Hello\u{202e}dlrow"), "invalid_binding_message"),
        (("binding_message", "Hello\u{200b}"), "invalid_binding_message"),
        (("binding_message", "pаypal"), "invalid_binding_message"),
        (("binding_message", &*"x".repeat(65)), "invalid_binding_message"),
    ] {
        let answer = pair.bc_authorize(&asking(&pair, &alice, &[more]), None).await;
        assert_eq!(error(&answer), (400, expected), "{more:?}: {answer:?}");
    }
    let refused = pair.bc_authorize(&asking(&pair, &alice, &[("audience", "https://rooms.example")]), None).await;
    let why = "authorization_details is missing: this API takes no approvals without details";
    assert_eq!(refused.1["error_description"], why);
    // On a caller's behalf, the caller's token must have each scope. This token has none of this API's scopes.
    let (_, mcp) = pair.mcp_token(&alice, "rooms:read").await;
    let secret = secret_of("agent-mcp");
    let for_caller = [("client_id", "agent-mcp"), ("client_secret", &*secret), ("on_behalf_of_token", &*mcp)];
    let answer = pair.bc_authorize(&asking(&pair, &alice, &for_caller), None).await;
    assert_eq!(answer.1["error"], "insufficient_scope", "{answer:?}");
}

#[tokio::test]
async fn line_56_bare_approval_ends_when_the_api_forbids_it() {
    let mut pair = pair().await;
    let alice = pair.person("Alice").await;
    let waiting = pair.ask_with(asking(&pair, &alice, &[])).await;
    let approved = pair.ask_with(asking(&pair, &alice, &[("scope", "openid books:read")])).await;
    assert_eq!(pair.decide(&alice, &approved.txn, "approve").await.status, 303);
    let (_, answer) = pair.poll(&approved.auth_req_id).await;
    let token = answer["access_token"].as_str().expect("a token").to_owned();
    pair.restart_with(|config| config.apis.iter_mut().for_each(|api| api.without_details = false)).await;
    assert_eq!(introspected(&pair, "library", &token).await, json!({ "active": false }));
    assert_eq!(error(&pair.poll(&waiting.auth_req_id).await), (400, "access_denied"));
    assert_eq!(pair.audited("configuration_removed").await, 1);
    // Allowing such approvals again doesn't restore it.
    pair.restart_with(|config| config.apis.iter_mut().for_each(|api| api.without_details = true)).await;
    assert_eq!(introspected(&pair, "library", &token).await, json!({ "active": false }));
}
