//! A model's endpoint fails in every way: the person gets a clear message and a way to try again, and nothing is lost.

use reqwest::StatusCode;
use serde_json::json;
use shared::chat::{Item, Transcript};

use crate::{
    browser::{Browser, error, said},
    model::{Reply, Step, calls, piece, text},
    world::{World, until},
};

fn failure(transcript: &Transcript) -> (&str, &str, bool) {
    match transcript.items.last() {
        Some(Item::Failed { turn, message, retry, .. }) => (turn, message, *retry),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_model_is_reported_and_asked_again_on_retry() {
    let raw = |data: &str| Reply::Steps(vec![Step::Data(data.into())]);
    let failed = Reply::Status(500, "oops");
    let cases = [
        // Three attempts in all.
        (vec![failed.clone(), failed.clone(), failed], "failed (500"),
        (vec![Reply::Status(400, r#"{"error":{"message":"bad request"}}"#)], "didn't take the request (400"),
        (vec![Reply::Status(400, r#"{"error":{"message":"no such model"}}"#)], "OPENAI_MODEL"),
        (vec![Reply::Status(404, "<html>not found</html>")], "OPENAI_BASE_URL"),
        (vec![Reply::Status(401, "bad key")], "OPENAI_API_KEY"),
        (vec![raw("this is not JSON")], "OPENAI_BASE_URL"),
        (vec![raw(r#"{"error":{"message":"overloaded"}}"#)], "too much to do"),
        (vec![raw(r#"{"error":{"message":"something"}}"#)], "broke off"),
        (vec![Reply::Steps(vec![])], "broke off"),
        (vec![text("")], "with nothing"),
        (vec![text("  ")], "with nothing"),
    ];
    let world = World::new().await;
    for (replies, words) in cases {
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
        assert_eq!(transcript.items.len(), 3, "the failure is gone: {transcript:?}");
        assert_eq!(error(browser.post(&path, &json!({})).await).await, (StatusCode::CONFLICT, "conflict".into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_model_key_names_the_operator() {
    let refused = r#"{"error":{"message":"Incorrect API key provided: sk-test"}}"#;
    let world = World::new().await;
    for status in [401, 403] {
        world.model.replies([Reply::Status(status, refused)]);
        let mut browser = world.visitor();
        let thread = browser.open("Hi").await;
        let transcript = browser.settled(&thread).await;
        let (turn, message, retry) = failure(&transcript);
        assert!(message.contains("OPENAI_API_KEY") && !message.contains("sk-test"), "{message}");
        assert!(message.contains("kept") && retry, "{message}");
        // The operator has fixed the key.
        world.model.replies([text("Now it works.")]);
        let path = format!("api/threads/{thread}/turns/{turn}/retry");
        assert_eq!(browser.post(&path, &json!({})).await.status(), StatusCode::ACCEPTED);
        until("it works", || async {
            Some(browser.settled(&thread).await).filter(|transcript| said(transcript) == "<p>Now it works.</p>\n")
        })
        .await;
    }
}

/// Asks a model that answers like this, and waits for its request.
async fn asked(world: &World, reply: Reply) -> (Browser, String) {
    world.model.replies([reply]);
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    until("it was asked", || async { (!world.model.requests().is_empty()).then_some(()) }).await;
    (browser, thread)
}

// The clock moves by less than a lease, so that no other worker takes the turn.

#[tokio::test(flavor = "multi_thread")]
async fn silent_model_is_waited_for_and_shown() {
    let world = World::new().await;
    let (mut browser, thread) = asked(&world, Reply::Silence).await;
    world.clock.advance(10_000);
    // The test's clock also advances with real time.
    let waits = |transcript: &Transcript| {
        let said = said(transcript);
        (10..20).any(|seconds| said.contains(&format!("Still waiting for the model ({seconds} seconds")))
    };
    let turn = until("the page says so", || async {
        let transcript = browser.transcript(&thread).await;
        waits(&transcript).then(|| transcript.running[0].clone())
    })
    .await;
    browser.post(&format!("api/threads/{thread}/turns/{turn}/cancel"), &json!({})).await;
    let transcript = browser.settled(&thread).await;
    assert!(matches!(transcript.items.last(), Some(Item::Cancelled { .. })), "{transcript:?}");
    assert_eq!(said(&transcript), "", "the notice is gone");
    assert_eq!(world.model.requests().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn silent_model_times_out() {
    let world = World::with_timeouts(9_000, 300_000).await;
    let (browser, thread) = asked(&world, Reply::Silence).await;
    world.clock.advance(9_000);
    let transcript = browser.settled(&thread).await;
    assert!(failure(&transcript).1.contains("didn’t answer in time"), "{transcript:?}");
    assert_eq!(world.model.requests().len(), 1);
}

/// The timeout between two tokens differs, and the text so far stays.
#[tokio::test(flavor = "multi_thread")]
async fn stalled_model_times_out() {
    let world = World::with_timeouts(300_000, 9_000).await;
    let (browser, thread) = asked(&world, Reply::Steps(vec![piece("And then"), Step::Forever])).await;
    until("it begins", || async { said(&browser.transcript(&thread).await).contains("And then").then_some(()) }).await;
    world.clock.advance(9_000);
    let transcript = browser.settled(&thread).await;
    assert!(failure(&transcript).1.contains("stopped in the middle"), "{transcript:?}");
    assert_eq!(said(&transcript), "<p>And then</p>\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn short_retry_after_is_honoured_and_shown() {
    let busy = |after: &'static str| Reply::Raw(429, vec![("retry-after", after)], "slow down".into());
    let world = World::new().await;
    world.model.replies([busy("12"), text("Here I am.")]);
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    until("the page says so", || async {
        said(&browser.transcript(&thread).await).contains("asks to wait 12 s").then_some(())
    })
    .await;
    assert_eq!(world.model.requests().len(), 1);
    world.clock.advance(12_000);
    let transcript = browser.settled(&thread).await;
    assert_eq!((said(&transcript).as_str(), world.model.requests().len()), ("<p>Here I am.</p>\n", 2));
    // A longer wait fails the turn, and the page shows the time.
    world.model.replies([busy("600")]);
    browser.say(&thread, "More").await;
    let transcript = browser.settled(&thread).await;
    assert!(failure(&transcript).1.contains("in 10 minutes"), "{transcript:?}");
    // The person can stop the turn while it waits.
    world.model.replies([busy("30")]);
    browser.say(&thread, "More").await;
    let turn = until("it waits", || async {
        let transcript = browser.transcript(&thread).await;
        said(&transcript).contains("asks to wait 30 s").then(|| transcript.running[0].clone())
    })
    .await;
    browser.post(&format!("api/threads/{thread}/turns/{turn}/cancel"), &json!({})).await;
    let transcript = browser.settled(&thread).await;
    assert!(matches!(transcript.items.last(), Some(Item::Cancelled { .. })), "{transcript:?}");
    assert!(!said(&transcript).contains("asks to wait"), "{transcript:?}");
}

/// Its text so far stays, and the model continues it.
#[tokio::test(flavor = "multi_thread")]
async fn cut_off_answer_continues() {
    let chunk = |delta: serde_json::Value, reason: &str| {
        Step::Data(json!({ "choices": [{ "delta": delta, "finish_reason": reason }] }).to_string())
    };
    let broken = Step::Data(json!({ "error": { "message": "upstream" } }).to_string());
    let world = World::new().await;
    for (ends, words) in [
        (vec![chunk(json!({ "content": "pri" }), "length")], "cut off at the model’s limit"),
        (vec![piece("pri"), broken], "broke off in the middle"),
        (vec![piece("pri")], "broke off in the middle"),
    ] {
        world.model.replies([
            Reply::Steps([vec![piece("First.\n\nThe ")], ends].concat()),
            text("ce is 5."),
            text("Bye."),
        ]);
        let mut browser = world.visitor();
        let thread = browser.open("Hi").await;
        let transcript = browser.settled(&thread).await;
        assert_eq!(said(&transcript), "<p>First.</p>\n<p>The pri</p>\n");
        let Some(Item::Failed { turn, message, retry: true, continues: true }) = transcript.items.last() else {
            panic!("{transcript:?}")
        };
        assert!(message.contains(words), "{message}");
        let path = format!("api/threads/{thread}/turns/{turn}/retry");
        assert_eq!(browser.post(&path, &json!({})).await.status(), StatusCode::ACCEPTED);
        let transcript = until("it goes on", || async {
            Some(browser.settled(&thread).await)
                .filter(|transcript| matches!(transcript.items.last(), Some(Item::Done { .. })))
        })
        .await;
        assert_eq!(said(&transcript), "<p>First.</p>\n<p>The price is 5.</p>\n");
        let sent = world.model.last();
        assert_eq!(sent[2], json!({ "role": "assistant", "content": "First.\n\nThe pri" }));
        assert!(sent[3]["role"] == "user" && sent[3]["content"].as_str().unwrap().contains("cut off"), "{sent:?}");
        // Later requests contain it as one answer.
        browser.say(&thread, "Bye").await;
        browser.settled(&thread).await;
        let sent = world.model.last();
        assert_eq!(sent[2], json!({ "role": "assistant", "content": "First.\n\nThe price is 5." }));
        assert_eq!(sent.len(), 4, "{sent:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_turn_leaves_alternating_roles() {
    let world = World::new().await;
    world.model.replies([
        Reply::Status(400, "no"),
        calls(&[("whoami", "{}")]),
        Reply::Status(400, "no"),
        Reply::Steps(vec![piece("Once upon"), Step::Forever]),
        text("Yes."),
    ]);
    world.model.demand(|messages| {
        let mut before = "system";
        for message in &messages[1..] {
            let role = message["role"].as_str().unwrap_or_default();
            let fits = match role {
                "user" => ["system", "assistant"].contains(&before),
                "assistant" => ["user", "tool"].contains(&before),
                "tool" => ["assistant", "tool"].contains(&before),
                _ => false,
            };
            if !fits {
                return Err(format!("a message of {role} behind one of {before}"));
            }
            before = role;
        }
        Ok(())
    });
    let mut browser = world.visitor();
    let thread = browser.open("One").await;
    browser.settled(&thread).await;
    browser.say(&thread, "Two").await;
    browser.settled(&thread).await;
    browser.say(&thread, "Three").await;
    let turn = until("it begins", || async {
        let transcript = browser.transcript(&thread).await;
        said(&transcript).contains("Once").then(|| transcript.running[0].clone())
    })
    .await;
    browser.post(&format!("api/threads/{thread}/turns/{turn}/cancel"), &json!({})).await;
    browser.settled(&thread).await;
    browser.say(&thread, "Four").await;
    let transcript = browser.settled(&thread).await;
    assert!(said(&transcript).ends_with("<p>Yes.</p>\n"), "{transcript:?}");
    let sent = world.model.last();
    let roles: Vec<_> = sent.iter().map(|message| message["role"].as_str().unwrap()).collect();
    let expected =
        ["system", "user", "assistant", "user", "assistant", "tool", "assistant", "user", "assistant", "user"];
    assert_eq!(roles, expected);
    assert!(sent[2]["content"].as_str().unwrap().contains("failed"), "{sent:?}");
    assert_eq!(sent[8]["content"], "Once upon", "what was said before it was stopped");
}

#[tokio::test(flavor = "multi_thread")]
async fn endless_tool_calls_are_stopped() {
    let world = World::new().await;
    world.model.replies(vec![calls(&[("whoami", "{}")]); 20]);
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    let transcript = browser.settled(&thread).await;
    assert!(failure(&transcript).1.contains("without an answer"), "{transcript:?}");
    assert_eq!(world.model.requests().len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn model_learns_of_a_failed_tool() {
    let world = World::new().await;
    world.model.replies([calls(&[("get_stock_price", r#"{"symbol":"NOPE"}"#)]), text("There is none.")]);
    let mut browser = world.visitor();
    let thread = browser.open("Price of NOPE?").await;
    let transcript = browser.settled(&thread).await;
    assert!(
        matches!(&transcript.items[1], Item::Call(call) if matches!(&call.state, shared::chat::CallState::Failed { summary, .. } if summary.contains("no stock NOPE"))),
        "{transcript:?}"
    );
    let sent = world.model.last();
    assert!(
        sent[3]["content"].as_str().unwrap().starts_with(r#"{"message":"StockTrade has no stock NOPE"#),
        "{sent:?}"
    );
}
