//! The steps of an order (PROTOCOL.md): repeating each is harmless, and "not placed" is always checked first.

use agent::{
    approval::{self, ApprovalError, Outcome, Polled, Requested},
    tools::{Caller, Prepared},
};
use foundation::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use shared::broker::Status;
use world::{Fault, claims, grant, refusal};

use crate::{sites::World, troubles::prepared};

const ORDER: &str = "POST /api/orders";
const VAULT: &str = "federated-connection-access-token";

/// Sends an approval request under a key.
async fn ask(world: &World, alice: &Caller, prepared: &Prepared, key: &str) -> Requested {
    approval::request(&world.agent, alice, prepared, key, "ping-1", "K7 QD").await.unwrap()
}

/// Sends an approval request that Alice approves; returns the approval's token and id.
pub(crate) async fn approved(world: &World, alice: &Caller, prepared: &Prepared, key: &str) -> (SecretString, String) {
    let requested = ask(world, alice, prepared, key).await;
    world.decide("approve").await;
    let Polled::Approved(token) = approval::poll(&world.agent, alice, &requested.auth_req_id).await.unwrap() else {
        panic!("it is approved")
    };
    (token, requested.txn)
}

#[tokio::test]
async fn repeated_approval_request_is_the_same() {
    let (world, alice) = World::connected().await;
    let before = world.clock.now();
    let (asked, again) =
        (ask(&world, &alice, &prepared(), "key-1").await, ask(&world, &alice, &prepared(), "key-1").await);
    assert_eq!(asked.txn, again.txn);
    assert_eq!(asked.auth_req_id.expose_secret(), again.auth_req_id.expose_secret());
    assert_eq!(asked.page, world.identity_site().at(&format!("approvals/{}", asked.txn)));
    assert_eq!(asked.interval_ms, 5000);
    assert!((before + 300_000..=world.clock.now() + 300_000).contains(&asked.expires_at));
    let requests = world.asked();
    let [first, second] = requests.as_slice() else { panic!() };
    assert_eq!((first.header("idempotency-key"), second.header("idempotency-key")), ("key-1", "key-1"));
    let fields = first.form();
    assert_eq!(fields, second.form());
    let mut sent: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    sent.retain(|(name, _)| !matches!(*name, "login_hint" | "authorization_details"));
    sent.sort_unstable();
    let vault = world.identity_site().at("vault/");
    assert_eq!(
        sent,
        [
            ("agent_message", "You asked for it"),
            ("audience", vault.as_str()),
            ("binding_message", "K7 QD"),
            ("client_id", "agent"),
            ("client_notification_token", "ping-1"),
            ("client_secret", world.agent_config.login.client_secret.expose_secret()),
            ("request_group", "K7 QD"),
            ("scope", "openid"),
        ]
    );
    let hint: Value = serde_json::from_str(&fields["login_hint"]).unwrap();
    assert_eq!(hint, json!({ "format": "iss_sub", "iss": world.identity_site().issuer(), "sub": world.subject }));
    let details: Value = serde_json::from_str(&fields["authorization_details"]).unwrap();
    assert_eq!(details, json!([prepared().detail]));
}

#[tokio::test]
async fn mcp_call_is_asked_on_the_callers_behalf() {
    let (world, _) = World::connected().await;
    let caller = world.mcp_caller("trade:read trade:write");
    ask(&world, &caller, &prepared(), "key-1").await;
    let fields = world.asked()[0].form();
    assert_eq!(fields["client_id"], "agent-mcp");
    assert_eq!(fields["on_behalf_of_token"].split('.').count(), 3);
}

#[tokio::test]
async fn a_refused_request_says_why() {
    let (world, alice) = World::connected().await;
    let ask = async || approval::request(&world.agent, &alice, &prepared(), "k", "n", "K7 QD").await;
    for (refused, says) in [
        ((429, "too_many_requests"), "Decide or withdraw those that wait, then ask again in 40 s."),
        ((400, "access_denied"), "You have blocked this agent"),
        ((400, "unknown_user_id"), "Log in again"),
        ((401, "federated_connection_refresh_token_not_found"), "The account is not connected"),
        ((400, "invalid_request"), "so nothing was asked"),
    ] {
        world.at_identity.fails("/bc-authorize", refusal(refused.0, refused.1));
        let asked = ask().await;
        let Err(ApprovalError::Final(said)) = asked else { panic!("{refused:?}: {asked:?}") };
        assert!(said.contains(says), "{refused:?}: {said}");
    }
    world.at_identity.fails("/bc-authorize", refusal(503, "temporarily_unavailable"));
    let asked = ask().await;
    assert!(matches!(asked, Err(ApprovalError::Retry(_))), "{asked:?}");
}

