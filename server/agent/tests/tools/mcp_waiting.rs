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
use world::{Fault, Setup, grant, refusal, until};

use crate::{
    mcp::{ALL, REVISIONS, call, messages, request},
    schema,
    sites::World,
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

/// A ping about the latest request, as the identity service sends it when the person decides.
async fn ping(world: &World) {
    let token = world.asked().last().unwrap().field("client_notification_token");
    let ping = world.http.client().post(world.url("ciba/ping")).bearer_auth(token);
    let answer = ping.json(&json!({ "auth_req_id": "req" })).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
}

/// Approves the waiting request, then waits for the order.
async fn approve(world: &World) {
    world.decide("approve").await;
    until("placed", async || (world.orders().await > 0).then_some(())).await;
}

/// The answer of a call whose request nobody decides.
pub(crate) async fn waits(world: &World, token: &str, version: &str) -> Value {
    waits_for(world, token, version, buy(), 1).await
}

async fn waits_for(world: &World, token: &str, version: &str, arguments: Value, requests: i64) -> Value {
    let call = async { result(send(world, token, version, arguments).await).await };
    let (answer, ()) = tokio::join!(call, async {
        world.until_waiting(requests).await;
        world.clock.advance(WAIT);
    });
    answer
}

/// Reads a request until it has this status.
async fn until_read(world: &World, token: &str, version: &str, id: &Value, status: &str) -> Value {
    until(status, async || {
        let read = call(world, token, version, "get_request", json!({ "request": id })).await;
        (read["structuredContent"]["status"] == status).then_some(read)
    })
    .await
}

#[tokio::test]
async fn waiting_call_answers_with_code_page_and_request() {
    for version in REVISIONS {
        let (world, _) = World::connected().await;
        let token = world.mcp_token(ALL);
        let waiting = waits(&world, &token, version).await;
        assert_eq!(waiting["isError"], false, "{waiting}");
        let structured = &waiting["structuredContent"];
        let code = world.asked()[0].field("binding_message");
        assert_eq!((&structured["status"], &structured["code"]), (&json!("waiting"), &json!(code)));
        let page = structured["page"].as_str().unwrap();
        assert!(page.starts_with(&world.identity_site().at("approvals/apr")), "{page}");
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

        let open = call(&world, &token, version, "get_request", json!({ "request": id })).await;
        assert_eq!(open["structuredContent"]["status"], "waiting");
        assert_eq!(schema::fault(&output("get_request"), &open["structuredContent"], "get_request"), None);
        assert_eq!(world.posts(), 0, "reading places nothing");
        // The order is placed although no call waits.
        approve(&world).await;
        let placed = until_read(&world, &token, version, &json!(id), "placed").await;
        assert_eq!(placed["structuredContent"]["order"]["id"], world.order_ids().await[0], "{placed}");
        assert_eq!(schema::fault(&output("get_request"), &placed["structuredContent"], "get_request"), None);
        assert_eq!(world.orders().await, 1);
        // The same call then gets the outcome, whose output matches the schema.
        let again = result(send(&world, &token, version, buy()).await).await;
        assert_eq!(schema::fault(&output("create_order"), &again["structuredContent"], "create_order"), None);
    }
}

#[tokio::test]
async fn cancellation_is_not_said_to_be_placed() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    for (id, decision, says) in [
        ("ord_1", "approve", "The person approved it, and the order was cancelled: Buy 5 WAYNE: cancelled."),
        ("ord_2", "deny", "Nothing was cancelled (Cancel: Buy 5 WAYNE, code "),
    ] {
        world.has_order(id, "PENDING", None).await;
        let params = json!({ "name": "cancel_order", "arguments": { "order": id } });
        let called = request(&world, &token, "2025-11-25", "tools/call", params).send();
        let (response, ()) = tokio::join!(called, async {
            world.until_waiting(1).await;
            world.decide(decision).await;
        });
        let ended = result(response.unwrap()).await;
        assert_eq!(ended["isError"], decision == "deny", "{ended}");
        let newest = "SELECT id FROM approval ORDER BY asked_at DESC";
        let request: String = sqlx::query_scalar(newest).fetch_one(world.pool("agent")).await.unwrap();
        let read = call(&world, &token, "2025-11-25", "get_request", json!({ "request": request })).await;
        let message = read["structuredContent"]["message"].as_str().unwrap();
        assert!(message.contains(says), "{read}");
        assert!(!message.contains("placed"), "{message}");
    }
}

