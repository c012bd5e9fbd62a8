//! Calls at `/mcp` that their client cancels, while they wait and before.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use foundation::{
    axum::http::StatusCode,
    http::{HttpError, Layer, Next},
};
use futures::future::BoxFuture;
use reqwest::{Request, Response};
use serde_json::json;
use tokio::sync::Semaphore;

use crate::{
    mcp::{ALL, request},
    mcp_waiting::{asked, buy, ping, result, send, text, until, waits},
    world::World,
};

async fn cancel(world: &World, token: &str, id: i64) {
    let body = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } });
    let request = request(world, token, "2025-11-25", "ping", json!({})).json(&body);
    assert_eq!(request.send().await.unwrap().status(), StatusCode::ACCEPTED);
}

/// A call that is cancelled before the identity service took its request: nobody waits for a poll that is not due.
#[tokio::test]
async fn request_cancelled_before_it_is_asked_is_withdrawn_at_once() {
    let (world, _) = World::connected().await;
    world.identity.state().not_asked = Some((503, "temporarily_unavailable"));
    world.identity.state().interval = Some(60);
    let token = world.mcp_token(ALL);
    let response = send(&world, &token, "2025-11-25", buy()).await;
    asked(&world, 1).await;
    cancel(&world, &token, 7).await;
    world.identity.state().not_asked = None;
    until("it is withdrawn", || world.identity.state().revoked.len() == 1).await;
    assert!(text(&result(response).await).starts_with("The call was cancelled and its request withdrawn."));
}

/// Holds calls to the broker until it is opened.
#[derive(Debug)]
struct Gate(AtomicUsize, Semaphore);

impl Layer for Gate {
    fn call<'a>(&'a self, request: Request, next: Next<'a>) -> BoxFuture<'a, Result<Response, HttpError>> {
        Box::pin(async move {
            if request.url().path().starts_with("/api/") {
                self.0.fetch_add(1, Ordering::Relaxed);
                self.1.acquire().await.unwrap().forget();
            }
            next.run(request).await
        })
    }
}

/// The tool still looks at the account: nobody is asked then.
#[tokio::test]
async fn call_cancelled_before_its_request_asks_nobody() {
    let gate = Arc::new(Gate(AtomicUsize::new(0), Semaphore::new(0)));
    let world = World::layered(Some(gate.clone())).await;
    world.identity.state().connected = Some(ALL.into());
    let token = world.mcp_token(ALL);
    let (cancelled, ()) =
        tokio::join!(async { result(send(&world, &token, "2025-11-25", buy()).await).await }, async {
            until("the tool looks", || gate.0.load(Ordering::Relaxed) > 0).await;
            cancel(&world, &token, 7).await;
            gate.1.add_permits(1_000);
        });
    assert!(text(&cancelled).starts_with("The call was cancelled before the person was asked."), "{cancelled}");
    assert!(world.identity.state().asked.is_empty());
    // The client uses the id again later.
    world.clock.advance(5_000);
    world.identity.state().decided = Some("approved");
    let placed = result(send(&world, &token, "2025-11-25", buy()).await).await;
    assert_eq!(placed["structuredContent"]["id"], "ord_1", "{placed}");
}

/// Each window counts its calls from one.
#[tokio::test]
async fn cancellation_is_of_its_windows_call() {
    let (world, _) = World::connected().await;
    let token = |grant: &str| {
        let mut claims = world.mcp_claims(ALL);
        claims["grant_id"] = grant.into();
        world.identity.token(&claims)
    };
    let more = json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 6 });
    let first = send(&world, &token("grt_1"), "2025-11-25", buy()).await;
    let second = send(&world, &token("grt_2"), "2025-11-25", more).await;
    asked(&world, 2).await;
    // Another token of the same window.
    cancel(&world, &token("grt_2"), 7).await;
    let second = result(second).await;
    assert!(text(&second).starts_with("The call was cancelled and its request withdrawn."), "{second}");
    // What the stand-in calls withdrawn is every request: this one wasn't by its call.
    let first = result(first).await;
    assert!(text(&first).starts_with("The request was withdrawn."), "{first}");
    assert_eq!(world.identity.state().revoked.len(), 1);
}

#[tokio::test]
async fn cancellation_counts_while_the_call_waits_and_nobody_decided() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    // The call has answered that it waits: there is nothing to cancel.
    waits(&world, &token, "2025-11-25").await;
    cancel(&world, &token, 7).await;
    // An id is another call's some time later.
    world.clock.advance(2_000);
    // The retry waits for the same request, which the person approves; the broker is away.
    let response = send(&world, &token, "2025-11-25", buy()).await;
    world.broker.state().refuses = Some((503, "later"));
    world.identity.state().decided = Some("approved");
    ping(&world).await;
    until("it is tried", || world.broker.state().posts() > 0).await;
    cancel(&world, &token, 7).await;
    world.broker.state().refuses = None;
    let placed = result(response).await;
    assert_eq!(placed["structuredContent"]["id"], "ord_1", "{placed}");
    assert!(world.identity.state().revoked.is_empty());
    assert_eq!(world.identity.state().asked.len(), 1);
}