#[tokio::test]
async fn a_poll_tells_the_outcomes_apart() {
    let (world, alice) = World::connected().await;
    let ask = async |key: &str| ask(&world, &alice, &prepared(), key).await.auth_req_id;
    let poll = async |id: &SecretString| approval::poll(&world.agent, &alice, id).await.unwrap();
    let decided = ask("decided").await;
    assert!(matches!(poll(&decided).await, Polled::Pending(Some(_))));
    let slower = Fault::Answer(400, json!({ "error": "slow_down", "interval": 7 }));
    world.at_identity.fails_once(grant("ciba"), slower);
    assert!(matches!(poll(&decided).await, Polled::SlowDown(7000)));
    world.decide("deny").await;
    assert!(matches!(poll(&decided).await, Polled::Denied));
    let withdrawn = ask("withdrawn").await;
    approval::withdraw(&world.agent, &alice, &withdrawn).await.unwrap();
    assert!(matches!(poll(&withdrawn).await, Polled::Withdrawn));
    let expired = ask("expired").await;
    world.clock.advance(301_000);
    assert!(matches!(poll(&expired).await, Polled::Expired));
    assert!(matches!(poll(&"req-apr1".into()).await, Polled::Gone));
    let approved = ask("approved").await;
    world.decide("approve").await;
    assert!(matches!(poll(&approved).await, Polled::Approved(_)));
}

#[tokio::test]
async fn line_33_approved_order_is_placed_once() {
    let (world, alice) = World::connected().await;
    let (token, txn) = approved(&world, &alice, &prepared(), "k").await;
    let place = async || approval::place(&world.agent, &alice, &token, &txn, &prepared()).await;
    // The order is placed and the answer lost; the next attempt gets the order.
    world.at_broker.fails_once(ORDER, Fault::Lost);
    assert!(matches!(place().await, Err(ApprovalError::Retry(_))));
    for _ in 0..2 {
        let Ok(Outcome::Placed(order)) = place().await else { panic!() };
        assert_eq!((order.status, order.id.as_str()), (Status::Filled, world.order_ids().await[0].as_str()));
    }
    let placed: Vec<(String, i64, i64)> = sqlx::query_as("SELECT symbol, quantity, limit_price FROM orders")
        .fetch_all(world.pool("broker"))
        .await
        .unwrap();
    assert_eq!(placed, [("WAYNE".to_owned(), 5, 10_549)]);
    // Each attempt used a token for this one order.
    let attempts = world.at_broker.seen(ORDER);
    assert_eq!(attempts.len(), 3);
    for attempt in attempts {
        let order = claims(attempt.header("authorization").strip_prefix("Bearer ").unwrap()).unwrap();
        assert_eq!(order["txn"], txn);
    }
}

#[tokio::test]
async fn line_56_before_it_says_not_placed_the_broker_is_asked() {
    let (world, alice) = World::connected().await;
    let (token, txn) = approved(&world, &alice, &prepared(), "k").await;
    let place = async || approval::place(&world.agent, &alice, &token, &txn, &prepared()).await.unwrap();
    let asked_broker = || world.at_broker.seen("GET /").iter().filter(|seen| seen.path.contains(&txn)).count();
    // The broker refuses.
    world.at_broker.fails(ORDER, refusal(403, "What was approved is another order."));
    let Outcome::Refused { reason, .. } = place().await else { panic!() };
    assert_eq!(reason, "StockTrade refused it: What was approved is another order.");
    assert_eq!(asked_broker(), 1);
    // The broker refuses, but has the order.
    world.has_order("ord_7", "FILLED", Some(&txn)).await;
    let Outcome::Placed(order_found) = place().await else { panic!() };
    assert_eq!(order_found.id, "ord_7");
    sqlx::query("UPDATE orders SET txn = 'another'").execute(world.pool("broker")).await.unwrap();
    assert!(matches!(place().await, Outcome::Refused { .. }), "another approval's order is not this one's");
    // The vault refuses, because the approval expired or the account is gone. So the order can't be looked up, either.
    world.at_identity.fails(grant(VAULT), refusal(400, "invalid_grant"));
    let Outcome::Unknown(reason) = place().await else { panic!() };
    assert!(reason.starts_with("The approval can no longer be used"), "{reason}");
    assert!(reason.contains("Look at your orders there"), "{reason}");
    world.at_identity.fails(grant(VAULT), refusal(401, "federated_connection_refresh_token_not_found"));
    let Outcome::Unknown(reason) = place().await else { panic!() };
    assert!(reason.starts_with("StockTrade is no longer connected"), "{reason}");
    // The look-up fails: the outcome stays open.
    world.at_identity.fails("/oauth/token", Fault::ServerError);
    let tried = approval::place(&world.agent, &alice, &token, &txn, &prepared()).await;
    assert!(matches!(tried, Err(ApprovalError::Retry(_))), "{tried:?}");
}