/// THREATS.md line 46: only the client and person who made a request can see it.
#[tokio::test]
async fn line_46_request_of_another_is_not_there() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    let waiting = waits(&world, &token, "2025-11-25").await;
    let id = waiting["structuredContent"]["request"].clone();
    for (claim, other) in [("client_id", "tpc_other"), ("sub", &world.bob().await)] {
        let mut claims = world.mcp_claims(ALL);
        claims[claim] = other.into();
        let token = world.sign(&claims);
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
            world.until_waiting(1).await;
            approve(&world).await;
        });
    let first = world.order_ids().await.remove(0);
    for placed in calls {
        assert_eq!(placed["structuredContent"]["id"], first, "{placed}");
    }
    // A retry finds the request for ten minutes after its end, even if a new one would fail now.
    world.at_broker.fails("/api", Fault::ServerError);
    world.clock.advance(9 * 60_000);
    let found = result(send(&world, &world.mcp_token(ALL), "2025-11-25", buy()).await).await;
    assert_eq!(found["structuredContent"]["id"], first, "{found}");
    assert!(text(&found).contains("again set to true"), "{found}");
    world.at_broker.mend();
    assert_eq!((world.asked().len(), world.orders().await), (1, 1));
    // A call makes a new request if it comes from another client, has `again`, or comes later.
    world.decides(&world.person, "approve").await;
    let mut other = world.mcp_claims(ALL);
    other["client_id"] = "tpc_other".into();
    result(send(&world, &world.sign(&other), "2025-11-25", buy()).await).await;
    assert_eq!(world.asked().len(), 2);
    let again = json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 5, "again": true });
    let placed = result(send(&world, &world.mcp_token(ALL), "2025-11-25", again).await).await;
    assert_eq!(placed["structuredContent"]["id"], world.order_ids().await[2], "{placed}");
    world.clock.advance(10 * 60_000 + 1_000);
    let placed = result(send(&world, &world.mcp_token(ALL), "2025-11-25", buy()).await).await;
    assert_eq!(placed["structuredContent"]["id"], world.order_ids().await[3], "{placed}");
}

/// If the person was never asked, the next call asks.
#[tokio::test]
async fn refusal_to_ask_is_not_kept() {
    let (world, _) = World::connected().await;
    world.at_identity.fails("/bc-authorize", refusal(429, "too_many_requests"));
    let token = world.mcp_token(ALL);
    assert!(text(&result(send(&world, &token, "2025-11-25", buy()).await).await).contains("ask again in 40 s"));
    world.at_identity.mend();
    world.decides(&world.person, "approve").await;
    let placed = result(send(&world, &token, "2025-11-25", buy()).await).await;
    assert_eq!(placed["structuredContent"]["id"], world.order_ids().await[0], "{placed}");
}

/// Before the newest revision, a closed stream may be a lost connection.
#[tokio::test]
async fn lost_connection_withdraws_nothing() {
    for version in ["2025-06-18", "2025-11-25"] {
        let (world, _) = World::connected().await;
        let response = send(&world, &world.mcp_token(ALL), version, buy()).await;
        world.until_waiting(1).await;
        drop(response);
        approve(&world).await;
        assert!(world.at_identity.seen("/oauth/revoke").is_empty());
    }
}

/// A refusal that doesn't concern the request, such as a proxy's, doesn't end it before the approval ends.
#[tokio::test]
async fn unknown_refusal_of_a_poll_is_retried() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    let waiting = waits(&world, &token, "2025-11-25").await;
    let id = waiting["structuredContent"]["request"].clone();
    let refused = async || {
        world.at_identity.fails(grant("ciba"), refusal(400, "invalid_client"));
        let polls = || world.at_identity.grants("ciba").len();
        let before = polls();
        ping(&world).await;
        // The next poll is due in five seconds.
        until("it is polled", async || (polls() > before).then_some(())).await;
        world.clock.advance(6_000);
        until("it is polled again", async || (polls() > before + 1).then_some(())).await;
    };
    refused().await;
    until_read(&world, &token, "2025-11-25", &id, "waiting").await;
    world.at_identity.mend();
    approve(&world).await;

    // When the approval can no longer be used, the agent gives up.
    let again = json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 6 });
    let waiting = waits_for(&world, &token, "2025-11-25", again, 1).await;
    let id = waiting["structuredContent"]["request"].clone();
    refused().await;
    world.clock.advance(300_000 + 11 * 60_000);
    let read = until_read(&world, &world.mcp_token(ALL), "2025-11-25", &id, "refused").await;
    let said = read["structuredContent"]["message"].as_str().unwrap();
    assert!(said.starts_with("The identity service no longer answers for this approval."), "{said}");
}

/// Records the time left for each call of one step, by method and path.
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
    let world = World::with(Setup::default().layer(left.clone())).await;
    world.connect().await;
    world.decides(&world.person, "approve").await;
    let placed = result(send(&world, &world.mcp_token(ALL), "2025-11-25", buy()).await).await;
    assert_eq!(placed["structuredContent"]["id"], world.order_ids().await[0], "{placed}");
    let calls = left.0.lock().unwrap();
    for step in ["POST /bc-authorize", "POST /api/orders"] {
        let (_, left) = calls.iter().find(|(what, _)| what == step).unwrap();
        assert!(left.is_some_and(|left| left < Duration::from_secs(45)), "{step}: {left:?}");
    }
}
