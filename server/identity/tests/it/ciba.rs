//! The CIBA grant, and the rights of its token (THREATS.md lines 13, 17, 29, 56, 61).

use identity::config::Grant;
use reqwest::Method;
use serde_json::{Value, json};

use crate::pair::{
    Pair, secret_of,
    walk::{ACCESS_TOKEN, CIBA, ORDER, claims},
};

fn error(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["error"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn line_29_approval_is_redeemable_for_ten_minutes() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let requested = pair.ask(&alice).await;
    pair.clock.advance(100_000);
    pair.decide(&alice, &requested.txn, "approve").await;
    let (status, first) = pair.poll(&requested.auth_req_id).await;
    assert_eq!(status, 200, "{first}");
    let details: Value = serde_json::from_str(ORDER).expect("JSON");
    assert_eq!(first["txn"], requested.txn.as_str());
    assert_eq!(first["authorization_details"], details);
    assert_eq!(first["token_type"], "Bearer");
    assert!(first["refresh_token"].is_null());
    assert!(first["expires_in"].as_i64().is_some_and(|left| (595..=600).contains(&left)), "{first}");
    let token = claims(first["access_token"].as_str().expect("a token"));
    assert_eq!(token["iss"], pair.t.site.issuer());
    assert_eq!(token["aud"], pair.t.at("vault/"));
    assert_eq!(token["sub"], alice.id.as_str());
    assert_eq!((&token["azp"], &token["client_id"]), (&json!("agent"), &json!("agent")));
    assert_eq!((&token["txn"], &token["authorization_details"]), (&json!(requested.txn), &details));
    let id_token = claims(first["id_token"].as_str().expect("an id token"));
    assert_eq!((&id_token["sub"], &id_token["aud"]), (&json!(alice.id), &json!("agent")));

    // The answer was lost: a new token with the same txn and expiry.
    pair.clock.advance(300_000);
    let (status, again) = pair.poll(&requested.auth_req_id).await;
    assert_eq!((status, &again["txn"]), (200, &first["txn"]));
    assert_ne!(again["access_token"], first["access_token"]);
    assert!(again["expires_in"].as_i64().is_some_and(|left| (295..=300).contains(&left)), "{again}");
    // Line 29: afterwards it gives no token.
    pair.clock.advance(300_000);
    assert_eq!(error(&pair.poll(&requested.auth_req_id).await), (400, "invalid_grant"));
    let answer = pair.vault_as("agent", again["access_token"].as_str().expect("a token"), ACCESS_TOKEN).await;
    assert_eq!(error(&answer), (400, "invalid_grant"));
}

#[tokio::test]
async fn line_13_29_auth_req_id_is_bound_to_its_client() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let requested = pair.ask(&alice).await;
    let id = &requested.auth_req_id;
    let unknown = (400, "invalid_grant");
    for other in [&id[..id.len() - 1], &id[1..], &format!("{id}a"), "guessed", &id.to_lowercase(), &requested.txn] {
        assert_eq!(error(&pair.poll(other).await), unknown, "{other}");
    }
    for state in ["waiting", "approved"] {
        for client in ["agent-mcp", "other"] {
            assert_eq!(error(&pair.poll_as(client, id).await), unknown, "{client} while {state}");
        }
        if state == "waiting" {
            pair.decide(&alice, &requested.txn, "approve").await;
        }
    }
    assert_eq!(pair.poll(id).await.0, 200);
}

#[tokio::test]
async fn line_17_a_public_client_has_none_of_these_grants() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let requested = pair.ask(&alice).await;
    let (mcp, token) = pair.mcp_token(&alice, "trade:read trade:write").await;
    let forms = [
        vec![("grant_type", CIBA), ("auth_req_id", &*requested.auth_req_id)],
        vec![
            ("grant_type", crate::pair::walk::VAULT),
            ("subject_token", &*token),
            ("subject_token_type", ACCESS_TOKEN),
            ("connection", "stocktrade"),
        ],
        vec![
            ("grant_type", crate::pair::walk::EXCHANGE),
            ("subject_token", &*token),
            ("subject_token_type", ACCESS_TOKEN),
        ],
    ];
    let as_registered = refused_to_public(&pair, &mcp, &forms).await;
    // Even if its row allows them.
    let t = &pair.t.identity;
    let mut db = t.db.pool().acquire().await.expect("a connection");
    let client = identity::store::client::find(&mut db, &mcp, t.clock.now()).await.expect("the database");
    let client = identity::client::Client { grants: Grant::ALL.to_vec(), ..client.expect("the client") };
    identity::store::client::put(&mut db, &client, t.clock.now()).await.expect("stored");
    drop(db);
    assert_eq!(refused_to_public(&pair, &mcp, &forms).await, as_registered);
    assert_eq!(as_registered, 3);
}

