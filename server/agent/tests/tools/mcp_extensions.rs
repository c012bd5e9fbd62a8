//! MCP clients that can open a page for their person (URL elicitation), or that support tasks.

use serde_json::{Value, json};
use world::until;

use crate::{
    mcp::{ALL, messages, request},
    sites::World,
};

const NEWEST: &str = "2026-07-28";

/// Sends a call from a client with this capability; returns the whole answer.
async fn send(world: &World, token: &str, method: &str, mut params: Value, able: Value) -> Value {
    params["_meta"] = json!({ "io.modelcontextprotocol/clientCapabilities": able });
    let mut request = request(world, token, NEWEST, method, params.clone());
    if let Some(task) = params["taskId"].as_str() {
        request = request.header("mcp-name", task);
    }
    messages(request.send().await.unwrap()).await.pop().unwrap()
}

fn buy() -> Value {
    json!({ "name": "create_order", "arguments": { "symbol": "WAYNE", "side": "BUY", "quantity": 5 } })
}

fn elicits() -> Value {
    json!({ "elicitation": { "url": {} } })
}

/// The same call with the response to the elicitation.
fn repeated(mut call: Value, asked: &Value, action: &str) -> Value {
    call["requestState"] = asked["requestState"].clone();
    call["inputResponses"] = json!({ "page": { "action": action } });
    call
}

#[tokio::test]
async fn url_elicitation_leads_to_the_approval() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    let asked = send(&world, &token, "tools/call", buy(), elicits()).await["result"].clone();
    assert_eq!(asked["resultType"], "input_required", "{asked}");
    let input = &asked["inputRequests"]["page"];
    assert_eq!((&input["method"], &input["params"]["mode"]), (&json!("elicitation/create"), &json!("url")));
    let url = input["params"]["url"].as_str().unwrap();
    assert!(url.starts_with(&world.identity_site().at("approvals/apr")), "{url}");
    let code = world.asked()[0].field("binding_message");
    assert!(input["params"]["message"].as_str().unwrap().ends_with(&format!("must be {code}.")), "{input}");

    // The person didn't open the page, so the model learns that the request waits.
    let declined = send(&world, &token, "tools/call", repeated(buy(), &asked, "decline"), elicits()).await;
    assert_eq!(declined["result"]["structuredContent"]["status"], "waiting", "{declined}");
    // The person opened the page, and approves.
    world.decide("approve").await;
    let placed = send(&world, &token, "tools/call", repeated(buy(), &asked, "accept"), elicits()).await;
    assert_eq!(placed["result"]["structuredContent"]["id"], world.order_ids().await[0], "{placed}");
    assert_eq!(world.asked().len(), 1);
}

/// THREATS.md line 33: a call repeated after the page concerns that page's request, even if it says to ask again.
#[tokio::test]
async fn line_33_repeated_call_after_the_page_asks_nothing_new() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    let again = || {
        let mut call = buy();
        call["arguments"]["again"] = json!(true);
        call
    };
    let asked = send(&world, &token, "tools/call", again(), elicits()).await["result"].clone();
    assert_eq!(asked["resultType"], "input_required", "{asked}");
    world.decide("approve").await;
    for _ in 0..2 {
        let placed = send(&world, &token, "tools/call", repeated(again(), &asked, "accept"), elicits()).await;
        assert_eq!(placed["result"]["structuredContent"]["id"], world.order_ids().await[0], "{placed}");
    }
    assert_eq!(world.asked().len(), 1);
}

/// The request state is only accepted for the call it was made for.
#[tokio::test]
async fn request_state_is_bound_to_its_call() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    let asked = send(&world, &token, "tools/call", buy(), elicits()).await["result"].clone();
    let mut claims = world.mcp_claims(ALL);
    claims["client_id"] = "tpc_other".into();
    let other = world.sign(&claims);
    let mut sale = buy();
    sale["arguments"]["side"] = "SELL".into();
    let mut forged = asked.clone();
    forged["requestState"] = "req_1".into();
    for (token, call, state) in [(&other, buy(), &asked), (&token, sale, &asked), (&token, buy(), &forged)] {
        let answer = send(&world, token, "tools/call", repeated(call, state, "accept"), elicits()).await;
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
}

#[tokio::test]
async fn url_elicitation_leads_to_the_accounts() {
    let world = World::new().await;
    let token = world.mcp_token(ALL);
    let call = || json!({ "name": "get_portfolio", "arguments": {} });
    let asked = send(&world, &token, "tools/call", call(), elicits()).await["result"].clone();
    assert_eq!(asked["inputRequests"]["page"]["params"]["url"], world.url("accounts"), "{asked}");
    let again =
        async |action: &str| send(&world, &token, "tools/call", repeated(call(), &asked, action), elicits()).await;
    let declined = again("cancel").await;
    assert_eq!(declined["result"]["isError"], true, "{declined}");
    let (connected, ()) = tokio::join!(again("accept"), async {
        // The first try finds no account.
        let vault = "federated-connection-access-token";
        let tries = world.at_identity.grants(vault).len();
        until("it is tried", async || (world.at_identity.grants(vault).len() > tries).then_some(())).await;
        world.connect().await;
    });
    assert_eq!(connected["result"]["structuredContent"]["cashBalance"], "9482.90", "{connected}");
}

#[tokio::test]
async fn call_becomes_a_task_for_clients_that_know_tasks() {
    let (world, _) = World::connected().await;
    let token = world.mcp_token(ALL);
    let tasks = || json!({ "extensions": { "io.modelcontextprotocol/tasks": {} } });
    let task = send(&world, &token, "tools/call", buy(), tasks()).await["result"].clone();
    assert_eq!((&task["resultType"], &task["status"]), (&json!("task"), &json!("working")), "{task}");
    let id = task["taskId"].clone();
    let get = async |token: &str, id: &Value| send(&world, token, "tasks/get", json!({ "taskId": id }), tasks()).await;
    let ends = async |id: &Value, status: &str| {
        until(status, async || Some(get(&token, id).await["result"].clone()).filter(|read| read["status"] == status))
            .await
    };
    // A retry gets the same task; another client can't see it.
    assert_eq!(send(&world, &token, "tools/call", buy(), tasks()).await["result"]["taskId"], id);
    let mut other = world.mcp_claims(ALL);
    other["client_id"] = "tpc_other".into();
    assert_eq!(get(&world.sign(&other), &id).await["error"]["code"], -32602);
    world.until_waiting(1).await;
    world.decide("approve").await;
    let completed = ends(&id, "completed").await;
    assert_eq!(completed["result"]["structuredContent"]["id"], world.order_ids().await[0], "{completed}");
    assert_eq!(world.asked().len(), 1);

    let mut sale = buy();
    sale["arguments"]["side"] = "SELL".into();
    let id = send(&world, &token, "tools/call", sale, tasks()).await["result"]["taskId"].clone();
    send(&world, &token, "tasks/cancel", json!({ "taskId": id }), tasks()).await;
    ends(&id, "cancelled").await;
}
