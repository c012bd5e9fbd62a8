//! Calls at `/mcp` that their client cancels, while they wait and before.

use std::sync::Arc;

use foundation::axum::http::StatusCode;
use serde_json::json;
use tokio::sync::Semaphore;
use world::{Fault, refusal, until};

use crate::{
    mcp::{ALL, request},
    mcp_waiting::{buy, result, send, text, waits},
    sites::World,
};

async fn cancel(world: &World, token: &str, id: i64) {
    let body = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } });
    let request = request(world, token, "2025-11-25", "ping", json!({})).json(&body);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::ACCEPTED);
}

/// A call is cancelled before the identity service accepted its request: the withdrawal doesn't wait for the next poll.
#[tokio::test]
async fn request_cancelled_before_it_is_asked_is_withdrawn_at_once() {
    let (world, _) = World::connected().await;
    world.at_identity.fails("/bc-authorize", refusal(503, "temporarily_unavailable"));
    let token = world.mcp_token(ALL);
    let response = send(&world, &token, "2025-11-25", buy()).await;
    until("asked", async || world.asked().pop()).await;
    cancel(&world, &token, 7).await;
    // The interval of polls is a minute.
    world.at_identity.fails("/bc-authorize", Fault::changed(|answer| answer["interval"] = 60.into()));
    until("it is withdrawn", async || world.at_identity.seen("/oauth/revoke").pop()).await;
    assert!(text(&result(response).await).starts_with("The call was cancelled and its request withdrawn."));
}

/// The call is cancelled while the tool still reads the account, so the person isn't asked.
#[tokio::test]
async fn line_55_call_cancelled_early_asks_nobody() {
    let (world, _) = World::connected().await;
    let gate = Arc::new(Semaphore::new(0));
    world.at_broker.fails("/api", Fault::Held(gate.clone()));
    let token = world.mcp_token(ALL);
    let (cancelled, ()) =
        tokio::join!(async { result(send(&world, &token, "2025-11-25", buy()).await).await }, async {
            until("the tool looks", async || world.at_broker.seen("/api").pop()).await;
            cancel(&world, &token, 7).await;
            gate.add_permits(1_000);
        });
    assert!(text(&cancelled).starts_with("The call was cancelled before the person was asked."), "{cancelled}");
    assert!(world.asked().is_empty());
    // The client reuses the id later.
    world.clock.advance(5_000);
    world.decides(&world.person, "approve").await;
    let placed = result(send(&world, &token, "2025-11-25", buy()).await).await;
    assert_eq!(placed["structuredContent"]["id"], world.order_ids().await[0], "{placed}");
}

/// Two windows of a client use the same request ids.
#[tokio::test]
async fn line_55_cancellation_ends_its_own_windows_call() {
    let (world, _) = World::connected().await;
    // Two logins have a grant each.
    for grant in ["grt_1", "grt_2"] {
        world.grant(grant, ALL).await;
    }
    let token = |grant: &str| {
        let mut claims = world.mcp_claims(ALL);
        claims["grant_id"] = grant.into();
        world.sign(&claims)
    };
    let more = json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 6 });
    let first = send(&world, &token("grt_1"), "2025-11-25", buy()).await;
    let second = send(&world, &token("grt_2"), "2025-11-25", more).await;
    world.until_waiting(2).await;
    // Cancels with another token of the same window.
    cancel(&world, &token("grt_2"), 7).await;
    let second = result(second).await;
    assert!(text(&second).starts_with("The call was cancelled and its request withdrawn."), "{second}");
    assert_eq!(world.at_identity.seen("/oauth/revoke").len(), 1);
    // The other window's call still waits, and is decided.
    world.decide("deny").await;
    let first = result(first).await;
    assert!(text(&first).starts_with("The person denied it."), "{first}");
}

#[tokio::test]
async fn cancellation_counts_while_the_call_waits_and_nobody_decided() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    // The call has answered "waiting", so a cancellation has no effect.
    waits(&world, &token, "2025-11-25").await;
    cancel(&world, &token, 7).await;
    // Later, the same id belongs to another call.
    world.clock.advance(2_000);
    // The retry waits for the same request, which the person approves while the broker fails.
    let response = send(&world, &token, "2025-11-25", buy()).await;
    world.at_broker.fails("POST /api/orders", refusal(503, "later"));
    world.decide("approve").await;
    until("it is tried", async || (world.posts() > 0).then_some(())).await;
    cancel(&world, &token, 7).await;
    world.at_broker.mend();
    let placed = result(response).await;
    assert_eq!(placed["structuredContent"]["id"], world.order_ids().await[0], "{placed}");
    assert!(world.at_identity.seen("/oauth/revoke").is_empty());
    assert_eq!(world.asked().len(), 1);
}
