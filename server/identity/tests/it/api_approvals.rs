//! Approvals for an API of this service: the request's token is valid only for that API (THREATS.md lines 20, 22, 24,
//! 29, 31, 33 and 56).

use foundation::secret;
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    apis::{introspected, pair},
    asking::Asking,
    pair::{
        Pair, secret_of,
        walk::{ACCESS_TOKEN, CIBA, EXCHANGE, ORDER, Person, Requested, claims},
    },
    vault::error,
};

const ROOMS: &str = "https://rooms.example";
const BOOKING: &str = r#"[{"type":"room_booking","room":"blue","day":"2026-12-04"}]"#;

fn with(mut params: Vec<(&'static str, String)>, name: &'static str, value: &str) -> Vec<(&'static str, String)> {
    params.retain(|(known, _)| *known != name);
    params.push((name, value.to_owned()));
    params
}

/// The agent asks for a booking.
fn asking(pair: &Pair, person: &Person) -> Vec<(&'static str, String)> {
    with(with(pair.asking(person), "audience", ROOMS), "authorization_details", BOOKING)
}

/// The agent's server asks for a booking, on a caller's behalf.
fn for_caller(pair: &Pair, person: &Person, token: &str) -> Vec<(&'static str, String)> {
    let asking = with(asking(pair, person), "client_id", "agent-mcp");
    with(with(asking, "client_secret", &secret_of("agent-mcp")), "on_behalf_of_token", token)
}

/// The person approves, and the client redeems.
async fn approved(pair: &Pair, person: &Person, client: &str, requested: &Requested) -> Value {
    let page = person.browser.get(&pair.t.at(&format!("approvals/{}", requested.txn))).await;
    assert_eq!(page.text("/approval/account"), "Rooms · rooms.example", "the page names the API: {page:?}");
    let shown = pair.decide(person, &requested.txn, "approve").await;
    assert_eq!(shown.status, 303, "{shown:?}");
    let (status, answer) = pair.poll_as(client, &requested.auth_req_id).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

fn token(answer: &Value) -> &str {
    answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}"))
}

#[tokio::test]
async fn line_20_33_approval_for_an_api_is_a_token_for_it_alone() {
    let pair = pair().await;
    // No connected account is needed.
    let alice = pair.person("Alice").await;
    let requested = pair.ask_with(asking(&pair, &alice)).await;
    assert_eq!(error(&pair.poll(&requested.auth_req_id).await), (400, "authorization_pending"));
    let answer = approved(&pair, &alice, "agent", &requested).await;
    assert_eq!((&answer["scope"], &answer["refresh_token"]), (&json!("openid rooms:book"), &Value::Null));
    assert!(answer["expires_in"].as_i64().is_some_and(|left| (1..=600).contains(&left)), "{answer}");
    let detail = json!({ "type": "room_booking", "room": "blue", "day": "2026-12-04" });
    let read = claims(token(&answer));
    assert_eq!((&read["aud"], &read["sub"], &read["azp"]), (&json!(ROOMS), &json!(alice.id), &json!("agent")));
    assert_eq!((&read["txn"], &read["authorization_details"]), (&json!(requested.txn), &json!([detail])));
    assert_eq!((&read["act"], &answer["authorization_details"]), (&Value::Null, &json!([detail])));

    let active = introspected(&pair, "rooms", token(&answer)).await;
    assert_eq!((&active["active"], &active["txn"]), (&json!(true), &json!(requested.txn)), "{active}");
    assert_eq!(active["authorization_details"], json!([detail]));
    assert_eq!(introspected(&pair, "library", token(&answer)).await, json!({ "active": false }));
    // The token is valid nowhere else, and no client can exchange it.
    for path in ["userinfo", "me/v1/connected-accounts/accounts"] {
        assert_eq!(pair.bearer(Method::GET, path, token(&answer)).await, 401, "{path}");
    }
    for client in ["agent", "agent-mcp"] {
        let refused = pair.vault_as(client, token(&answer), ACCESS_TOKEN).await;
        assert_eq!(error(&refused), (400, "invalid_grant"), "{client}: {refused:?}");
    }
    let form = [
        ("grant_type", EXCHANGE),
        ("client_id", "agent-mcp"),
        ("client_secret", &secret_of("agent-mcp")),
        ("subject_token", token(&answer)),
        ("subject_token_type", ACCESS_TOKEN),
        ("audience", "https://library.example"),
    ];
    assert_eq!(error(&pair.form(&pair.t.at("oauth/token"), &form).await), (400, "invalid_request"));
    // Another client's request counts as unknown.
    let form = [
        ("grant_type", CIBA),
        ("client_id", "agent-mcp"),
        ("client_secret", &secret_of("agent-mcp")),
        ("auth_req_id", &requested.auth_req_id),
    ];
    assert_eq!(error(&pair.form(&pair.t.at("oauth/token"), &form).await), (400, "invalid_grant"));
    // An approval for the account stays at the vault.
    let bob = pair.connected("Bob").await;
    let (_, order) = pair.approval_token(&bob).await;
    assert_eq!(introspected(&pair, "rooms", &order).await, json!({ "active": false }));
    pair.clock.advance(700_000);
    assert_eq!(introspected(&pair, "rooms", token(&answer)).await, json!({ "active": false }), "it has expired");
}

#[tokio::test]
async fn line_29_31_details_and_client_must_fit_the_api() {
    let pair = pair().await;
    let alice = pair.connected("Alice").await;
    let usual = asking(&pair, &alice);
    for (name, value, expected) in [
        ("authorization_details", ORDER, "invalid_authorization_details"),
        ("authorization_details", &*BOOKING.replace("2026-12-04", "2026-12-4"), "invalid_authorization_details"),
        ("authorization_details", &*BOOKING.replace("}", ",\"note\":\"x\"}"), "invalid_authorization_details"),
        ("audience", &*pair.t.at("vault/"), "invalid_authorization_details"),
        ("audience", "https://library.example", "invalid_authorization_details"),
        ("audience", "https://elsewhere.example", "invalid_target"),
        ("audience", &*pair.t.at("me/"), "invalid_target"),
        ("client_id", "other", "invalid_target"),
    ] {
        let params = with(usual.clone(), name, value);
        let params = if name == "client_id" { with(params, "client_secret", &secret_of(value)) } else { params };
        let answer = pair.bc_authorize(&params, None).await;
        assert_eq!(error(&answer), (400, expected), "{name} {value}: {answer:?}");
    }
    // The same key for the other target is another request.
    let key = secret::token();
    assert_eq!(pair.bc_authorize(&usual, Some(&key)).await.0, 200);
    let (status, again) =
        pair.bc_authorize(&with(usual.clone(), "audience", "https://Rooms.example/"), Some(&key)).await;
    assert_eq!(status, 200, "the same resource in another spelling: {again}");
    assert_eq!(error(&pair.bc_authorize(&pair.asking(&alice), Some(&key)).await), (400, "invalid_request"));

    // On a caller's behalf, the caller's token must have the scope.
    let (_, reads) = pair.mcp_token(&alice, "rooms:read").await;
    let answer = pair.bc_authorize(&for_caller(&pair, &alice, &reads), None).await;
    assert_eq!(answer.1["error"], "insufficient_scope", "{answer:?}");
    let (mcp_client, books) = pair.mcp_token(&alice, "rooms:book").await;
    let requested = pair.ask_with(for_caller(&pair, &alice, &books)).await;
    let answer = approved(&pair, &alice, "agent-mcp", &requested).await;
    let act = json!({ "sub": "agent-mcp", "name": "Mandate", "act": { "sub": mcp_client, "name": "Claude Code" } });
    assert_eq!(claims(token(&answer))["act"], act);
}

#[tokio::test]
async fn line_56_api_approval_ends_with_what_it_rests_on() {
    let pair = pair().await;
    let alice = pair.person("Alice").await;
    let bob = pair.person("Bob").await;
    let (mcp_client, books) = pair.mcp_token(&alice, "rooms:book").await;
    let requested = pair.ask_with(for_caller(&pair, &alice, &books)).await;
    let hers = approved(&pair, &alice, "agent-mcp", &requested).await;
    let chat = pair.ask_with(asking(&pair, &alice)).await;
    let chats = approved(&pair, &alice, "agent", &chat).await;
    let his = pair.ask_with(asking(&pair, &bob)).await;
    let his = approved(&pair, &bob, "agent", &his).await;
    let active = async |answer: &Value| introspected(&pair, "rooms", token(answer)).await["active"] == true;
    assert!(active(&hers).await && active(&chats).await && active(&his).await);

    let db = || async { pair.t.identity.db.pool().acquire().await.expect("a connection") };
    for client in ["agent", "rooms"] {
        identity::store::client::disable(&mut *db().await, client, true).await.expect("disabled");
        if client == "agent" {
            assert!(!active(&chats).await && active(&hers).await, "its client is disabled");
        }
        identity::store::client::disable(&mut *db().await, client, false).await.expect("enabled");
    }
    assert!(active(&chats).await);
    // Revoking the calling app ends the requests on its behalf, but not the chat's.
    let apps = alice.browser.get(&pair.t.at("apps")).await;
    let revoke = pair.t.at(&format!("apps/{mcp_client}/revoke"));
    alice.browser.post(&revoke, &[("csrf_token", &apps.text("/csrf_token"))]).await;
    assert!(!active(&hers).await && active(&chats).await);
    assert_eq!(error(&pair.poll_as("agent-mcp", &requested.auth_req_id).await), (400, "invalid_grant"));
    // She blocks the chat, which doesn't affect Bob.
    let now = pair.clock.now();
    let pool = pair.t.identity.db.pool();
    let block = identity::store::approval_block::insert(pool, &alice.id, "agent", "Mandate chat", now);
    block.await.expect("the database");
    assert!(!active(&chats).await && active(&his).await);
    assert_eq!(error(&pair.poll(&chat.auth_req_id).await), (400, "access_denied"));
    identity::store::person::disable(&mut *db().await, &bob.id, true).await.expect("disabled");
    assert!(!active(&his).await, "he is disabled");
}

/// Revoking the chat under *Apps* ends its approvals at APIs of this service, but not its orders.
#[tokio::test]
async fn line_56_revoked_chat_loses_what_was_approved_for_it_here() {
    let pair = pair().await;
    let (alice, bob) = (pair.connected("Alice").await, pair.person("Bob").await);
    let consent = Asking::agent(&pair).with("scope", "rooms:read").with("audience", ROOMS);
    pair.tokens(&alice.browser, &consent).await;
    let used = pair.ask_with(asking(&pair, &alice)).await;
    let used = approved(&pair, &alice, "agent", &used).await;
    let waiting = pair.ask_with(asking(&pair, &alice)).await;
    let his = pair.ask_with(asking(&pair, &bob)).await;
    let his = approved(&pair, &bob, "agent", &his).await;
    let (order, _) = pair.approval_token(&alice).await;

    let apps = alice.browser.get(&pair.t.at("apps")).await;
    let revoke = pair.t.at("apps/agent/revoke");
    let shown = alice.browser.post(&revoke, &[("csrf_token", &apps.text("/csrf_token"))]).await;
    let notice = "Mandate chat no longer has the access that you allowed it here, and approvals here that it hasn’t used \
                  have ended. 1 request that waited for your approval was denied. You stay logged in, and it can ask you \
                  again.";
    assert_eq!(shown.text("/notice"), notice);
    assert_eq!(introspected(&pair, "rooms", token(&used)).await, json!({ "active": false }));
    assert_eq!(error(&pair.poll(&waiting.auth_req_id).await), (400, "access_denied"));
    assert_eq!(introspected(&pair, "rooms", token(&his)).await["active"], true, "Bob's is his");
    assert_eq!(pair.poll(&order.auth_req_id).await.0, 200, "her orders at StockTrade are unaffected");
}

/// A token signed with this service's key that names another person's approval, or another API, is inactive.
#[tokio::test]
async fn line_33_token_must_be_of_its_own_approval() {
    let pair = pair().await;
    let alice = pair.person("Alice").await;
    let bob = pair.person("Bob").await;
    let requested = pair.ask_with(asking(&pair, &alice)).await;
    let answer = approved(&pair, &alice, "agent", &requested).await;
    let right = claims(token(&answer));
    let signed = |name: &str, value: Value| {
        let mut other = right.clone();
        other[name] = value;
        pair.t.identity.keys.sign("at+jwt", &other).expect("signed")
    };
    assert_eq!(introspected(&pair, "rooms", &signed("jti", json!("another"))).await["active"], true);
    for (name, value) in [("sub", json!(bob.id)), ("client_id", json!("agent-mcp")), ("txn", json!("apr_none"))] {
        assert_eq!(introspected(&pair, "rooms", &signed(name, value)).await, json!({ "active": false }), "{name}");
    }
    assert_eq!(
        introspected(&pair, "library", &signed("aud", json!("https://library.example"))).await,
        json!({ "active": false })
    );
}

/// Removing an API from the settings ends the approvals for it.
#[tokio::test]
async fn line_56_api_that_left_the_settings_ends_its_approvals() {
    let mut pair = pair().await;
    let alice = pair.person("Alice").await;
    let requested = pair.ask_with(asking(&pair, &alice)).await;
    approved(&pair, &alice, "agent", &requested).await;
    pair.restart_with(|config| {
        for client in &mut config.clients {
            client.audiences.retain(|audience| audience != ROOMS);
        }
    })
    .await;
    let refused = pair.poll(&requested.auth_req_id).await;
    assert_eq!(error(&refused), (400, "invalid_grant"), "{refused:?}");
}
