//! Orders in the chat: they wait without blocking, and the chat reports every outcome correctly.

use std::sync::Arc;

use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::chat::{Approval, ApprovalState, Item, ThreadState};
use tokio::sync::Semaphore;
use world::{Fault, grant, refusal};

use crate::{
    browser::{Browser, approvals, error, said},
    model::{BUY, Reply, Step, calls, text},
    world::{World, until},
};

pub(crate) fn is_placed(state: &ApprovalState) -> bool {
    matches!(state, ApprovalState::Placed { .. })
}

fn waits(state: &ApprovalState) -> bool {
    *state == ApprovalState::Waiting
}

pub(crate) async fn ask(world: &World, browser: &mut Browser) -> (String, Approval) {
    world.model.replies([calls(&[BUY])]);
    let thread = browser.open("Buy 5 WAYNE").await;
    let approval = browser.approval(&thread, "it waits", waits).await;
    browser.settled(&thread).await;
    (thread, approval)
}

/// The notification token of the last request.
fn token(world: &World) -> String {
    world.asked().last().unwrap().field("client_notification_token")
}

async fn ping(world: &World, token: &str) -> StatusCode {
    let request = world.http().client().post(world.site.at("ciba/ping")).bearer_auth(token);
    request.json(&json!({ "auth_req_id": "req-x" })).send().await.unwrap().status()
}

/// The outcome that the model got.
fn result(world: &World) -> Value {
    let messages = world.model.last();
    let content = messages.iter().rfind(|message| message["role"] == "tool").unwrap()["content"].as_str().unwrap();
    serde_json::from_str(content).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn approved_order_is_placed_once_after_the_ping() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    // Without the ping, the agent would poll a minute later.
    world.at_identity.fails("/bc-authorize", Fault::changed(|answer| answer["interval"] = 60.into()));
    let before = world.clock.now();
    let (thread, approval) = ask(&world, &mut browser).await;
    assert_eq!(approval.title, "Buy 5 WAYNE");
    assert_eq!(world.asked()[0].field("binding_message"), approval.code);
    assert_eq!(
        approval.page,
        world.identity_site().at(&format!("approvals/{}", approval.page.rsplit('/').next().unwrap()))
    );
    assert!(approval.expires_at >= before + 300_000);
    assert_eq!(browser.threads().await[0].state, ThreadState::Waiting);
    world.model.replies([text("Done.")]);
    world.decide("approve").await;
    browser.approval(&thread, "it is placed", is_placed).await;
    assert_eq!((world.at_agent.seen("POST /ciba/ping").len(), world.at_identity.grants("ciba").len()), (1, 1));
    let transcript = browser.settled(&thread).await;
    assert_eq!(said(&transcript), "<p>Done.</p>\n");
    assert_eq!(result(&world)["status"], "placed");
    // Pings after the end, and repeated ones, are accepted and change nothing.
    let token = token(&world);
    assert_eq!(ping(&world, &token).await, StatusCode::NO_CONTENT);
    assert_eq!(ping(&world, &token).await, StatusCode::NO_CONTENT);
    assert_eq!(ping(&world, "unknown").await, StatusCode::UNAUTHORIZED);
    // When the worker has asked for another order, it has also handled the pings.
    ask(&world, &mut browser).await;
    assert_eq!((world.orders().await, world.posts(), world.at_identity.grants("ciba").len()), (1, 1, 1));
    assert_eq!(browser.transcript(&thread).await, transcript);
}

