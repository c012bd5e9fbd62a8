//! Orders over MCP: requested for the caller, with progress while waiting, and placed once.

use foundation::axum::http::StatusCode;
use reqwest::Response;
use serde_json::{Value, json};
use world::{Fault, grant, refusal, until};

use crate::{
    mcp::{ALL, REVISIONS, messages, next_message, request},
    sites::World,
};

async fn order(world: &World, token: &str, version: &str, meta: Value) -> Response {
    let arguments = json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 5, "reason": "You asked" });
    let params = json!({ "name": "create_order", "arguments": arguments, "_meta": meta });
    request(world, token, version, "tools/call", params).send().await.unwrap()
}

async fn ping(world: &World) -> StatusCode {
    let token = world.asked()[0].field("client_notification_token");
    let request = world.http.client().post(world.url("ciba/ping")).bearer_auth(token);
    request.json(&json!({ "auth_req_id": "req" })).send().await.unwrap().status()
}

#[tokio::test]
async fn an_order_waits_with_progress_and_is_placed_when_approved() {
    for version in REVISIONS {
        let (world, _) = World::connected().await;
        let token = world.mcp_token(ALL);
        let response = order(&world, &token, version, json!({ "progressToken": "p1" })).await;
        let (mut stream, mut kept) = (response.bytes_stream(), String::new());
        let first = next_message(&mut stream, &mut kept).await.unwrap();
        let asked = world.asked()[0].form();
        assert_eq!(first["method"], "notifications/progress", "{version}");
        assert_eq!(first["params"]["progressToken"], "p1");
        // The request lives for 300 seconds from when it was asked, a little after the call began.
        assert!(first["params"]["total"].as_f64().is_some_and(|total| (300.0..330.0).contains(&total)), "{first}");
        let said = first["params"]["message"].as_str().unwrap();
        let page = world.identity_site().at("approvals/");
        assert!(said.starts_with(&format!("Waiting for the person to approve \"Buy 5 WAYNE\" at {page}apr")), "{said}");
        assert!(said.ends_with(&format!("(code {})", asked["binding_message"])), "{said}");
        assert_eq!((asked["client_id"].as_str(), asked["on_behalf_of_token"].as_str()), ("agent-mcp", token.as_str()));
        assert_eq!(asked["agent_message"], "You asked");
        assert_eq!(world.posts(), 0, "nothing is placed before the approval");

        world.decide("approve").await;
        let last = next_message(&mut stream, &mut kept).await.unwrap();
        assert_eq!(last["result"]["isError"], false, "{last}");
        let placed = &last["result"]["structuredContent"];
        assert_eq!(
            (&placed["id"], &placed["status"], &placed["quantity"]),
            (&json!(world.order_ids().await[0]), &json!("FILLED"), &json!(5))
        );
        assert_eq!((world.orders().await, world.at_agent.seen("POST /ciba/ping").len()), (1, 1));
        assert!(world.at_broker.seen("/").iter().all(|seen| !seen.header("authorization").contains(&token)));
        // A repeated ping is accepted and does nothing.
        assert_eq!(ping(&world).await, StatusCode::NO_CONTENT);
    }
}

/// Without a ping, the agent polls. The client gets progress every ten seconds if it sent a progress token.
#[tokio::test]
async fn progress_goes_on_every_ten_seconds_for_those_who_asked() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    let asks = order(&world, &token, "2025-11-25", json!({ "progressToken": 5 })).await;
    let silent = order(&world, &token, "2025-11-25", json!({})).await;
    let silent_new = order(&world, &token, "2026-07-28", json!({})).await;
    // The newest revision's stream is open too, although it has nothing to report.
    assert_eq!(silent_new.headers()["content-type"], "text/event-stream");
    let (mut stream, mut kept) = (asks.bytes_stream(), String::new());
    let mut next = async || next_message(&mut stream, &mut kept).await.unwrap();
    assert_eq!(next().await["method"], "notifications/progress");
    world.clock.advance(10_500);
    let second = next().await;
    assert_eq!(second["method"], "notifications/progress");
    assert!(second["params"]["progress"].as_f64() >= Some(10.0), "{second}");
    world.decide("deny").await;
    let (asks, silent, silent_new) = tokio::join!(next(), messages(silent), messages(silent_new));
    for answer in [Some(&asks), silent.last(), silent_new.last()] {
        let result = &answer.unwrap()["result"];
        assert_eq!(result["isError"], true);
        let said = result["content"][0]["text"].as_str().unwrap();
        assert!(
            said.starts_with("The person denied it. Don't ask again unless they say so. Nothing was placed"),
            "{said}"
        );
    }
    assert_eq!((silent.len(), silent_new.len()), (1, 1));
    assert_eq!(world.posts(), 0);
}

