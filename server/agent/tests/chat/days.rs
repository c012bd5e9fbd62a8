//! Limits for a day: turns and tokens of a person or visitor.

use agent::config::PerDay;
use reqwest::StatusCode;
use serde_json::{Value, json};
use shared::chat::{Accepted, Item};

use crate::{
    browser::Browser,
    model::{Reply, Step, end, piece, text},
    world::{World, until},
};

const DAY: i64 = 24 * 3_600_000;

async fn world(per_day: PerDay) -> World {
    let world = World::with(|config| config.per_day = per_day).await;
    // Moves the clock to shortly after a day's beginning, so that a slow test doesn't reach the next one.
    let now = world.clock.now();
    world.clock.advance(DAY - now % DAY + 60_000);
    world
}

/// Sends a message in a new chat. Returns the status, and the notice of what is left or the reason for refusing it.
async fn send(browser: &mut Browser, words: &str) -> (StatusCode, String) {
    let body = browser.message(words);
    let response = browser.post("api/threads", &body).await;
    let status = response.status();
    let answer: Value = response.json().await.unwrap();
    let said = if status == StatusCode::ACCEPTED { &answer["notice"] } else { &answer["message"] };
    (status, said.as_str().unwrap_or_default().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_of_a_day_end_and_come_back_with_the_next() {
    let world = world(PerDay { turns: Some(5), ..PerDay::default() }).await;
    let mut alice = world.alice().await;
    for said in ["", "", "", "You have 1 message left today.", "This was your last message for today."] {
        assert_eq!(send(&mut alice, "Hi").await, (StatusCode::ACCEPTED, said.into()));
    }
    let (status, said) = send(&mut alice, "One more").await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert!(said.starts_with("You have reached your limit for today. You can write again in 23 h 5"), "{said}");
    assert_eq!(alice.threads().await.len(), 5, "nothing was stored");
    // A limit applies to one person, in all their browsers.
    assert_eq!(send(&mut world.visitor(), "Hi").await.0, StatusCode::ACCEPTED);
    assert_eq!(send(&mut world.alice().await, "Hi").await.0, StatusCode::TOO_MANY_REQUESTS);
    world.clock.advance(DAY);
    let mut alice = world.alice().await;
    assert_eq!(send(&mut alice, "Hi").await, (StatusCode::ACCEPTED, String::new()));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_tabs_at_the_limit_one_gets_the_last_turn() {
    let world = world(PerDay { turns: Some(3), ..PerDay::default() }).await;
    let mut alice = world.alice().await;
    send(&mut alice, "Hi").await;
    let tabs: Vec<_> = (0..8)
        .map(|_| {
            let mut tab = alice.clone();
            async move { send(&mut tab, "Hi").await.0 }
        })
        .collect();
    let statuses = futures::future::join_all(tabs).await;
    let accepted = statuses.iter().filter(|status| **status == StatusCode::ACCEPTED).count();
    assert_eq!(accepted, 2, "{statuses:?}");
    assert_eq!(alice.threads().await.len(), 3);
}

/// A message that was accepted and is sent again doesn't count; an answer written again does.
#[tokio::test(flavor = "multi_thread")]
async fn answer_written_again_counts_and_a_repeated_message_does_not() {
    let world = world(PerDay { turns: Some(2), ..PerDay::default() }).await;
    let mut visitor = world.visitor();
    let body = visitor.message("Hi");
    let mut threads = Vec::new();
    for _ in 0..3 {
        let response = visitor.post("api/threads", &body).await;
        assert_eq!(response.status(), StatusCode::ACCEPTED);
        threads.push(response.json::<Accepted>().await.unwrap().thread);
    }
    assert!(threads.iter().all(|thread| *thread == threads[0]));
    let turn = |items: Vec<Item>| {
        items.into_iter().find_map(|item| if let Item::Done { turn, .. } = item { Some(turn) } else { None }).unwrap()
    };
    let first = turn(visitor.settled(&threads[0]).await.items);
    let again = |turn: &str| format!("api/threads/{}/turns/{turn}/regenerate", threads[0]);
    assert_eq!(visitor.post(&again(&first), &json!({})).await.status(), StatusCode::ACCEPTED);
    let second = turn(visitor.settled(&threads[0]).await.items);
    let refused = visitor.post(&again(&second), &json!({})).await;
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.json::<Value>().await.unwrap()["error"], "day_over");
    assert_eq!(send(&mut visitor, "Hi").await.0, StatusCode::TOO_MANY_REQUESTS);
}

/// Their cookies don't matter. People have their own limit, and this machine itself has none.
#[tokio::test(flavor = "multi_thread")]
async fn visitors_of_an_address_share_its_turns_of_a_day() {
    let world = world(PerDay { visitor_turns: Some(3), ..PerDay::default() }).await;
    let at = |address| world.visitor().at(address);
    for (address, other) in [("203.0.113.7", "203.0.113.8"), ("2001:db8:1:2::1", "2001:db8:1:3::1")] {
        for _ in 0..3 {
            assert_eq!(send(&mut at(address), "Hi").await, (StatusCode::ACCEPTED, String::new()), "{address}");
        }
        let (status, said) = send(&mut at(address), "Hi").await;
        assert_eq!(status, StatusCode::TOO_MANY_REQUESTS, "{address}");
        assert!(said.starts_with("You have reached your limit for today."), "{said}");
        assert_eq!(send(&mut at(other), "Hi").await.0, StatusCode::ACCEPTED, "{other}");
    }
    // The addresses of one IPv6 network count as one.
    assert_eq!(send(&mut at("2001:db8:1:2::2"), "Hi").await.0, StatusCode::TOO_MANY_REQUESTS);
    let mut alice = world.alice().await.at("203.0.113.7");
    for _ in 0..4 {
        assert_eq!(send(&mut alice, "Hi").await.0, StatusCode::ACCEPTED);
        assert_eq!(send(&mut world.visitor(), "Hi").await.0, StatusCode::ACCEPTED);
    }
    world.clock.advance(DAY);
    assert_eq!(send(&mut at("203.0.113.7"), "Hi").await.0, StatusCode::ACCEPTED);
}

/// A retry or another answer that is refused asks no model, so it isn't counted.
#[tokio::test(flavor = "multi_thread")]
async fn refused_retry_counts_no_turn() {
    let world = world(PerDay { turns: Some(5), ..PerDay::default() }).await;
    let mut alice = world.alice().await;
    let thread = alice.open("Hi").await;
    let items = alice.settled(&thread).await.items;
    let done = |item| if let Item::Done { turn, .. } = item { Some(turn) } else { None };
    let turn = items.into_iter().find_map(done).unwrap();
    for _ in 0..6 {
        let retry = alice.post(&format!("api/threads/{thread}/turns/{turn}/retry"), &json!({})).await;
        assert_eq!(retry.status(), StatusCode::CONFLICT);
    }
    let again = format!("api/threads/{thread}/turns/{turn}/regenerate");
    assert_eq!(alice.post(&again, &json!({})).await.status(), StatusCode::ACCEPTED);
    alice.settled(&thread).await;
    // A second click fails: that answer isn't shown any more.
    for _ in 0..6 {
        assert_eq!(alice.post(&again, &json!({})).await.status(), StatusCode::CONFLICT);
    }
    assert_eq!(send(&mut alice, "Hi").await, (StatusCode::ACCEPTED, String::new()));
    assert_eq!(send(&mut alice, "Hi").await, (StatusCode::ACCEPTED, "You have 1 message left today.".into()));
}

/// An answer with the number of its tokens, as counted by the endpoint.
fn with_usage(words: &str, tokens: i64) -> Reply {
    let usage = json!({ "choices": [], "usage": { "prompt_tokens": tokens - 1, "total_tokens": tokens } }).to_string();
    let mut steps = vec![piece(words)];
    steps.extend(end());
    steps.insert(steps.len() - 1, Step::Data(usage));
    Reply::Steps(steps)
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_those_of_the_endpoint_or_estimated() {
    let world = world(PerDay { tokens: Some(1_000_000), ..PerDay::default() }).await;
    let pool = world.pool().await;
    let used = async || -> i64 {
        let sql = "SELECT CAST(COALESCE(SUM(tokens), 0) AS BIGINT) FROM usage_of_day";
        sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap()
    };
    let mut alice = world.alice().await;
    world.model.replies([text("Hello to you.")]);
    // The call for the chat's title counts, too, even if its answer can't be used as a title.
    world.model.titles([with_usage("Sure!\n\nHello", 20_000), with_usage("Hello", 30_000)]);
    assert_eq!(send(&mut alice, "Hi").await, (StatusCode::ACCEPTED, String::new()));
    let all = until("answer and title are counted", async || Some(used().await).filter(|used| *used > 20_000)).await;
    let estimated = all - 20_000;
    assert!((100..5_000).contains(&estimated), "{estimated}");
    assert_eq!(world.model.requests()[0]["stream_options"]["include_usage"], true);
    world.model.replies([with_usage("Hello.", 900_000)]);
    assert_eq!(send(&mut alice, "Hi").await, (StatusCode::ACCEPTED, String::new()));
    until("it is counted", async || (used().await == all + 900_000 + 30_000).then_some(())).await;
    let said = send(&mut alice, "Hi").await;
    assert_eq!(said, (StatusCode::ACCEPTED, "You have used 95 % of your limit for today.".into()));
}