/// The identity service lengthens the interval of clients that poll too often.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_ping_it_is_polled_at_the_allowed_interval() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    world.at_agent.fails("POST /ciba/ping", Fault::ServerError);
    let (thread, _) = ask(&world, &mut browser).await;
    let polls = || world.at_identity.grants("ciba").len();
    for poll in 1..=3 {
        world.clock.advance(5_000);
        until("it is polled", async || (polls() >= poll).then_some(())).await;
        assert_eq!(polls(), poll);
    }
    world.decide("approve").await;
    world.clock.advance(5_000);
    browser.approval(&thread, "it is placed", is_placed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ping_may_come_before_the_answer_is_stored() {
    let mut world = World::new().await;
    let mut browser = world.connected().await;
    world.model.replies([calls(&[BUY]), text("Done.")]);
    // The identity service refuses at first, but the test has recorded the request.
    world.at_identity.fails("/bc-authorize", refusal(503, "temporarily_unavailable"));
    let thread = browser.open("Buy 5 WAYNE").await;
    until("it was asked", async || world.asked().pop()).await;
    world.kill();
    world.at_identity.mend();
    world.decides(&world.alice, "approve").await;
    world.start();
    assert_eq!(ping(&world, &token(&world)).await, StatusCode::NO_CONTENT);
    world.clock.advance(16_000);
    browser.approval(&thread, "it is placed", is_placed).await;
    let keys: Vec<_> = world.asked().iter().map(|seen| seen.header("idempotency-key").to_owned()).collect();
    assert!(keys.len() >= 2 && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert_eq!(world.orders().await, 1);
}

/// THREATS.md line 55: the chat reports what the person refused, and asks again only if they name it themselves.
#[tokio::test(flavor = "multi_thread")]
async fn line_55_denied_order_is_reported_and_not_asked_again() {
    for (decided, state) in [
        ("denied", ApprovalState::Denied),
        ("expired", ApprovalState::Expired),
        ("withdrawn", ApprovalState::Withdrawn),
    ] {
        let world = World::new().await;
        let mut browser = world.connected().await;
        let (thread, first) = ask(&world, &mut browser).await;
        assert!(first.facts.iter().all(|(label, _)| label != "Asked before"), "{first:?}");
        // The model tries exactly the same again despite the message: our code refuses.
        world.model.replies([calls(&[BUY]), text("All right.")]);
        match decided {
            "denied" => world.decide("deny").await,
            "expired" => world.clock.advance(301_000),
            // Simulates a withdrawal that the chat didn't make.
            _ => {
                let lie = json!({ "error": "access_denied", "error_description": "withdrawn by the client" });
                world.at_identity.fails_once(grant("ciba"), Fault::Answer(400, lie));
                ping(&world, &token(&world)).await;
            }
        }
        browser.approval(&thread, "it is over", |now| *now == state).await;
        let transcript = until("it is said", || async {
            Some(browser.transcript(&thread).await).filter(|transcript| said(transcript).contains("All right"))
        })
        .await;
        assert_eq!(approvals(&transcript).len(), 1, "{transcript:?}");
        assert_eq!(result(&world)["status"], "refused");
        assert_eq!(world.asked().len(), 1);
        assert_eq!(world.posts(), 0);
        // In later turns the model knows the outcome, and still tries again, even at another limit.
        let dear = ("create_order", r#"{"symbol":"WAYNE","side":"BUY","quantity":5,"limit":"199.00"}"#);
        for (message, again) in [("What is the weather?", BUY), ("Yes, do it", BUY), ("Do what you think best", dear)] {
            world.model.replies([calls(&[again]), text("As you like.")]);
            browser.say(&thread, message).await;
            let transcript = browser.settled(&thread).await;
            assert_eq!(approvals(&transcript).len(), 1, "{transcript:?}");
            assert_eq!(result(&world)["status"], "not_asked", "{message}");
            assert_eq!(result(&world)["request"], "Buy 5 WAYNE");
            assert_eq!(world.asked().len(), 1);
        }
        let messages = json!(world.model.last()).to_string();
        assert!(messages.contains(&format!(r#"\"status\":\"{decided}\""#)), "{messages}");
        assert!(messages.contains("Don't ask for it again unless"), "{messages}");
        // After a message that names it by symbol or name, the person is asked, and the card says that it isn't the
        // first time.
        world.model.replies([calls(&[BUY])]);
        let message = if decided == "denied" { "Then 5 wayne after all" } else { "Buy 5 Wayne Enterprises after all" };
        browser.say(&thread, message).await;
        let second = browser.approval(&thread, "it waits again", waits).await;
        assert_ne!(second.code, first.code);
        let (label, value) = &second.facts[0];
        assert_eq!(label, "Asked before");
        assert!(value.starts_with("You ") && value.contains(" the same request"), "{value}");
        assert_eq!(world.asked().len(), 2);
        assert_eq!(world.posts(), 0);
    }
}

/// THREATS.md line 55: a message written before the refusal doesn't allow asking again.
#[tokio::test(flavor = "multi_thread")]
async fn line_55_older_message_doesnt_ask_again() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    let (thread, _) = ask(&world, &mut browser).await;
    let gate = Arc::new(Semaphore::new(0));
    let Reply::Steps(late) = calls(&[BUY]) else { panic!("no steps") };
    let late = [vec![Step::Hold(gate.clone())], late].concat();
    world.model.replies([Reply::Steps(late), text("You denied it."), text("Nothing to ask.")]);
    browser.say(&thread, "What does WAYNE do?").await;
    until("the model is asked", || async { (world.model.requests().len() == 2).then_some(()) }).await;
    world.decide("deny").await;
    browser.approval(&thread, "it is denied", |now| *now == ApprovalState::Denied).await;
    until("that is said", || async { said(&browser.transcript(&thread).await).contains("You denied").then_some(()) })
        .await;
    gate.add_permits(1);
    let transcript = browser.settled(&thread).await;
    assert_eq!(result(&world)["status"], "not_asked");
    assert_eq!(approvals(&transcript).len(), 1, "{transcript:?}");
    assert_eq!(world.asked().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_is_withdrawn_in_the_chat() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    let (thread, _) = ask(&world, &mut browser).await;
    world.model.replies([text("Withdrawn.")]);
    let transcript = browser.transcript(&thread).await;
    let call = transcript.items.iter().find_map(|item| match item {
        Item::Card(card) => Some(card.call.clone()),
        _ => None,
    });
    let path = format!("api/threads/{thread}/calls/{}/withdraw", call.unwrap());
    // A logged-out page learns that the login has expired, and withdraws after the next login.
    let mut expired = world.visitor();
    for signed_in in [true, false] {
        let refused = error(expired.post(&path, &json!({ "signed_in": signed_in })).await).await;
        let result =
            if signed_in { (StatusCode::UNAUTHORIZED, "login_expired") } else { (StatusCode::NOT_FOUND, "not_found") };
        assert_eq!(refused, (result.0, result.1.into()));
    }
    expired.log_in(&world, "alice", "/").await;
    let mut browser = expired;
    assert_eq!(browser.post(&path, &json!({ "signed_in": true })).await.status(), StatusCode::ACCEPTED);
    browser.approval(&thread, "it is withdrawn", |state| *state == ApprovalState::Withdrawn).await;
    until("it is said", || async { said(&browser.transcript(&thread).await).contains("Withdrawn.").then_some(()) })
        .await;
    assert_eq!(world.withdrawals(), 1);
    assert_eq!(world.posts(), 0);
    assert_eq!(error(browser.post(&path, &json!({})).await).await, (StatusCode::CONFLICT, "conflict".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_turn_withdraws_its_request() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    let (thread, _) = ask(&world, &mut browser).await;
    let transcript = browser.transcript(&thread).await;
    let turn = transcript.items.iter().find_map(|item| match item {
        Item::Card(card) => Some(card.turn.clone()),
        _ => None,
    });
    let path = format!("api/threads/{thread}/turns/{}/cancel", turn.unwrap());
    assert_eq!(browser.post(&path, &json!({})).await.status(), StatusCode::ACCEPTED);
    browser.approval(&thread, "it is withdrawn", |state| *state == ApprovalState::Withdrawn).await;
    let transcript = browser.settled(&thread).await;
    assert!(matches!(transcript.items.last(), Some(Item::Cancelled { .. })), "{transcript:?}");
    assert_eq!(world.model.requests().len(), 1, "the model is not asked any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn several_turns_wait_in_one_thread_while_others_run() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    let (thread, first) = ask(&world, &mut browser).await;
    world.model.replies([calls(&[("create_order", r#"{"symbol":"WAYNE","side":"BUY","quantity":7}"#)])]);
    browser.say(&thread, "Buy 7 WAYNE").await;
    until("both wait", || async {
        let cards = approvals(&browser.transcript(&thread).await);
        (cards.len() == 2 && cards.iter().all(|card| waits(&card.state))).then_some(())
    })
    .await;
    // A message in between is answered, and the model knows what is waiting.
    world.model.replies([text("Hello.")]);
    browser.say(&thread, "Hi").await;
    until("it answers", || async { said(&browser.transcript(&thread).await).contains("Hello.").then_some(()) }).await;
    let messages = world.model.last();
    let waiting = messages.iter().filter(|message| {
        message["role"] == "tool" && message["content"].as_str().unwrap().contains(r#""status":"waiting""#)
    });
    assert_eq!(waiting.count(), 2, "{messages:?}");
    // The person approves the first and denies the second.
    let second = approvals(&browser.transcript(&thread).await).pop().unwrap();
    world.model.replies([text("One."), text("Two.")]);
    world.alice.decide(&first.page, "approve").await;
    world.alice.decide(&second.page, "deny").await;
    until("both are over", || async {
        let cards = approvals(&browser.transcript(&thread).await);
        (is_placed(&cards[0].state) && cards[1].state == ApprovalState::Denied).then_some(())
    })
    .await;
    assert_eq!(world.orders().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_brokers_rejection_is_said_as_one() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    let (thread, _) = ask(&world, &mut browser).await;
    world.model.replies([text("It was rejected.")]);
    world.set_price("WAYNE", 20_000).await;
    world.decide("approve").await;
    let refused = |state: &ApprovalState| {
        let why = "WAYNE costs 200.00 now, more than the limit of 105.49.";
        matches!(state, ApprovalState::Refused { reason } if reason == why)
    };
    browser.approval(&thread, "it is rejected", refused).await;
    browser.settled(&thread).await;
    assert_eq!(result(&world)["status"], "rejected");
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answer_of_the_broker_is_asked_again() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    let (thread, _) = ask(&world, &mut browser).await;
    world.model.replies([text("Done.")]);
    world.at_broker.fails_once("POST /api/orders", Fault::Lost);
    world.decide("approve").await;
    browser.approval(&thread, "it is placed", is_placed).await;
    assert_eq!(world.orders().await, 1);
    assert!(world.posts() >= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn approval_that_expired_during_downtime_is_reported() {
    let mut world = World::new().await;
    let mut browser = world.connected().await;
    let (thread, _) = ask(&world, &mut browser).await;
    world.model.replies([text("Too late.")]);
    world.at_broker.fails("/api", Fault::ServerError);
    world.decide("approve").await;
    browser.approval(&thread, "it is approved", |state| *state == ApprovalState::Approved).await;
    world.kill();
    world.at_broker.mend();
    world.clock.advance(1_000_000);
    world.start();
    let over = browser.approval(&thread, "it is over", |state| matches!(state, ApprovalState::Refused { .. })).await;
    assert!(
        matches!(over.state, ApprovalState::Refused { reason } if reason.contains("the approval ran out before it could be used"))
    );
    assert_eq!(world.orders().await, 0);
}

/// PROTOCOL.md step 10: if the broker can't be asked, the chat doesn't say "not placed".
#[tokio::test(flavor = "multi_thread")]
async fn unknown_outcome_is_called_unknown() {
    let mut world = World::new().await;
    let mut browser = world.connected().await;
    let (thread, _) = ask(&world, &mut browser).await;
    world.model.replies([text("I can't tell.")]);
    world.at_broker.fails("/api", Fault::ServerError);
    world.decide("approve").await;
    browser.approval(&thread, "it is approved", |state| *state == ApprovalState::Approved).await;
    world.kill();
    // While the agent is down, the person disconnects the account, and the approval expires.
    let disconnected = refusal(401, "federated_connection_refresh_token_not_found");
    world.at_identity.fails(grant("federated-connection-access-token"), disconnected);
    world.clock.advance(1_000_000);
    world.start();
    let over = browser.approval(&thread, "it is over", ApprovalState::is_over).await;
    assert!(matches!(over.state, ApprovalState::Unknown { reason } if reason.contains("Look at your orders there")));
    browser.settled(&thread).await;
    assert_eq!(result(&world)["status"], "unknown");
}

/// THREATS.md line 27: stored secrets are sealed.
#[tokio::test(flavor = "multi_thread")]
async fn line_27_no_token_is_at_rest_in_plain_text() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    ask(&world, &mut browser).await;
    ping(&world, &token(&world)).await;
    let polled = until("it is polled", async || world.at_identity.grants("ciba").pop()).await;
    let pool = world.pool().await;
    let rows: Vec<(String, String, String, String)> =
        sqlx::query_as("SELECT ping_token, ping_hash, auth_req_id, txn FROM approval").fetch_all(&pool).await.unwrap();
    let [(ping, hash, request, txn)] = rows.as_slice() else { panic!() };
    let token = token(&world);
    assert_eq!(*hash, foundation::secret::hash(&token));
    assert!(!ping.contains(&token) && !request.contains(&polled.field("auth_req_id")) && !request.contains(txn));
    let refresh: Vec<String> = sqlx::query_scalar("SELECT refresh_token FROM person").fetch_all(&pool).await.unwrap();
    let token = world.refresh_token().await;
    assert!(refresh.iter().all(|sealed| !sealed.contains(&token)));
    let sessions: Vec<(String, String)> =
        sqlx::query_as("SELECT id, data FROM session").fetch_all(&pool).await.unwrap();
    let cookie = browser.cookie.clone().unwrap();
    let value = cookie.split_once('=').unwrap().1;
    assert!(sessions.iter().all(|(id, data)| id != value && !data.contains(".eyJ")));
}
