//! Orders in the chat: they wait without blocking, and the chat reports every outcome correctly.

use std::sync::Arc;

use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::chat::{Approval, ApprovalState, Item};
use tokio::sync::Semaphore;

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
    world.identity.state().asked.last().unwrap().1["client_notification_token"].clone()
}

async fn ping(world: &World, token: &str) -> StatusCode {
    let url = world.site.at("ciba/ping");
    let request = foundation::streaming::Streaming::new(foundation::http::Http::new(), &url)
        .client()
        .post(&url)
        .bearer_auth(token)
        .json(&json!({ "auth_req_id": "req-x" }));
    request.send().await.unwrap().status()
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
    let (thread, approval) = ask(&world, &mut browser).await;
    assert_eq!(approval.title, "Buy 5 WAYNE");
    let asked = world.identity.state().asked[0].1.clone();
    assert_eq!(asked["binding_message"], approval.code);
    assert_eq!(
        approval.page,
        world.identity.site.at(&format!("approvals/{}", approval.page.rsplit('/').next().unwrap()))
    );
    assert!(approval.expires_at > world.clock.now() + 290_000);
    assert!(browser.threads().await[0].waiting);
    world.model.replies([text("Done.")]);
    world.identity.state().decided = Some("approved");
    let began = std::time::Instant::now();
    assert_eq!(ping(&world, &token(&world)).await, StatusCode::NO_CONTENT);
    browser.approval(&thread, "it is placed", is_placed).await;
    assert!(began.elapsed().as_millis() < 1_000, "{:?}", began.elapsed());
    let transcript = browser.settled(&thread).await;
    assert_eq!(said(&transcript), "<p>Done.</p>\n");
    assert_eq!(result(&world)["status"], "placed");
    // Repeated, and after the end: it is accepted and changes nothing.
    assert_eq!(ping(&world, &token(&world)).await, StatusCode::NO_CONTENT);
    assert_eq!(ping(&world, &token(&world)).await, StatusCode::NO_CONTENT);
    assert_eq!(ping(&world, "unknown").await, StatusCode::UNAUTHORIZED);
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    assert_eq!(world.broker.state().orders.len(), 1);
    assert_eq!(world.broker.state().posts(), 1);
    assert_eq!(browser.transcript(&thread).await, transcript);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_ping_it_is_polled_at_the_allowed_interval() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    let (thread, _) = ask(&world, &mut browser).await;
    let polls = || world.identity.grants("ciba").len();
    let before = polls();
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    // The interval is one second.
    assert!((1..=3).contains(&(polls() - before)), "{}", polls() - before);
    world.identity.state().decided = Some("approved");
    browser.approval(&thread, "it is placed", is_placed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ping_may_come_before_the_answer_is_stored() {
    let mut world = World::new().await;
    let mut browser = world.connected().await;
    world.model.replies([calls(&[BUY]), text("Done.")]);
    world.identity.state().decided = Some("approved");
    // The identity service refuses for now, but the test knows the request.
    world.identity.state().not_asked = Some((503, "temporarily_unavailable"));
    let thread = browser.open("Buy 5 WAYNE").await;
    until("it was asked", || async { (!world.identity.state().asked.is_empty()).then_some(()) }).await;
    world.kill();
    world.identity.state().not_asked = None;
    world.start();
    assert_eq!(ping(&world, &token(&world)).await, StatusCode::NO_CONTENT);
    world.clock.advance(16_000);
    browser.approval(&thread, "it is placed", is_placed).await;
    let keys: Vec<_> = world.identity.state().asked.iter().map(|(key, _)| key.clone()).collect();
    assert!(keys.len() >= 2 && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert_eq!(world.broker.state().orders.len(), 1);
}

/// THREATS.md line 55: the chat reports what the person refused, and asks again only if they name it themselves.
#[tokio::test(flavor = "multi_thread")]
async fn line_55_denied_order_is_reported_and_not_asked_again() {
    for (decided, state) in [
        ("denied", ApprovalState::Denied),
        ("expired_token", ApprovalState::Expired),
        ("withdrawn", ApprovalState::Withdrawn),
    ] {
        let world = World::new().await;
        let mut browser = world.connected().await;
        let (thread, first) = ask(&world, &mut browser).await;
        assert!(first.facts.iter().all(|(label, _)| label != "Asked before"), "{first:?}");
        // The model tries exactly the same again despite the message: our code refuses.
        world.model.replies([calls(&[BUY]), text("All right.")]);
        world.identity.state().decided = Some(decided);
        ping(&world, &token(&world)).await;
        browser.approval(&thread, "it is over", |now| *now == state).await;
        let transcript = until("it is said", || async {
            Some(browser.transcript(&thread).await).filter(|transcript| said(transcript).contains("All right"))
        })
        .await;
        assert_eq!(approvals(&transcript).len(), 1, "{transcript:?}");
        assert_eq!(result(&world)["status"], "refused");
        assert_eq!(world.identity.state().asked.len(), 1);
        assert_eq!(world.broker.state().posts(), 0);
        world.identity.state().decided = None;
        // The next messages: the model gets the outcome, and still asks again, even at another limit.
        let dear = ("create_order", r#"{"symbol":"WAYNE","side":"BUY","quantity":5,"limit":"199.00"}"#);
        for (message, again) in [("What is the weather?", BUY), ("Yes, do it", BUY), ("Do what you think best", dear)] {
            world.model.replies([calls(&[again]), text("As you like.")]);
            browser.say(&thread, message).await;
            let transcript = browser.settled(&thread).await;
            assert_eq!(approvals(&transcript).len(), 1, "{transcript:?}");
            assert_eq!(result(&world)["status"], "not_asked", "{message}");
            assert_eq!(result(&world)["request"], "Buy 5 WAYNE");
            assert_eq!(world.identity.state().asked.len(), 1);
        }
        let messages = json!(world.model.last()).to_string();
        let status = if decided == "expired_token" { "expired" } else { decided };
        assert!(messages.contains(&format!(r#"\"status\":\"{status}\""#)), "{messages}");
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
        assert_eq!(world.identity.state().asked.len(), 2);
        assert_eq!(world.broker.state().posts(), 0);
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
    world.identity.state().decided = Some("denied");
    ping(&world, &token(&world)).await;
    browser.approval(&thread, "it is denied", |now| *now == ApprovalState::Denied).await;
    until("that is said", || async { said(&browser.transcript(&thread).await).contains("You denied").then_some(()) })
        .await;
    gate.add_permits(1);
    let transcript = browser.settled(&thread).await;
    assert_eq!(result(&world)["status"], "not_asked");
    assert_eq!(approvals(&transcript).len(), 1, "{transcript:?}");
    assert_eq!(world.identity.state().asked.len(), 1);
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
    assert_eq!(world.identity.state().revoked.len(), 1);
    assert_eq!(world.broker.state().posts(), 0);
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
    let txn = |approval: &Approval| approval.page.rsplit('/').next().unwrap().to_owned();
    let second = approvals(&browser.transcript(&thread).await).pop().unwrap();
    world.model.replies([text("One."), text("Two.")]);
    {
        let mut state = world.identity.state();
        state.decisions.insert(txn(&first), "approved");
        state.decisions.insert(txn(&second), "denied");
    }
    until("both are over", || async {
        let cards = approvals(&browser.transcript(&thread).await);
        (is_placed(&cards[0].state) && cards[1].state == ApprovalState::Denied).then_some(())
    })
    .await;
    assert_eq!(world.broker.state().orders.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_brokers_rejection_is_said_as_one() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    let (thread, _) = ask(&world, &mut browser).await;
    world.model.replies([text("It was rejected.")]);
    world.broker.state().rejects = Some("Insufficient funds");
    world.identity.state().decided = Some("approved");
    let refused =
        |state: &ApprovalState| matches!(state, ApprovalState::Refused { reason } if reason == "Insufficient funds");
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
    world.broker.state().loses_answer = true;
    world.identity.state().decided = Some("approved");
    browser.approval(&thread, "it is placed", is_placed).await;
    assert_eq!(world.broker.state().orders.len(), 1);
    assert!(world.broker.state().posts() >= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn approval_that_expired_during_downtime_is_reported() {
    let mut world = World::new().await;
    let mut browser = world.connected().await;
    let (thread, _) = ask(&world, &mut browser).await;
    world.model.replies([text("Too late.")]);
    world.broker.state().trouble = Some(crate::identity::Trouble::ServerError);
    world.identity.state().decided = Some("approved");
    browser.approval(&thread, "it is approved", |state| *state == ApprovalState::Approved).await;
    world.kill();
    world.broker.state().trouble = None;
    world.identity.state().decided = Some("invalid_grant");
    world.clock.advance(1_000_000);
    world.start();
    let over = browser.approval(&thread, "it is over", |state| matches!(state, ApprovalState::Refused { .. })).await;
    assert!(
        matches!(over.state, ApprovalState::Refused { reason } if reason.contains("approved") && reason.contains("Nothing was placed; ask again"))
    );
    assert_eq!(world.broker.state().orders.len(), 0);
}

/// PROTOCOL.md step 10: if the broker can't be asked, the chat doesn't say "not placed".
#[tokio::test(flavor = "multi_thread")]
async fn unknown_outcome_is_called_unknown() {
    let mut world = World::new().await;
    let mut browser = world.connected().await;
    let (thread, _) = ask(&world, &mut browser).await;
    world.model.replies([text("I can't tell.")]);
    world.broker.state().trouble = Some(crate::identity::Trouble::ServerError);
    world.identity.state().decided = Some("approved");
    browser.approval(&thread, "it is approved", |state| *state == ApprovalState::Approved).await;
    world.kill();
    // While the agent is down, the person disconnects the account, and the approval expires.
    world.identity.state().connected = None;
    world.identity.state().decided = Some("invalid_grant");
    world.clock.advance(1_000_000);
    world.start();
    let over = browser.approval(&thread, "it is over", ApprovalState::is_over).await;
    assert!(matches!(over.state, ApprovalState::Unknown { reason } if reason.contains("Look at your orders")));
    browser.settled(&thread).await;
    assert_eq!(result(&world)["status"], "unknown");
}

/// THREATS.md line 27: stored secrets are sealed.
#[tokio::test(flavor = "multi_thread")]
async fn line_27_no_token_is_at_rest_in_plain_text() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    ask(&world, &mut browser).await;
    let pool = world.pool().await;
    let rows: Vec<(String, String, String, String)> =
        sqlx::query_as("SELECT ping_token, ping_hash, auth_req_id, txn FROM approval").fetch_all(&pool).await.unwrap();
    let [(ping, hash, request, txn)] = rows.as_slice() else { panic!() };
    let token = token(&world);
    assert_eq!(*hash, foundation::secret::hash(&token));
    assert!(!ping.contains(&token) && !request.contains(&format!("req-{txn}")));
    let refresh: Vec<String> = sqlx::query_scalar("SELECT refresh_token FROM person").fetch_all(&pool).await.unwrap();
    assert!(refresh.iter().all(|sealed| !sealed.contains("refresh-alice")));
    let sessions: Vec<(String, String)> =
        sqlx::query_as("SELECT id, data FROM session").fetch_all(&pool).await.unwrap();
    let cookie = browser.cookie.clone().unwrap();
    let value = cookie.split_once('=').unwrap().1;
    assert!(sessions.iter().all(|(id, data)| id != value && !data.contains(".eyJ")));
}