#[tokio::test]
async fn a_rejected_order_is_an_order() {
    let (world, alice) = World::connected().await;
    let (token, txn) = approved(&world, &alice, &prepared(), "k").await;
    world.set_price("WAYNE", 20_000).await;
    let placed = approval::place(&world.agent, &alice, &token, &txn, &prepared()).await;
    let Ok(Outcome::Rejected(order)) = placed else { panic!("{placed:?}") };
    let reason = "WAYNE costs 200.00 now, more than the limit of 105.49.";
    assert_eq!((order.status, order.reason.as_deref()), (Status::Rejected, Some(reason)));
}

/// The market fills orders at once, so the test inserts the pending one as a row.
#[tokio::test]
async fn repeated_cancellation_is_done_once() {
    let (world, alice) = World::connected().await;
    world.has_order("ord_1", "PENDING", None).await;
    world.has_order("ord_2", "FILLED", None).await;
    let cancel = |id: &str| Prepared {
        detail: json!({ "type": "stock_order_cancellation", "order": id }),
        title: "Cancel an order".into(),
        ..prepared()
    };
    let place = async |(token, txn): &(SecretString, String), what: &Prepared| {
        approval::place(&world.agent, &alice, token, txn, what).await
    };
    let one = approved(&world, &alice, &cancel("ord_1"), "1").await;
    world.at_broker.fails_once("DELETE /api/orders", Fault::Lost);
    let lost = place(&one, &cancel("ord_1")).await;
    assert!(matches!(lost, Err(ApprovalError::Retry(_))));
    let again = place(&one, &cancel("ord_1")).await;
    assert!(matches!(again, Ok(Outcome::Placed(order)) if order.status == Status::Cancelled));
    // Cancelling a filled order is refused, and the order shows that it wasn't cancelled.
    let two = approved(&world, &alice, &cancel("ord_2"), "2").await;
    let filled = place(&two, &cancel("ord_2")).await;
    let Ok(Outcome::Refused { reason, .. }) = filled else { panic!("{filled:?}") };
    assert!(reason.contains("filled already"), "{reason}");
}

#[tokio::test]
async fn withdrawal_reports_the_outcome() {
    let (world, alice) = World::connected().await;
    let ask = async |key: &str| ask(&world, &alice, &prepared(), key).await.auth_req_id;
    let withdraw = async |id: &SecretString| {
        approval::withdraw(&world.agent, &alice, id).await.unwrap();
        approval::poll(&world.agent, &alice, id).await.unwrap()
    };
    let withdrawn = ask("withdrawn").await;
    for _ in 0..2 {
        assert!(matches!(withdraw(&withdrawn).await, Polled::Withdrawn));
    }
    let approved = ask("approve").await;
    world.decide("approve").await;
    assert!(matches!(withdraw(&approved).await, Polled::Approved(_)));
    let denied = ask("deny").await;
    world.decide("deny").await;
    assert!(matches!(withdraw(&denied).await, Polled::Denied));
    let expired = ask("expired").await;
    world.clock.advance(301_000);
    assert!(matches!(withdraw(&expired).await, Polled::Expired));
    let first = world.at_identity.seen("/oauth/revoke")[0].form();
    assert_eq!(first["token"], withdrawn.expose_secret());
    assert_eq!(first["token_type_hint"], "urn:mandate:params:oauth:token-type:auth-req-id");
    assert_eq!(first["client_id"], "agent");
}