/// How many of these requests are refused to a client without a secret: without one, and with a guessed one.
async fn refused_to_public(pair: &Pair, client: &str, forms: &[Vec<(&str, &str)>]) -> usize {
    for form in forms {
        let mut form = form.clone();
        form.push(("client_id", client));
        assert_eq!(error(&pair.form(&pair.t.at("oauth/token"), &form).await), (400, "unauthorized_client"), "{form:?}");
        form.push(("client_secret", "guessed"));
        assert_eq!(error(&pair.form(&pair.t.at("oauth/token"), &form).await), (401, "invalid_client"), "{form:?}");
    }
    forms.len()
}

#[tokio::test]
async fn line_29_polling_too_fast_slows_down_until_it_is_decided() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let requested = pair.ask(&alice).await;
    let id = &requested.auth_req_id;
    assert_eq!(error(&pair.poll(id).await), (400, "authorization_pending"));
    for interval in [10, 15, 20] {
        let form =
            [("grant_type", CIBA), ("client_id", "agent"), ("client_secret", &secret_of("agent")), ("auth_req_id", id)];
        let response = pair.http().post(pair.t.at("oauth/token")).form(&form).send().await.expect("an answer");
        assert_eq!(response.headers()["retry-after"], interval.to_string().as_str());
        assert!(response.headers().get("www-authenticate").is_none());
        let answer: Value = response.json().await.expect("JSON");
        assert_eq!((&answer["error"], &answer["interval"]), (&json!("slow_down"), &json!(interval)));
    }
    pair.clock.advance(15_000);
    assert_eq!(error(&pair.poll(id).await), (400, "slow_down"));
    pair.clock.advance(25_000);
    assert_eq!(error(&pair.poll(id).await), (400, "authorization_pending"));
    assert_eq!(error(&pair.poll(id).await), (400, "slow_down"));
    pair.decide(&alice, &requested.txn, "approve").await;
    for _ in 0..3 {
        assert_eq!(pair.poll(id).await.0, 200, "a decided request ignores the interval");
    }
}

#[tokio::test]
async fn line_29_denied_and_expired_have_their_errors() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let denied = pair.ask(&alice).await;
    pair.decide(&alice, &denied.txn, "deny").await;
    let expired = pair.ask(&alice).await;
    assert_eq!(error(&pair.poll(&denied.auth_req_id).await), (400, "access_denied"));
    pair.clock.advance(290_000);
    assert_eq!(error(&pair.poll(&expired.auth_req_id).await), (400, "authorization_pending"));
    pair.clock.advance(10_000);
    assert_eq!(error(&pair.poll(&expired.auth_req_id).await), (400, "expired_token"));
    assert_eq!(error(&pair.poll(&denied.auth_req_id).await), (400, "access_denied"), "a denial stays one");
}

/// A client that isn't first-party redeems once, however many attempts run at once.
#[tokio::test]
async fn line_61_another_client_redeems_once() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let mut asking = pair.asking(&alice);
    asking.retain(|(name, _)| !name.starts_with("client_"));
    asking.extend([("client_id", "other".to_owned()), ("client_secret", secret_of("other"))]);
    let requested = pair.ask_with(asking).await;
    pair.decide(&alice, &requested.txn, "approve").await;
    let answers = futures::future::join_all((0..8).map(|_| pair.poll_as("other", &requested.auth_req_id))).await;
    assert_eq!(answers.iter().filter(|(status, _)| *status == 200).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| answer.0 == 200 || error(answer) == (400, "invalid_grant")), "{answers:?}");
    // It may not use the vault, either.
    let token = answers.iter().find_map(|(_, answer)| answer["access_token"].as_str()).expect("a token");
    assert_eq!(error(&pair.vault_as("other", token, ACCESS_TOKEN).await), (400, "unauthorized_client"));
}

