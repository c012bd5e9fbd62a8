//! A call at `/mcp` that waits for a person: its answer after the wait, reading it again, retries, and withdrawal.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use foundation::{
    axum::http::StatusCode,
    deadline,
    http::{HttpError, Layer, Next},
};
use futures::future::BoxFuture;
use reqwest::{Request, Response};
use serde_json::{Value, json};

use crate::{
    mcp::{ALL, REVISIONS, call, messages, request},
    schema,
    world::World,
};

const WAIT: i64 = 25_000;

pub(crate) fn buy() -> Value {
    json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 5 })
}

pub(crate) async fn send(world: &World, token: &str, version: &str, arguments: Value) -> Response {
    let params = json!({ "name": "create_order", "arguments": arguments });
    request(world, token, version, "tools/call", params).send().await.unwrap()
}

pub(crate) async fn result(response: Response) -> Value {
    messages(response).await.pop().unwrap()["result"].clone()
}

pub(crate) fn text(result: &Value) -> String {
    result["content"][0]["text"].as_str().unwrap().to_owned()
}

/// Waits until something is so.
pub(crate) async fn until(what: &str, so: impl Fn() -> bool) {
    for _ in 0..400 {
        if so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("never: {what}");
}

pub(crate) async fn asked(world: &World, times: usize) {
    until("asked", || world.identity.state().asked.len() == times).await;
}

pub(crate) async fn ping(world: &World) {
    let token = world.identity.state().asked.last().unwrap().1["client_notification_token"].clone();
    let ping = world.http.client().post(world.url("ciba/ping")).bearer_auth(token);
    let answer = ping.json(&json!({ "auth_req_id": "req" })).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
}

async fn approve(world: &World) {
    world.identity.state().decided = Some("approved");
    ping(world).await;
    until("placed", || !world.broker.state().orders.is_empty()).await;
}

/// The answer of a call that nobody decides.
pub(crate) async fn waits(world: &World, token: &str, version: &str) -> Value {
    let calling = send(world, token, version, buy());
    let passes = async {
        asked(world, 1).await;
        // Waits until the identity service's answer is stored.
        tokio::time::sleep(Duration::from_millis(500)).await;
        world.clock.advance(WAIT);
    };
    let (response, ()) = tokio::join!(async { result(calling.await).await }, passes);
    response
}

#[tokio::test]
async fn waiting_call_answers_with_code_page_and_request() {
    for version in REVISIONS {
        let (world, _) = World::connected().await;
        let token = world.mcp_token(ALL);
        let waiting = waits(&world, &token, version).await;
        assert_eq!(waiting["isError"], false, "{waiting}");
        let structured = &waiting["structuredContent"];
        let code = world.identity.state().asked[0].1["binding_message"].clone();
        assert_eq!((&structured["status"], &structured["code"]), (&json!("waiting"), &json!(code)));
        let page = structured["page"].as_str().unwrap();
        assert!(page.starts_with(&world.identity.site.at("approvals/apr")), "{page}");
        let id = structured["request"].as_str().unwrap();
        for named in [id, page, &code, "get_request", "Buy 5 WAYNE"] {
            assert!(text(&waiting).contains(named), "{named}: {waiting}");
        }
        let listed = request(&world, &token, version, "tools/list", json!({})).send().await.unwrap();
        let tools = result(listed).await["tools"].clone();
        let output = |name: &str| {
            let mut tools = tools.as_array().unwrap().iter();
            tools.find(|tool| tool["name"] == name).unwrap()["outputSchema"].clone()
        };
        assert_eq!(schema::fault(&output("create_order"), structured, "create_order"), None);

        let read = async || call(&world, &token, version, "get_request", json!({ "request": id })).await;
        let open = read().await;
        assert_eq!(open["structuredContent"]["status"], "waiting");
        assert_eq!(schema::fault(&output("get_request"), &open["structuredContent"], "get_request"), None);
        assert_eq!(world.broker.state().posts(), 0, "reading places nothing");
        // The order is placed although no call waits.
        approve(&world).await;
        for _ in 0..200 {
            if read().await["structuredContent"]["status"] == "placed" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let placed = read().await;
        assert_eq!(placed["structuredContent"]["order"]["id"], "ord_1", "{placed}");
        assert_eq!(schema::fault(&output("get_request"), &placed["structuredContent"], "get_request"), None);
        assert_eq!(world.broker.state().orders.len(), 1);
        // The same call then gets the outcome, whose output matches the schema.
        let again = result(send(&world, &token, version, buy()).await).await;
        assert_eq!(schema::fault(&output("create_order"), &again["structuredContent"], "create_order"), None);
    }
}

/// THREATS.md line 46: only its caller can see a request.
#[tokio::test]
async fn line_46_request_of_another_is_not_there() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    let waiting = waits(&world, &token, "2025-11-25").await;
    let id = waiting["structuredContent"]["request"].clone();
    for (claim, other) in [("client_id", "tpc_other"), ("sub", "usr_bob")] {
        let mut claims = world.mcp_claims(ALL);
        claims[claim] = other.into();
        let token = world.identity.token(&claims);
        let read = call(&world, &token, "2025-11-25", "get_request", json!({ "request": id })).await;
        assert_eq!(
            (read["isError"].as_bool(), text(&read).as_str()),
            (Some(true), "There is no such request of this app.")
        );
    }
    // A new token of the same client and person can read it.
    let read = call(&world, &world.mcp_token(ALL), "2025-11-25", "get_request", json!({ "request": id })).await;
    assert_eq!(read["structuredContent"]["status"], "waiting");
    for (arguments, says) in [(json!({ "request": "req_nope" }), "no such request"), (json!({}), "don't fit")] {
        assert!(text(&call(&world, &token, "2025-11-25", "get_request", arguments).await).contains(says));
    }
}

/// THREATS.md line 33: no form of retry makes a second order.
#[tokio::test]
async fn line_33_the_same_call_is_one_request() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    // The same order with different spelling; the agent's message doesn't count.
    let written = json!({ "quantity": "5", "side": "buy", "symbol": " wayne ", "reason": "Once more", "limit": null });
    let calls = [send(&world, &token, "2025-11-25", buy()), send(&world, &token, "2025-11-25", written)];
    let (calls, ()) =
        tokio::join!(futures::future::join_all(calls.map(async |call| result(call.await).await)), async {
            asked(&world, 1).await;
            approve(&world).await;
        });
    for placed in calls {
        assert_eq!(placed["structuredContent"]["id"], "ord_1", "{placed}");
    }
    // For ten minutes after its end too, even if the same request couldn't be made now.
    world.broker.state().trouble = Some(crate::identity::Trouble::ServerError);
    world.clock.advance(9 * 60_000);
    let found = result(send(&world, &world.mcp_token(ALL), "2025-11-25", buy()).await).await;
    assert_eq!(found["structuredContent"]["id"], "ord_1", "{found}");
    assert!(text(&found).contains("again set to true"), "{found}");
    world.broker.state().trouble = None;
    assert_eq!((world.identity.state().asked.len(), world.broker.state().orders.len()), (1, 1));
    // Another client's call is a new request, and so is one that asks again explicitly, or a later one.
    let mut other = world.mcp_claims(ALL);
    other["client_id"] = "tpc_other".into();
    result(send(&world, &world.identity.token(&other), "2025-11-25", buy()).await).await;
    assert_eq!(world.identity.state().asked.len(), 2);
    let again = json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 5, "again": true });
    let placed = result(send(&world, &world.mcp_token(ALL), "2025-11-25", again).await).await;
    assert_eq!(placed["structuredContent"]["id"], "ord_3", "{placed}");
    world.clock.advance(10 * 60_000 + 1_000);
    let placed = result(send(&world, &world.mcp_token(ALL), "2025-11-25", buy()).await).await;
    assert_eq!(placed["structuredContent"]["id"], "ord_4", "{placed}");
}