/// A call answers after 25 seconds, before these outcomes can happen, so the proxy in front reports them.
#[tokio::test]
async fn every_other_outcome_is_reported_and_places_nothing() {
    for (error, description, says) in [
        ("expired_token", "", "The person didn't decide in time, so the request ended."),
        ("access_denied", "withdrawn by the client", "The request was withdrawn. Nothing was placed"),
        ("invalid_grant", "", "it expired, or its approval was not used in time. Nothing was placed"),
    ] {
        let (world, _) = World::connected().await;
        let lie = json!({ "error": error, "error_description": description });
        world.at_identity.fails(grant("ciba"), Fault::Answer(400, lie));
        let response = order(&world, &world.mcp_token(ALL), "2025-11-25", json!({})).await;
        world.until_waiting(1).await;
        world.clock.advance(6_000);
        let answer = messages(response).await.remove(0);
        let said = answer["result"]["content"][0]["text"].as_str().unwrap();
        assert!(said.contains(says), "{error}: {said}");
        assert_eq!(answer["result"]["isError"], true);
        assert_eq!(world.posts(), 0);
    }
}

#[tokio::test]
async fn a_rejected_or_refused_order_says_so() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    let response = order(&world, &token, "2025-11-25", json!({})).await;
    world.until_waiting(1).await;
    world.set_price("WAYNE", 20_000).await;
    world.decide("approve").await;
    let answer = messages(response).await.remove(0);
    let said = answer["result"]["content"][0]["text"].as_str().unwrap();
    assert_eq!(
        said,
        "The person approved it, but StockTrade rejected the order: WAYNE costs 200.00 now, more than the limit of \
         105.49. Nothing was bought or sold."
    );
    world.at_broker.fails("POST /api/orders", refusal(403, "no"));
    world.decides(&world.person, "approve").await;
    let again = json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 5, "again": true });
    let params = json!({ "name": "create_order", "arguments": again });
    let answer = request(&world, &token, "2025-11-25", "tools/call", params).send().await.unwrap();
    let answer = messages(answer).await.remove(0);
    let said = answer["result"]["content"][0]["text"].as_str().unwrap();
    assert!(said.starts_with("The person approved it, but it was not done."), "{said}");
    assert!(world.at_broker.seen("GET /").iter().any(|seen| seen.path.contains("txn=")), "the broker was asked");
}

/// The answer to the order is lost: the agent retries, and the order is placed once.
#[tokio::test]
async fn a_lost_answer_is_asked_for_again() {
    let (world, _) = World::connected().await;
    world.decides(&world.person, "approve").await;
    world.at_broker.fails_once("POST /api/orders", Fault::Lost);
    let answer = messages(order(&world, &world.mcp_token(ALL), "2025-11-25", json!({})).await).await.remove(0);
    assert_eq!(answer["result"]["structuredContent"]["status"], "FILLED", "{answer}");
    assert_eq!((world.orders().await, world.posts()), (1, 2));
}

/// In the newest revision, closing the stream cancels the request.
#[tokio::test]
async fn closed_stream_withdraws_in_the_newest_revision() {
    tokio::join!(hangs_up(json!({ "progressToken": 1 })), hangs_up(json!({})));
}