/// Something that the approval depends on ends between the steps.
#[tokio::test]
async fn line_56_every_step_checks_that_all_is_still_active() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let t = &pair.t.identity;
    let (requested, token) = pair.approval_token(&alice).await;
    let ask_vault = || pair.vault_as("agent", &token, ACCESS_TOKEN);
    assert_eq!(ask_vault().await.0, 200);

    // The client is disabled.
    let mut db = t.db.pool().acquire().await.expect("a connection");
    identity::store::client::disable(&mut db, "agent", true).await.expect("disabled");
    assert_eq!(error(&pair.poll(&requested.auth_req_id).await), (401, "invalid_client"));
    assert_eq!(error(&ask_vault().await), (401, "invalid_client"));
    identity::store::client::disable(&mut db, "agent", false).await.expect("enabled");
    assert_eq!(ask_vault().await.0, 200);

    // The person is disabled.
    identity::store::person::disable(&mut db, &alice.id, true).await.expect("disabled");
    assert_eq!(error(&pair.poll(&requested.auth_req_id).await), (400, "invalid_grant"));
    assert_eq!(error(&ask_vault().await), (400, "invalid_grant"));
    let url = pair.t.at(&format!("approvals/{}", requested.txn));
    assert_eq!(alice.browser.get(&url).await.status, 303, "to the login");
    identity::store::person::disable(&mut db, &alice.id, false).await.expect("enabled");
    assert_eq!(ask_vault().await.0, 200);
    drop(db);

    // The person blocks the client on a later request.
    let later = pair.ask(&alice).await;
    pair.decide(&alice, &later.txn, "block").await;
    assert_eq!(error(&pair.poll(&requested.auth_req_id).await), (400, "access_denied"));
    assert_eq!(error(&ask_vault().await), (400, "access_denied"));
    let blocked = alice.browser.get(&pair.t.at("approvals/blocked")).await.text("/csrf_token");
    alice.browser.post(&pair.t.at("approvals/unblock"), &[("csrf_token", &blocked), ("client", "agent")]).await;
    assert_eq!(error(&ask_vault().await), (400, "access_denied"), "what a block ended stays ended");
    assert_eq!(error(&pair.poll(&requested.auth_req_id).await), (400, "access_denied"));
    let (requested, token) = pair.approval_token(&alice).await;
    let ask_vault = || pair.vault_as("agent", &token, ACCESS_TOKEN);
    assert_eq!(ask_vault().await.0, 200);

    // The account is disconnected; connecting it again makes another account.
    let account_token = pair.account_token(&alice).await;
    let (_, accounts) = pair.my_account(Method::GET, "accounts", &account_token, None).await;
    let id = accounts["accounts"][0]["id"].as_str().expect("an account");
    let (status, _) = pair.my_account(Method::DELETE, &format!("accounts/{id}"), &account_token, None).await;
    assert_eq!(status, 204);
    let not_connected = (401, "federated_connection_refresh_token_not_found");
    assert_eq!(error(&ask_vault().await), not_connected);
    assert_eq!(error(&pair.poll(&requested.auth_req_id).await), not_connected);
    pair.connect(&alice, "Alice", json!(["trade:write"])).await;
    assert_eq!(error(&ask_vault().await), not_connected);
}

/// The person revokes the MCP client's grant after the approval.
#[tokio::test]
async fn line_56_approval_ends_with_its_grant() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (mcp, caller) = pair.mcp_token(&alice, "trade:read trade:write").await;
    let grant = claims(&caller)["grant_id"].as_str().expect("a grant").to_owned();
    let mut asking = pair.asking(&alice);
    asking.retain(|(name, _)| !["client_id", "client_secret"].contains(name));
    asking.extend([
        ("client_id", "agent-mcp".to_owned()),
        ("client_secret", secret_of("agent-mcp")),
        ("on_behalf_of_token", caller),
    ]);
    let requested = pair.ask_with(asking).await;
    pair.decide(&alice, &requested.txn, "approve").await;
    let (status, tokens) = pair.poll_as("agent-mcp", &requested.auth_req_id).await;
    assert_eq!(status, 200, "{tokens}");
    let token = tokens["access_token"].as_str().expect("a token").to_owned();
    let mut db = pair.t.identity.db.pool().acquire().await.expect("a connection");
    let now = pair.clock.now();
    assert!(identity::store::authorization_grant::revoke(&mut db, &grant, now).await.expect("revoked"));
    // The client itself is active: only the grant is gone.
    assert!(identity::store::client::find(&mut db, &mcp, now).await.expect("a database").is_some());
    drop(db);
    assert_eq!(error(&pair.vault_as("agent-mcp", &token, ACCESS_TOKEN).await), (400, "invalid_grant"));
    assert_eq!(error(&pair.poll_as("agent-mcp", &requested.auth_req_id).await), (400, "invalid_grant"));
}

