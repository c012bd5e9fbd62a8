//! The steps of an order (PROTOCOL.md): repeating each is harmless, and "not placed" is always checked first.

use agent::{
    approval::{self, ApprovalError, Outcome, Polled, Withdrawal},
    tools::Prepared,
};
use foundation::SecretString;
use serde_json::{Value, json};
use shared::broker::Status;

use crate::{broker::order, troubles::prepared, world::World};

#[tokio::test]
async fn repeated_approval_request_is_the_same() {
    let (world, alice) = World::connected().await;
    let before = world.clock.now();
    let asked = prepared();
    let ask = || approval::request(&world.agent, &alice, &asked, "key-1", "ping-1", "K7 QD");
    let (one, again) = (ask().await.unwrap(), ask().await.unwrap());
    assert_eq!(one.txn, again.txn);
    assert_eq!(one.page, world.identity.site.at(&format!("approvals/{}", one.txn)));
    assert_eq!(one.interval_ms, 1000);
    assert!((before + 300_000..=world.clock.now() + 300_000).contains(&one.expires_at));
    let state = world.identity.state();
    let [(key, fields), (key_again, fields_again)] = state.asked.as_slice() else { panic!() };
    assert_eq!((key.as_str(), key_again.as_str()), ("key-1", "key-1"));
    assert_eq!(fields, fields_again);
    let mut sent: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    sent.retain(|(name, _)| !matches!(*name, "login_hint" | "authorization_details"));
    sent.sort_unstable();
    let vault = world.identity.site.at("vault/");
    assert_eq!(
        sent,
        [
            ("agent_message", "You asked for it"),
            ("audience", vault.as_str()),
            ("binding_message", "K7 QD"),
            ("client_id", "agent"),
            ("client_notification_token", "ping-1"),
            ("client_secret", "agent-secret"),
            ("scope", "openid"),
        ]
    );
    let hint: Value = serde_json::from_str(&fields["login_hint"]).unwrap();
    assert_eq!(hint, json!({ "format": "iss_sub", "iss": world.identity.site.issuer(), "sub": "usr_alice" }));
    let details: Value = serde_json::from_str(&fields["authorization_details"]).unwrap();
    assert_eq!(details, json!([prepared().detail]));
}

#[tokio::test]
async fn mcp_call_is_asked_on_the_callers_behalf() {
    let (world, _) = World::connected().await;
    let caller = world.mcp_caller("trade:read trade:write");
    approval::request(&world.agent, &caller, &prepared(), "key-1", "ping-1", "K7 QD").await.unwrap();
    let state = world.identity.state();
    let (_, fields) = &state.asked[0];
    assert_eq!(fields["client_id"], "agent-mcp");
    assert_eq!(fields["on_behalf_of_token"].split('.').count(), 3);
}

#[tokio::test]
async fn a_refused_request_says_why() {
    let (world, alice) = World::connected().await;
    for (refusal, says) in [
        ((429, "too_many_requests"), "Decide or withdraw those that wait, then ask again in 40 s."),
        ((400, "access_denied"), "You have blocked this agent"),
        ((400, "unknown_user_id"), "Log in again"),
        ((401, "federated_connection_refresh_token_not_found"), "The account is not connected"),
        ((400, "invalid_request"), "nothing was asked and nothing is placed"),
    ] {
        world.identity.state().not_asked = Some(refusal);
        let asked = approval::request(&world.agent, &alice, &prepared(), "k", "n", "K7 QD").await;
        let Err(ApprovalError::Final(said)) = asked else { panic!("{refusal:?}: {asked:?}") };
        assert!(said.contains(says), "{refusal:?}: {said}");
    }
    world.identity.state().not_asked = Some((503, "temporarily_unavailable"));
    let asked = approval::request(&world.agent, &alice, &prepared(), "k", "n", "K7 QD").await;
    assert!(matches!(asked, Err(ApprovalError::Retry(_))), "{asked:?}");
}

#[tokio::test]
async fn a_poll_tells_the_outcomes_apart() {
    let (world, alice) = World::connected().await;
    let poll = |decided: Option<&'static str>| {
        world.identity.state().decided = decided;
        let world = &world;
        let alice = &alice;
        async move { approval::poll(&world.agent, alice, &"req-apr1".into()).await.unwrap() }
    };
    assert!(matches!(poll(None).await, Polled::Pending));
    assert!(matches!(poll(Some("slow_down")).await, Polled::SlowDown(7000)));
    assert!(matches!(poll(Some("denied")).await, Polled::Denied));
    assert!(matches!(poll(Some("withdrawn")).await, Polled::Withdrawn));
    assert!(matches!(poll(Some("expired_token")).await, Polled::Expired));
    assert!(matches!(poll(Some("invalid_grant")).await, Polled::Gone));
    assert!(matches!(poll(Some("approved")).await, Polled::Approved(_)));
}

fn token() -> SecretString {
    "approval-apr1".into()
}

