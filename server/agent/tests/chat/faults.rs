//! A model's endpoint that fails in every way: said in clear words, with a way to try again, and nothing lost.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;
use wire::chat::{Item, Transcript};

use crate::{
    browser::{error, said},
    model::{Reply, Step, calls, piece, text},
    world::{World, until},
};

fn failure(transcript: &Transcript) -> (&str, &str, bool) {
    match transcript.items.last() {
        Some(Item::Failed { turn, message, retry }) => (turn, message, *retry),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_fails_is_said_and_asked_again_on_retry() {
    let raw = |data: &str| Reply::Steps(vec![Step::Data(data.into())]);
    let failed = Reply::Status(500, "oops");
    let cases = [
        // The client tries three times more by itself.
        (vec![failed.clone(), failed.clone(), failed.clone(), failed], "failed (500"),
        (vec![Reply::Status(400, r#"{"error":{"message":"no such model"}}"#)], "didn't take the request (400"),
        (vec![Reply::Status(404, "<html>not found</html>")], "didn't take the request, and"),
        (vec![Reply::Status(401, "bad key")], "OPENAI_API_KEY"),
        (vec![raw("this is not JSON")], "no answer"),
        (vec![raw(r#"{"error":{"message":"overloaded"}}"#)], "broke off"),
        // The connection ends in the middle.
        (vec![Reply::Steps(vec![piece("Half of "), piece("an answer")])], "broke off"),
        (vec![Reply::Steps(vec![])], "broke off"),
        (vec![text("")], "with nothing"),
        (vec![text("  ")], "with nothing"),
        (vec![calls(&[("get_stock_price", r#"{"symbol":"#)])], "arguments that can't be read"),
        (vec![calls(&[("get_stock_price", "[1]")])], "arguments that can't be read"),
        (vec![calls(&[("whoami", ""), ("transfer_money", "{}")])], "\"transfer_money\""),
    ];
    for (replies, words) in cases {
        let world = World::new().await;
        world.model.replies(replies);
        let mut browser = world.visitor();
        let thread = browser.open("Hi").await;
        let transcript = browser.settled(&thread).await;
        let (turn, message, retry) = failure(&transcript);
        assert!(message.contains(words), "{words}: {message}");
        assert!(retry);
        // No tool was called.
        assert!(!transcript.items.iter().any(|item| matches!(item, Item::Call(_))), "{transcript:?}");
        let path = format!("api/threads/{thread}/turns/{turn}/retry");
        world.model.replies([text("Now it works.")]);
        assert_eq!(browser.post(&path, &json!({})).await.status(), StatusCode::ACCEPTED);
        let transcript = until("it works", || async {
            Some(browser.settled(&thread).await).filter(|transcript| said(transcript) == "<p>Now it works.</p>\n")
        })
        .await;
        assert_eq!(transcript.items.len(), 2, "the failure is gone: {transcript:?}");
        assert_eq!(error(browser.post(&path, &json!({})).await).await, (StatusCode::CONFLICT, "conflict".into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_refused_is_the_operators_to_mend_and_then_the_person_tries_again() {
    let refused = r#"{"error":{"message":"Incorrect API key provided: sk-test"}}"#;
    for status in [401, 403] {
        let world = World::new().await;
        world.model.replies([Reply::Status(status, refused)]);
        let mut browser = world.visitor();
        let thread = browser.open("Hi").await;
        let transcript = browser.settled(&thread).await;
        let (turn, message, retry) = failure(&transcript);
        assert!(message.contains("OPENAI_API_KEY") && !message.contains("sk-test"), "{message}");
        assert!(message.contains("kept") && retry, "{message}");
        // The operator has mended it.
        world.model.replies([text("Now it works.")]);
        let path = format!("api/threads/{thread}/turns/{turn}/retry");
        assert_eq!(browser.post(&path, &json!({})).await.status(), StatusCode::ACCEPTED);
        until("it works", || async {
            Some(browser.settled(&thread).await).filter(|transcript| said(transcript) == "<p>Now it works.</p>\n")
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_stalls_is_not_waited_for_for_ever() {
    let stalled = |reply: Reply| async {
        let world = World::new().await;
        world.model.replies([reply]);
        let mut browser = world.visitor();
        let thread = browser.open("Hi").await;
        // In steps, so that the lease is renewed meanwhile.
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_millis(4_300)).await;
            assert_eq!(browser.transcript(&thread).await.running.len(), 1, "it is still waited for");
            world.clock.advance(9_000);
        }
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert_eq!(browser.transcript(&thread).await.running.len(), 1, "it is still waited for");
        world.clock.advance(4_000);
        let transcript = browser.settled(&thread).await;
        assert!(failure(&transcript).1.contains("didn't answer in time"), "{transcript:?}");
        assert_eq!(world.model.requests().len(), 1);
    };
    tokio::join!(stalled(Reply::Silence), stalled(Reply::Steps(vec![piece("And then"), Step::Forever])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_calls_tools_for_ever_is_stopped() {
    let world = World::new().await;
    world.model.replies(vec![calls(&[("whoami", "{}")]); 20]);
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    let transcript = browser.settled(&thread).await;
    assert!(failure(&transcript).1.contains("without an answer"), "{transcript:?}");
    assert_eq!(world.model.requests().len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_fails_is_told_to_the_model() {
    let world = World::new().await;
    world.model.replies([calls(&[("get_stock_price", r#"{"symbol":"NOPE"}"#)]), text("There is none.")]);
    let mut browser = world.visitor();
    let thread = browser.open("Price of NOPE?").await;
    let transcript = browser.settled(&thread).await;
    assert!(
        matches!(&transcript.items[1], Item::Call(call) if matches!(&call.state, wire::chat::CallState::Failed { summary, .. } if summary.contains("no stock NOPE"))),
        "{transcript:?}"
    );
    let told = world.model.last();
    assert!(
        told[3]["content"].as_str().unwrap().starts_with(r#"{"message":"StockTrade has no stock NOPE"#),
        "{told:?}"
    );
}