/// If the person was never asked, the next call asks.
#[tokio::test]
async fn refusal_to_ask_is_not_kept() {
    let (world, _) = World::connected().await;
    world.identity.state().not_asked = Some((429, "too_many_requests"));
    let token = world.mcp_token(ALL);
    assert!(text(&result(send(&world, &token, "2025-11-25", buy()).await).await).contains("ask again in 40 s"));
    world.identity.state().not_asked = None;
    world.identity.state().decided = Some("approved");
    let placed = result(send(&world, &token, "2025-11-25", buy()).await).await;
    assert_eq!(placed["structuredContent"]["id"], "ord_1", "{placed}");
}

/// Before the newest revision, a closed stream may be a lost connection.
#[tokio::test]
async fn lost_connection_withdraws_nothing() {
    for version in ["2025-06-18", "2025-11-25"] {
        let (world, _) = World::connected().await;
        let response = send(&world, &world.mcp_token(ALL), version, buy()).await;
        asked(&world, 1).await;
        drop(response);
        approve(&world).await;
        assert!(world.identity.state().revoked.is_empty());
    }
}

/// A refusal that doesn't concern the request, such as a proxy's, doesn't end it before the approval ends.
#[tokio::test]
async fn unknown_refusal_of_a_poll_is_retried() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    let waiting = waits(&world, &token, "2025-11-25").await;
    let id = waiting["structuredContent"]["request"].clone();
    let read = async || {
        let read = call(&world, &token, "2025-11-25", "get_request", json!({ "request": id })).await;
        read["structuredContent"].clone()
    };
    let polls = || world.identity.grants("ciba").len();
    let refused = async || {
        world.identity.state().decided = Some("invalid_client");
        let before = polls();
        ping(&world).await;
        until("it is polled again", || polls() > before + 1).await;
    };
    refused().await;
    assert_eq!(read().await["status"], "waiting");
    approve(&world).await;

    // When the approval can no longer be used, the agent gives up.
    let again = json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 6 });
    world.identity.state().decided = None;
    let (waiting, ()) = tokio::join!(async { result(send(&world, &token, "2025-11-25", again).await).await }, async {
        asked(&world, 2).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        world.clock.advance(WAIT);
    });
    let id = waiting["structuredContent"]["request"].clone();
    refused().await;
    world.clock.advance(300_000 + 11 * 60_000);
    let token = world.mcp_token(ALL);
    for _ in 0..200 {
        let read = call(&world, &token, "2025-11-25", "get_request", json!({ "request": id })).await;
        let read = &read["structuredContent"];
        if read["status"] == "refused" {
            let said = read["message"].as_str().unwrap();
            assert!(said.starts_with("The identity service no longer answers for this approval."), "{said}");
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it is never given up");
}

/// Records how long the calls of the same work may still take, by method and path.
#[derive(Debug, Default)]
struct Left(Mutex<Vec<(String, Option<Duration>)>>);

impl Layer for Left {
    fn call<'a>(&'a self, request: Request, next: Next<'a>) -> BoxFuture<'a, Result<Response, HttpError>> {
        let what = format!("{} {}", request.method(), request.url().path());
        self.0.lock().unwrap().push((what, deadline::left()));
        Box::pin(next.run(request))
    }
}

/// THREATS.md line 61: a step ends before its lease, so that no other process takes the same step.
#[tokio::test]
async fn line_61_step_ends_before_its_lease() {
    let left = Arc::new(Left::default());
    let world = World::layered(Some(left.clone())).await;
    world.identity.state().connected = Some(ALL.into());
    world.identity.state().decided = Some("approved");
    let placed = result(send(&world, &world.mcp_token(ALL), "2025-11-25", buy()).await).await;
    assert_eq!(placed["structuredContent"]["id"], "ord_1", "{placed}");
    let calls = left.0.lock().unwrap();
    for step in ["POST /bc-authorize", "POST /api/orders"] {
        let (_, left) = calls.iter().find(|(what, _)| what == step).unwrap();
        assert!(left.is_some_and(|left| left < Duration::from_secs(45)), "{step}: {left:?}");
    }
}