async fn hangs_up(meta: Value) {
    let (world, _) = World::connected().await;
    let response = order(&world, &world.mcp_token(ALL), "2026-07-28", meta).await;
    world.until_waiting(1).await;
    drop(response);
    // The agent notices at its next write to the stream, within ten seconds.
    let revoked = until("withdrawn", async || world.at_identity.seen("/oauth/revoke").pop()).await;
    assert_eq!(revoked.field("client_id"), "agent-mcp");
    assert_eq!(world.posts(), 0);
}

/// In the older revisions, a message cancels a call, and the stream stays open.
#[tokio::test]
async fn a_call_that_its_client_cancels_withdraws_its_request() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    let response = order(&world, &token, "2025-11-25", json!({})).await;
    world.until_waiting(1).await;
    let cancel = |token: String, id: Value| {
        let body = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } });
        let request = request(&world, &token, "2025-11-25", "ping", json!({})).json(&body);
        async move { request.send().await.unwrap().status() }
    };
    // Cancels another id, then this one from another client, and for another person.
    let mut other = world.mcp_claims(ALL);
    other["client_id"] = "tpc_other".into();
    let mut bob = world.mcp_claims(ALL);
    bob["sub"] = world.bob().await.into();
    assert_eq!(cancel(token.clone(), json!(8)).await, StatusCode::ACCEPTED);
    assert_eq!(cancel(world.sign(&other), json!(7)).await, StatusCode::ACCEPTED);
    assert_eq!(cancel(world.sign(&bob), json!(7)).await, StatusCode::ACCEPTED);
    let withdrawal: String =
        sqlx::query_scalar("SELECT withdrawal FROM approval").fetch_one(world.pool("agent")).await.unwrap();
    assert_eq!(withdrawal, "none", "none of them withdraws it");
    assert_eq!(cancel(token, json!(7)).await, StatusCode::ACCEPTED);
    let answer = messages(response).await.remove(0);
    let said = answer["result"]["content"][0]["text"].as_str().unwrap();
    assert!(said.starts_with("The call was cancelled and its request withdrawn. Nothing was placed"), "{said}");
    assert_eq!(world.at_identity.seen("/oauth/revoke").len(), 1);
}

/// THREATS.md line 55: after a denial, the client's next call doesn't ask the person again.
#[tokio::test]
async fn line_55_denied_order_is_not_asked_again_for_ten_minutes() {
    let (world, _) = World::connected().await;
    world.decides(&world.person, "deny").await;
    let token = world.mcp_token(ALL);
    let said = async |token: &str, order: Value| {
        let params = json!({ "name": "create_order", "arguments": order });
        let response = request(&world, token, "2025-11-25", "tools/call", params).send().await.unwrap();
        let answer = messages(response).await.remove(0);
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        answer["result"]["content"][0]["text"].as_str().unwrap().to_owned()
    };
    let order = || json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 5 });
    let asked = || world.asked().len();
    assert!(said(&token, order()).await.starts_with("The person denied it."));
    assert_eq!(asked(), 1);
    let dear = json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 5, "limit": "199.00" });
    for again in [order(), dear] {
        let said = said(&token, again).await;
        assert!(said.starts_with("The person denied this lately (Buy 5 WAYNE, at whatever limit)"), "{said}");
        assert!(said.contains("in 10 minutes, or for something else"), "{said}");
        assert_eq!(asked(), 1);
    }
    // The person is asked for another order, and by another client.
    assert!(said(&token, json!({ "symbol": "WAYNE", "side": "SELL", "quantity": 5 })).await.contains("denied it."));
    assert!(said(&token, json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 6 })).await.contains("denied it."));
    let mut other = world.mcp_claims(ALL);
    other["client_id"] = "tpc_other".into();
    assert!(said(&world.sign(&other), order()).await.contains("denied it."));
    assert_eq!(asked(), 4);
    // After ten minutes, the person can be asked for the first order again.
    world.clock.advance(9 * 60_000);
    assert!(said(&world.mcp_token(ALL), order()).await.contains("denied this lately"));
    world.clock.advance(61_000);
    assert!(said(&world.mcp_token(ALL), order()).await.contains("denied it."));
    assert_eq!(asked(), 5);
}