/// The MCP client is disabled after the approval.
#[tokio::test]
async fn line_56_an_approval_ends_with_the_client_behind_it() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (mcp, caller) = pair.mcp_token(&alice, "trade:read trade:write").await;
    let mut asking = pair.asking(&alice);
    asking.retain(|(name, _)| !["client_id", "client_secret"].contains(name));
    asking.extend([
        ("client_id", "agent-mcp".to_owned()),
        ("client_secret", secret_of("agent-mcp")),
        ("on_behalf_of_token", caller),
    ]);
    let requested = pair.ask_with(asking).await;
    pair.decide(&alice, &requested.txn, "approve").await;
    let (status, tokens) = pair.poll_as("agent-mcp", &requested.auth_req_id).await;
    assert_eq!(status, 200, "{tokens}");
    let token = tokens["access_token"].as_str().expect("a token").to_owned();
    let (status, order) = pair.vault_as("agent-mcp", &token, ACCESS_TOKEN).await;
    assert_eq!(status, 200, "{order}");
    let act = claims(order["access_token"].as_str().expect("a token"))["act"].clone();
    let expected = json!({
        "iss": pair.t.site.issuer(), "sub": "agent-mcp", "name": "Mandate",
        "act": { "sub": mcp, "name": "Claude Code" },
    });
    assert_eq!(act, expected);
    let mut db = pair.t.identity.db.pool().acquire().await.expect("a connection");
    identity::store::client::disable(&mut db, &mcp, true).await.expect("disabled");
    assert_eq!(error(&pair.vault_as("agent-mcp", &token, ACCESS_TOKEN).await), (400, "invalid_grant"));
    assert_eq!(error(&pair.poll_as("agent-mcp", &requested.auth_req_id).await), (400, "invalid_grant"));
}

/// THREATS.md line 29: ten minutes until the first vault exchange, which then repeats for two minutes.
#[tokio::test]
async fn line_29_70_a_used_approval_repeats_for_two_minutes() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (requested, token) = pair.approval_token(&alice).await;
    pair.clock.advance(400_000);
    for wait in [0, 60_000, 55_000] {
        pair.clock.advance(wait);
        let (status, again) = pair.poll(&requested.auth_req_id).await;
        assert_eq!(status, 200, "{again}");
        assert_eq!(pair.vault_as("agent", &token, ACCESS_TOKEN).await.0, 200, "after {wait} more");
    }
    // The answer says how long that is.
    let (_, last) = pair.poll(&requested.auth_req_id).await;
    assert!(last["expires_in"].as_i64().is_some_and(|left| (1..=5).contains(&left)), "{last}");
    pair.clock.advance(6_000);
    assert_eq!(error(&pair.vault_as("agent", &token, ACCESS_TOKEN).await), (400, "invalid_grant"));
    assert_eq!(error(&pair.poll(&requested.auth_req_id).await), (400, "invalid_grant"));
}

/// THREATS.md line 66: an error names differing clocks, and the approved order waits.
#[tokio::test]
async fn line_66_approved_order_waits_while_clocks_differ() {
    let mut pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (_, token) = pair.approval_token(&alice).await;
    for ahead in [300_000, -300_000] {
        pair.b_has_a_clock_of_its_own(ahead).await;
        let (status, answer) = pair.vault_as("agent", &token, ACCESS_TOKEN).await;
        assert_eq!((status, answer["error"].as_str()), (503, Some("temporarily_unavailable")), "{ahead}: {answer}");
        let said = answer["error_description"].as_str().unwrap_or_default();
        assert!(said.contains("clocks"), "{said}");
    }
    pair.b_has_a_clock_of_its_own(0).await;
    let (status, answer) = pair.vault_as("agent", &token, ACCESS_TOKEN).await;
    assert_eq!(status, 200, "{answer}");
}
