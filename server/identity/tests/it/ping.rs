//! The outbox: pings repeated after a failure and after a restart (PROTOCOL.md, step 5), and revocations that wait for
//! the provider.

use reqwest::Method;
use serde_json::json;

use crate::pair::Pair;

/// When the only entry of the outbox is due.
async fn next_at(pair: &Pair) -> i64 {
    let row = sqlx::query_scalar("SELECT next_at FROM outbox").fetch_one(pair.t.identity.db.pool());
    row.await.expect("the database")
}

#[tokio::test]
async fn decision_pings_the_client_with_its_token_and_id() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    for decision in ["approve", "deny"] {
        let requested = pair.ask(&alice).await;
        let before = pair.pings().len();
        pair.decide(&alice, &requested.txn, decision).await;
        pair.until("a ping", || pair.pings().len() > before).await;
        assert_eq!(pair.pings()[before], ("notify-me-with-this-token".into(), requested.auth_req_id.clone()));
    }
    pair.until_outbox_is_empty().await;
    assert_eq!(pair.pings().len(), 2, "delivered once each");
}

#[tokio::test]
async fn no_ping_without_notification_token_or_decision() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let mut asking = pair.asking(&alice);
    asking.retain(|(name, _)| *name != "client_notification_token");
    let quiet = pair.ask_with(asking).await;
    pair.decide(&alice, &quiet.txn, "approve").await;
    let withdrawn = pair.ask(&alice).await;
    pair.withdraw("agent", &withdrawn.auth_req_id).await;
    pair.ask(&alice).await;
    pair.clock.advance(400_000);
    // The first ping to arrive is about a later decision.
    let requested = pair.ask(&alice).await;
    pair.decide(&alice, &requested.txn, "deny").await;
    pair.until("a ping", || !pair.pings().is_empty()).await;
    pair.until_outbox_is_empty().await;
    assert_eq!((pair.pings().len(), pair.pings()[0].1.as_str()), (1, requested.auth_req_id.as_str()));
}

#[tokio::test]
async fn line_37_ping_is_retried_and_follows_no_redirect() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    pair.pings_get(302);
    let requested = pair.ask(&alice).await;
    let before = pair.clock.now();
    pair.decide(&alice, &requested.txn, "approve").await;
    pair.until("a first attempt", || !pair.pings().is_empty()).await;
    // The delay grows each time.
    assert!(next_at(&pair).await >= before + 1_000);
    pair.pings_get(401);
    pair.clock.advance(1_000);
    pair.until("a second attempt", || pair.pings().len() > 1).await;
    assert!(next_at(&pair).await >= before + 3_000);
    pair.pings_get(204);
    pair.clock.advance(2_000);
    pair.until_outbox_is_empty().await;
    let pings = pair.pings();
    assert_eq!(pings.len(), 3);
    assert!(pings.iter().all(|(_, of)| *of == requested.auth_req_id), "{pings:?}");
    // Polling never depended on the ping.
    assert_eq!(pair.poll(&requested.auth_req_id).await.0, 200);
}

#[tokio::test]
async fn unsent_ping_goes_out_after_a_restart() {
    let mut pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    // The process stops between the decision and the ping: nobody sends the outbox.
    pair.t_stops_work();
    let requested = pair.ask(&alice).await;
    pair.decide(&alice, &requested.txn, "approve").await;
    assert_eq!(pair.pings().len(), 0);
    pair.restart_t().await;
    pair.until("the ping after the restart", || pair.pings().len() == 1).await;
    assert_eq!(pair.pings()[0], ("notify-me-with-this-token".into(), requested.auth_req_id.clone()));
    pair.until_outbox_is_empty().await;
    // The rest of the order continues normally.
    let (status, tokens) = pair.poll(&requested.auth_req_id).await;
    assert_eq!((status, &tokens["txn"]), (200, &json!(requested.txn)));
    let token = tokens["access_token"].as_str().expect("a token");
    assert_eq!(pair.vault_as("agent", token, crate::pair::walk::ACCESS_TOKEN).await.0, 200);
}

#[tokio::test]
async fn a_ping_is_given_up_after_an_hour() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    pair.pings_get(500);
    let requested = pair.ask(&alice).await;
    pair.decide(&alice, &requested.txn, "deny").await;
    // The failed attempt replaces its lease of 15 seconds by the time of the retry.
    world::until("it will be retried", async || {
        (pair.pings().len() == 1 && next_at(&pair).await <= pair.clock.now() + 1_000).then_some(())
    })
    .await;
    pair.clock.advance(3_600_001);
    pair.until_outbox_is_empty().await;
    assert_eq!(pair.pings().len(), 2);
}

#[tokio::test]
async fn a_disconnected_account_is_revoked_when_its_provider_is_back() {
    let mut pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let token = pair.account_token(&alice).await;
    let (_, accounts) = pair.my_account(Method::GET, "accounts", &token, None).await;
    let path = format!("accounts/{}", accounts["accounts"][0]["id"].as_str().expect("an id"));
    assert_eq!(pair.grants_at_b("tenant-vault").await, 1);
    pair.b_goes_away();
    let (status, _) = pair.my_account(Method::DELETE, &path, &token, None).await;
    assert_eq!(status, 204, "the person is not kept waiting for the provider");
    let (status, _) = pair.vault_as("agent", &alice.refresh_token, crate::pair::walk::REFRESH_TOKEN).await;
    assert_eq!(status, 401);
    pair.b_comes_back().await;
    assert_eq!(pair.grants_at_b("tenant-vault").await, 1);
    pair.clock.advance(60_000);
    pair.until_outbox_is_empty().await;
    assert_eq!(pair.grants_at_b("tenant-vault").await, 0);
}
