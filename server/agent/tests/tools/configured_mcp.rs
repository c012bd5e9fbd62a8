//! Configured tools at `/mcp`: the outcome of an approval request, and how retries are recognized.

use serde_json::{Value, json};
use world::until;

use crate::{
    configured::{SCOPES, arranged, reservation},
    mcp::{call, messages, request},
    sites::World,
    tables::Tables,
};

/// An app's token with all scopes of the API.
async fn allowed() -> (World, Tables, String) {
    let (world, tables, _) = arranged().await;
    world.grant("grt_1", SCOPES).await;
    let mut claims = world.mcp_claims(SCOPES);
    claims["grant_id"] = "grt_1".into();
    let token = world.sign(&claims);
    (world, tables, token)
}

/// The outcome has the receipt, and so has `get_request`. A lost answer is looked up with the scopes that the person
/// granted the caller.
#[tokio::test]
async fn receipt_at_mcp_is_read_with_the_callers_scopes() {
    let (world, tables, token) = allowed().await;
    let params = json!({ "name": "reserve_table", "arguments": reservation() });
    let reserve = request(&world, &token, "2025-11-25", "tools/call", params).send();
    let (response, ()) = tokio::join!(reserve, async {
        world.until_waiting(1).await;
        // The API makes the reservation, and its answer is lost; then it refuses repeated requests.
        tables.state().loses_answer = true;
        world.decide("approve").await;
        until("its answer was lost", async || (!tables.state().loses_answer).then_some(())).await;
        tables.state().refuses = Some((409, "The table is taken"));
    });
    let result = messages(response.unwrap()).await.pop().unwrap()["result"].clone();
    assert_eq!(result["structuredContent"]["receipt"], "Blue table is confirmed", "{result}");
    let txn = tables.state().reservations[0].0.clone();
    let (_, path, bearer, _) = tables.state().calls.last().cloned().unwrap();
    assert_eq!(path, format!("/v1/reservations?txn={txn}"));
    assert_eq!(world::claims(&bearer).unwrap()["scope"], SCOPES);

    let id: String = sqlx::query_scalar("SELECT id FROM approval").fetch_one(world.pool("agent")).await.unwrap();
    let read = call(&world, &token, "2025-11-25", "get_request", json!({ "request": id })).await;
    let read = &read["structuredContent"];
    assert_eq!((&read["status"], &read["receipt"]), (&json!("placed"), &json!("Blue table is confirmed")));
    assert_eq!(read["message"], "The person approved it, and it was done, once: Blue table is confirmed.");
    assert_eq!(read["result"], result["structuredContent"]["result"]);
    assert!(read["result"].to_string().contains(&txn), "{read}");
}

/// THREATS.md lines 33 and 55: requests are compared by the members that their type lists, here all. A denial or an
/// outcome doesn't apply to another request with the same title, and a default may be left out of a retry.
#[tokio::test]
async fn line_55_a_request_with_the_same_title_is_another() {
    let (world, _tables, token) = allowed().await;
    let reserve = async |more: Value| {
        let mut arguments = reservation();
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let result = call(&world, &token, "2025-11-25", "reserve_table", arguments).await;
        result["content"][0]["text"].as_str().unwrap().to_owned()
    };
    world.decides(&world.person, "deny").await;
    assert!(reserve(json!({})).await.starts_with("The person denied it."));
    world.decides(&world.person, "approve").await;
    assert!(reserve(json!({ "guests": 3 })).await.starts_with("Blue table is confirmed"));
    let said = reserve(json!({ "guests": 2, "reason": "Please" })).await;
    assert!(said.starts_with("The person denied this lately (Blue table on Fri 4 Dec 2026)"), "{said}");
    let said = reserve(json!({ "guests": 3, "reason": "Please" })).await;
    assert!(said.starts_with("Blue table is confirmed. This is what became of the same call before"), "{said}");
    assert_eq!(world.asked().len(), 2);
}