#[tokio::test]
async fn line_33_approved_order_is_placed_once() {
    let (world, alice) = World::connected().await;
    let place = || async { approval::place(&world.agent, &alice, &token(), "apr1", &prepared()).await };
    // The answer is lost on the way: it was placed, and the next try gets it.
    world.broker.state().loses_answer = true;
    assert!(matches!(place().await, Err(ApprovalError::Retry(_))));
    for _ in 0..2 {
        let Ok(Outcome::Placed(order)) = place().await else { panic!() };
        assert_eq!((order.status, order.id.as_str()), (Status::Filled, "ord_1"));
    }
    let state = world.broker.state();
    assert_eq!(state.orders.len(), 1);
    let order = &state.orders[0];
    assert_eq!((&order["symbol"], &order["quantity"], &order["limit"]), (&json!("WAYNE"), &json!(5), &json!("105.49")));
    // Each attempt used the token for this one order.
    assert!(state.seen.iter().all(|(_, _, bearer)| bearer == "Bearer order-apr1"));
}

#[tokio::test]
async fn line_56_before_it_says_not_placed_the_broker_is_asked() {
    let (world, alice) = World::connected().await;
    let place = || async { approval::place(&world.agent, &alice, &token(), "apr1", &prepared()).await.unwrap() };
    let asked_broker = || world.broker.state().seen.iter().filter(|(_, path, _)| path.contains("txn=apr1")).count();
    // The broker refuses.
    world.broker.state().refuses = Some((403, "What was approved is another order."));
    let Outcome::Refused { reason, .. } = place().await else { panic!() };
    assert_eq!(reason, "StockTrade refused it: What was approved is another order.");
    assert_eq!(asked_broker(), 1);
    // The broker refuses, but has the order.
    world.broker.state().orders = vec![order("ord_7", "FILLED", Some("apr1"))];
    let Outcome::Placed(order_found) = place().await else { panic!() };
    assert_eq!(order_found.id, "ord_7");
    world.broker.state().orders = vec![order("ord_8", "FILLED", Some("another"))];
    assert!(matches!(place().await, Outcome::Refused { .. }), "another approval's order is not this one's");
    // The vault refuses: the approval expired, or the account is gone, so the order can't be looked up either.
    world.identity.state().refuses = Some((400, "invalid_grant"));
    let Outcome::Unknown(reason) = place().await else { panic!() };
    assert!(reason.starts_with("The approval can no longer be used"), "{reason}");
    assert!(reason.contains("Look at your orders there"), "{reason}");
    world.identity.state().refuses = Some((401, "federated_connection_refresh_token_not_found"));
    let Outcome::Unknown(reason) = place().await else { panic!() };
    assert!(reason.starts_with("StockTrade is no longer connected"), "{reason}");
    // The look-up fails: the outcome stays open.
    world.identity.state().refuses = None;
    world.identity.state().trouble = Some(crate::identity::Trouble::ServerError);
    let tried = approval::place(&world.agent, &alice, &token(), "apr1", &prepared()).await;
    assert!(matches!(tried, Err(ApprovalError::Retry(_))), "{tried:?}");
}

#[tokio::test]
async fn a_rejected_order_is_an_order() {
    let (world, alice) = World::connected().await;
    world.broker.state().rejects = Some("Insufficient funds");
    let placed = approval::place(&world.agent, &alice, &token(), "apr1", &prepared()).await;
    let Ok(Outcome::Rejected(order)) = placed else { panic!("{placed:?}") };
    assert_eq!((order.status, order.reason.as_deref()), (Status::Rejected, Some("Insufficient funds")));
}

#[tokio::test]
async fn repeated_cancellation_is_done_once() {
    let (world, alice) = World::connected().await;
    world.broker.state().orders = vec![order("ord_1", "PENDING", None), order("ord_2", "FILLED", None)];
    let cancel = |id: &str| Prepared {
        detail: json!({ "type": "stock_order_cancellation", "order": id }),
        title: "Cancel an order".into(),
        ..prepared()
    };
    world.broker.state().loses_answer = true;
    let detail = cancel("ord_1");
    let lost = approval::place(&world.agent, &alice, &token(), "apr1", &detail).await;
    assert!(matches!(lost, Err(ApprovalError::Retry(_))));
    let again = approval::place(&world.agent, &alice, &token(), "apr1", &detail).await;
    assert!(matches!(again, Ok(Outcome::Placed(order)) if order.status == Status::Cancelled));
    // Refused after it was done: the order shows that.
    world.identity.state().refuses = None;
    let filled = approval::place(&world.agent, &alice, &token(), "apr2", &cancel("ord_2")).await;
    let Ok(Outcome::Refused { reason, .. }) = filled else { panic!("{filled:?}") };
    assert!(reason.contains("filled already"), "{reason}");
}

#[tokio::test]
async fn withdrawal_reports_the_outcome() {
    let (world, alice) = World::connected().await;
    let withdraw = || async { approval::withdraw(&world.agent, &alice, &"req-apr1".into()).await.unwrap() };
    assert_eq!(withdraw().await, Withdrawal::Withdrawn);
    assert_eq!(withdraw().await, Withdrawal::Withdrawn);
    for (decided, outcome) in
        [("approved", Withdrawal::Approved), ("denied", Withdrawal::Denied), ("expired", Withdrawal::Expired)]
    {
        world.identity.state().decided = Some(decided);
        assert_eq!(withdraw().await, outcome);
    }
    let state = world.identity.state();
    let first = &state.revoked[0];
    assert_eq!(first["token"], "req-apr1");
    assert_eq!(first["token_type_hint"], "urn:mandate:params:oauth:token-type:auth-req-id");
    assert_eq!(first["client_id"], "agent");
}
