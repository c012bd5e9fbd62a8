//! Settings: instructions, the model, the export of all data, and its deletion.

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use shared::chat::ApprovalState;
use world::Fault;

use crate::{
    browser::Browser,
    login::csrf_token,
    model::text,
    orders::ask,
    world::{World, until},
};

async fn save(world: &World, browser: &mut Browser, instructions: &str, model: &str) -> Response {
    let token = csrf_token(world, browser).await;
    browser.submit("settings", &[("csrf_token", &token), ("instructions", instructions), ("model", model)]).await
}

/// Asks the model once more; returns the request that it got.
async fn asked(world: &World, browser: &mut Browser) -> Value {
    let thread = browser.open("Hi").await;
    browser.settled(&thread).await;
    world.model.requests().pop().unwrap()
}

fn system(request: &Value) -> &str {
    request["messages"][0]["content"].as_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_follow_the_persons_own_settings() {
    let mut world = World::with(|config| config.model.others = vec!["bigger-model".into()]).await;
    let (mut alice, mut visitor) = (world.alice().await, world.visitor());
    let saved = save(&world, &mut alice, " Be brief.\r\nAnswer in German. ", "bigger-model").await;
    assert_eq!(
        (saved.status(), &saved.headers()["location"]),
        (StatusCode::SEE_OTHER, &"/settings?saved".parse().unwrap())
    );
    let request = asked(&world, &mut alice).await;
    assert_eq!(request["model"], "bigger-model");
    assert!(system(&request).contains(r#""Be brief.\nAnswer in German.""#), "{request}");
    // They apply to the same person in another browser, and to nobody else.
    let mut elsewhere = world.alice().await;
    assert_eq!(asked(&world, &mut elsewhere).await["model"], "bigger-model");
    let mut bob = world.visitor();
    bob.log_in(&world, "bob", "/").await;
    for other in [&mut visitor, &mut bob] {
        let request = asked(&world, other).await;
        assert_eq!(request["model"], "test-model");
        assert!(!system(&request).contains("German"), "{request}");
    }
    // The model isn't asked after the operator stops offering it.
    world.stop().await;
    world.config.model.others.clear();
    world.start();
    assert_eq!(asked(&world, &mut alice).await["model"], "test-model");
    save(&world, &mut alice, "", "bigger-model").await;
    let request = asked(&world, &mut alice).await;
    assert_eq!(request["model"], "test-model");
    assert!(!system(&request).contains("wishes"), "{request}");
}

#[tokio::test(flavor = "multi_thread")]
async fn line_9_settings_are_changed_by_their_own_form() {
    let world = World::new().await;
    let mut alice = world.alice().await;
    let token = csrf_token(&world, &alice).await;
    let long = "ü".repeat(2_001);
    for (token, instructions, status) in [
        ("forged", "x", StatusCode::FORBIDDEN),
        (&token, long.as_str(), StatusCode::BAD_REQUEST),
        (&token, &long[2..], StatusCode::SEE_OTHER),
    ] {
        let response = alice.submit("settings", &[("csrf_token", token), ("instructions", instructions)]).await;
        assert_eq!(response.status(), status);
    }
    let fields = [("csrf_token", token.as_str())];
    for path in ["settings", "settings/delete"] {
        let elsewhere = alice.submit_from(&[("origin", "https://evil.example")], path, &fields).await;
        assert_eq!(elsewhere.status(), StatusCode::FORBIDDEN);
        let forged = alice.submit(path, &[("csrf_token", "forged")]).await;
        assert_eq!(forged.status(), StatusCode::FORBIDDEN);
        // A visitor has none.
        let mut visitor = world.visitor();
        visitor.open("Hi").await;
        let token = csrf_token(&world, &visitor).await;
        let response = visitor.submit(path, &[("csrf_token", &token)]).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(alice.get("settings/export").await.status(), StatusCode::OK, "she is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn line_46_export_holds_all_of_ones_own() {
    let world = World::new().await;
    let (mut alice, mut bob) = (world.connected().await, world.visitor());
    bob.log_in(&world, "bob", "/").await;
    let of_bob = bob.open("Bob’s own words").await;
    bob.settled(&of_bob).await;
    save(&world, &mut alice, "Be brief.", "").await;
    let (thread, approval) = ask(&world, &mut alice).await;
    world.model.replies([text("First."), text("Second.")]);
    let chat = alice.open("Say something").await;
    let turn = alice.settled(&chat).await;
    let turn = turn.items.iter().find_map(|item| match item {
        shared::chat::Item::Done { turn, .. } => Some(turn.clone()),
        _ => None,
    });
    let path = format!("api/threads/{chat}/turns/{}/regenerate", turn.unwrap());
    assert_eq!(alice.post(&path, &json!({})).await.status(), StatusCode::ACCEPTED);
    alice.settled(&chat).await;
    // A deletion that can still be undone removes nothing.
    let token = csrf_token(&world, &alice).await;
    alice.submit(&format!("t/{chat}/delete"), &[("csrf_token", &token)]).await;
    let response = alice.get("settings/export").await;
    assert_eq!(response.headers()["content-type"], "application/json");
    assert!(response.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
    let file = response.text().await.unwrap();
    let read: Value = serde_json::from_str(&file).unwrap();
    assert_eq!(read["settings"]["instructions"], "Be brief.");
    let ids: Vec<_> = read["chats"].as_array().unwrap().iter().map(|chat| chat["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [&chat, &thread]);
    let is_deleted = |at: usize| read["chats"][at]["deletedAt"].is_i64();
    assert_eq!([is_deleted(0), is_deleted(1)], [true, false]);
    let versions = &read["chats"][0];
    assert_eq!(versions["messages"][0]["text"], "Say something");
    assert_eq!(versions["turns"].as_array().unwrap().len(), 2);
    let events = versions["events"].to_string();
    for words in ["First.", "Second.", "\"isShown\":false"] {
        assert!(events.contains(words), "{words}: {events}");
    }
    assert_eq!(read["approvals"][0]["code"], approval.code.as_str());
    assert!(!file.contains("Bob"), "{file}");
    // The file contains no token, sealed or not.
    let pool = world.pool().await;
    let secrets: (String, String, String) =
        sqlx::query_as("SELECT ping_token, auth_req_id, key FROM approval").fetch_one(&pool).await.unwrap();
    let token: String = sqlx::query_scalar("SELECT refresh_token FROM person WHERE refresh_token IS NOT NULL LIMIT 1")
        .fetch_one(&pool)
        .await
        .unwrap();
    let ping = world.asked().last().unwrap().field("client_notification_token");
    for secret in [secrets.0, secrets.1, secrets.2, token, ping] {
        assert!(!file.contains(&secret));
    }
    let visitor = world.visitor().get("settings/export").await;
    assert_eq!(visitor.status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_a_person_withdraws_their_open_requests() {
    let world = World::new().await;
    let (mut alice, mut bob) = (world.connected().await, world.visitor());
    bob.log_in(&world, "bob", "/").await;
    let of_bob = bob.open("Hi").await;
    bob.settled(&of_bob).await;
    save(&world, &mut alice, "Be brief.", "").await;
    let (_, approval) = ask(&world, &mut alice).await;
    let before = alice.clone();
    let token = csrf_token(&world, &alice).await;
    let response = alice.submit("settings/delete", &[("csrf_token", &token)]).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["clear-site-data"], "\"storage\"");
    assert!(response.text().await.unwrap().contains("Everything is deleted"));
    assert_eq!(world.withdrawals(), 1);
    // The identity service no longer shows the request.
    assert!(world.waiting().await.is_empty(), "{}", approval.page);
    let pool = world.pool().await;
    for (sql, left) in [
        ("SELECT COUNT(*) FROM approval", 0),
        ("SELECT COUNT(*) FROM setting", 0),
        ("SELECT COUNT(*) FROM call", 0),
        // Bob's rows stay.
        ("SELECT COUNT(*) FROM person", 1),
        ("SELECT COUNT(*) FROM thread", 1),
        ("SELECT COUNT(*) FROM visitor", 1),
        ("SELECT COUNT(*) FROM session", 1),
        ("SELECT COUNT(*) FROM message", 1),
    ] {
        let count: i64 = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
        assert_eq!(count, left, "{sql}");
    }
    assert!(before.threads().await.is_empty(), "the session is over");
    assert_eq!(bob.threads().await.len(), 1);
    // After the next login she is a new person.
    let mut again = world.alice().await;
    assert!(again.threads().await.is_empty());
    let thread = again.open("Hi").await;
    again.settled(&thread).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_deleted_while_a_request_cannot_be_withdrawn() {
    let world = World::new().await;
    let mut alice = world.connected().await;
    let (thread, _) = ask(&world, &mut alice).await;
    world.at_identity.fails("/oauth/revoke", Fault::ServerError);
    let token = csrf_token(&world, &alice).await;
    let response = alice.submit("settings/delete", &[("csrf_token", &token)]).await;
    assert_eq!(response.status(), StatusCode::BAD_GATEWAY);
    assert!(response.text().await.unwrap().contains("Nothing was deleted"));
    assert_eq!(alice.threads().await.len(), 1);
    world.at_identity.mend();
    world.clock.advance(2_000);
    alice.approval(&thread, "it is withdrawn", |state| *state == ApprovalState::Withdrawn).await;
    let response = alice.submit("settings/delete", &[("csrf_token", &token)]).await;
    assert_eq!(response.status(), StatusCode::OK);
    until("nothing is left", async || alice.threads().await.is_empty().then_some(())).await;
}
