//! A message and its answer: streamed, stored, and the same for every reader from any event on.

use std::sync::Arc;

use reqwest::StatusCode;
use serde_json::json;
use shared::chat::{Accepted, CallState, Item, Kind, Outcome, Transcript};
use tokio::sync::Semaphore;

use crate::{
    browser::{error, said},
    model::{Reply, Step, calls, end, piece, text},
    world::{World, until},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_streamed_and_stays_after_a_reload() {
    let world = World::new().await;
    let gate = Arc::new(Semaphore::new(0));
    let steps = vec![
        Step::Hold(gate.clone()),
        piece("Hello, "),
        Step::Hold(gate.clone()),
        piece("visitor.\n\nMore"),
        Step::Hold(gate.clone()),
        piece(" **text**"),
    ];
    world.model.replies([Reply::Steps([steps, end()].concat())]);
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    let mut events = browser.events(&thread, 0).await;
    // The first words arrive before the answer is complete.
    let before = events.until(|event| matches!(event.kind, Kind::Turn { .. })).await;
    let kinds: Vec<_> = before.iter().map(|event| event.kind.clone()).collect();
    assert!(matches!(&kinds[..], [Kind::Title { .. }, Kind::Message { .. }, Kind::Turn { .. }]), "{kinds:?}");
    gate.add_permits(1);
    let open = events.next_open().await;
    assert_eq!((open.from, open.at, open.text.as_str()), (0, 0, "Hello, "));
    // Then they are stored, for pages that open now, and sent again to readers who missed some.
    assert_eq!(events.next_open().await, open);
    let half = browser.transcript(&thread).await;
    assert_eq!((said(&half).as_str(), half.title.as_str(), half.running.len()), ("Hello, ", "Hi", 1));
    gate.add_permits(2);
    let after = events.until(|event| matches!(event.kind, Kind::End { .. })).await;
    // The numbers are consecutive.
    let all: Vec<_> = before.into_iter().chain(after).collect();
    assert_eq!(
        all.iter().map(|event| event.seq).collect::<Vec<_>>(),
        (1..=i64::try_from(all.len()).unwrap()).collect::<Vec<_>>()
    );
    let whole = Transcript::from_events(all.clone());
    assert_eq!(said(&whole), "<p>Hello, visitor.</p>\n<p>More <strong>text</strong></p>\n");
    assert!(whole.running.is_empty());
    assert_eq!(whole, browser.transcript(&thread).await);
    // A page rendered halfway continues from there. A page that reconnects does, too.
    for cut in 0..all.len() {
        let mut resumed = Transcript::from_events(all[..cut].iter().cloned());
        let mut events = browser.events(&thread, resumed.seq).await;
        while resumed.seq < whole.seq {
            resumed.apply(events.next().await.unwrap());
        }
        assert_eq!(resumed, whole);
    }
}

/// The page has shown the block with the reference before the definition arrives.
#[tokio::test(flavor = "multi_thread")]
async fn reference_defined_in_a_later_block_becomes_a_link() {
    let world = World::new().await;
    let steps = ["See [x][1].\n\n", "More.\n\n", "[1]: https://a.ex", "ample/b\n"].map(piece);
    world.model.replies([Reply::Steps([steps.to_vec(), end()].concat())]);
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    let shown = said(&browser.settled(&thread).await).replace(" rel=\"noopener nofollow\"", "");
    let link = r#"<a href="https://a.example/b">x <span class="host">(a.example)</span></a>"#;
    assert_eq!(shown, format!("<p>See {link}.</p>\n<p>More.</p>\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tabs_see_the_same() {
    let world = World::new().await;
    world.model.replies([text("one two three four five six"), text("again and again")]);
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    let (mut one, mut other) = (browser.events(&thread, 0).await, browser.events(&thread, 0).await);
    let is_end = |event: &shared::chat::Event| matches!(event.kind, Kind::End { .. });
    let mut all = [one.until(is_end).await, other.until(is_end).await];
    browser.say(&thread, "More").await;
    all[0].extend(one.until(is_end).await);
    all[1].extend(other.until(is_end).await);
    let [one, other] = all.map(Transcript::from_events);
    assert_eq!(one, other);
    assert_eq!(one, browser.transcript(&thread).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn reconnecting_browser_continues_after_its_last_event() {
    let world = World::new().await;
    world.model.replies([text("one two")]);
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    let whole = browser.settled(&thread).await;
    let url = world.site.at(&format!("api/threads/{thread}/events?after=0"));
    let request = foundation::streaming::Streaming::new(foundation::http::Http::new(), &url)
        .client()
        .get(url)
        .header("cookie", browser.cookie.clone().unwrap());
    let mut response = request.header("last-event-id", (whole.seq - 1).to_string()).send().await.unwrap();
    let first = response.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(format!("id: {}\n", whole.seq).as_bytes()), "{first:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tool_result_reaches_the_model_as_data() {
    let world = World::new().await;
    world.model.replies([
        calls(&[("get_stock_price", r#"{"symbol":"WAYNE"}"#), ("whoami", "")]),
        text("It stands at 103.42 USD."),
    ]);
    let mut browser = world.visitor();
    let thread = browser.open("What is the price of WAYNE?").await;
    let transcript = browser.settled(&thread).await;
    let [Item::Message { .. }, Item::Call(price), Item::Call(whoami), Item::Text { html, .. }, Item::Done { .. }] =
        &transcript.items[..]
    else {
        panic!("{transcript:?}")
    };
    assert_eq!((price.tool.as_str(), whoami.tool.as_str()), ("get_stock_price", "whoami"));
    assert!(
        matches!(&price.state, CallState::Done { view: Some(_), summary, .. } if summary.contains("103.42")),
        "{price:?}"
    );
    assert_eq!(html, "<p>It stands at 103.42 USD.</p>\n");
    // The model got its own calls with our ids, and the results marked as data.
    let messages = world.model.last();
    let roles: Vec<_> = messages.iter().map(|message| message["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "tool", "tool"]);
    let asked = &messages[2]["tool_calls"];
    assert_ne!(asked[0]["id"], asked[1]["id"]);
    assert_eq!((&asked[0]["id"], &asked[1]["id"]), (&messages[3]["tool_call_id"], &messages[4]["tool_call_id"]));
    let result: serde_json::Value = serde_json::from_str(messages[3]["content"].as_str().unwrap()).unwrap();
    assert_eq!((&result["status"], &result["data"]["price"]), (&json!("ok"), &json!("103.42")));
    // The request offered the tools.
    assert!(world.model.requests()[0]["tools"].as_array().unwrap().len() >= 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_message_is_accepted_once() {
    let world = World::new().await;
    let mut browser = world.visitor();
    let body = browser.message("Hi");
    let first: Accepted = browser.post("api/threads", &body).await.json().await.unwrap();
    let again: Accepted = browser.post("api/threads", &body).await.json().await.unwrap();
    assert_eq!(first, again);
    let body = browser.message("More");
    let path = format!("api/threads/{}/messages", first.thread);
    // Sends copies at the same moment.
    let mut sent = Vec::new();
    for _ in 0..6 {
        let (mut browser, path, body) = (browser.clone(), path.clone(), body.clone());
        sent.push(tokio::spawn(async move { browser.post(&path, &body).await.json::<Accepted>().await.unwrap() }));
    }
    let answers: Vec<_> = futures::future::join_all(sent).await.into_iter().map(Result::unwrap).collect();
    assert!(answers.iter().all(|answer| answer == &answers[0]), "{answers:?}");
    let transcript = browser.settled(&first.thread).await;
    let messages = transcript.items.iter().filter(|item| matches!(item, Item::Message { .. })).count();
    assert_eq!(messages, 2);
    assert_eq!(world.model.requests().len(), 2);
    assert_eq!(browser.threads().await.len(), 1);
}

/// The site failed during a message: the page repeats it with its key, and it is accepted once.
#[tokio::test(flavor = "multi_thread")]
async fn message_with_lost_answer_is_accepted_once() {
    let mut world = World::new().await;
    let mut alice = world.alice().await;
    let (first, second) = (alice.message("First"), alice.message("Second"));
    // Both were sent from a page without a thread and accepted, and both answers were lost.
    let opened: Accepted = alice.post("api/threads", &first).await.json().await.unwrap();
    let elsewhere: Accepted = alice.post("api/threads", &second).await.json().await.unwrap();
    assert_ne!(opened.thread, elsewhere.thread);
    world.kill();
    // While the site is down, it accepts nothing. Then the page, which now knows the thread, sends both again.
    world.start();
    until("the agent answers", || async { (alice.threads().await.len() == 2).then_some(()) }).await;
    let again: Accepted = alice.post("api/threads", &first).await.json().await.unwrap();
    assert_eq!(again, opened);
    let path = format!("api/threads/{}/messages", opened.thread);
    let again: Accepted = alice.post(&path, &second).await.json().await.unwrap();
    assert_eq!(again, elsewhere, "it says where it was taken");
    for accepted in [&opened, &elsewhere] {
        let transcript = alice.settled(&accepted.thread).await;
        assert_eq!(transcript.items.iter().filter(|item| matches!(item, Item::Message { .. })).count(), 1);
    }
    // A different text with its key isn't mistaken for it.
    let mut other = second.clone();
    other["text"] = "Something else".into();
    assert_eq!(error(alice.post(&path, &other).await).await, (StatusCode::CONFLICT, "conflict".into()));
    // Each person has their own keys.
    let mut bob = world.visitor();
    let theirs: Accepted =
        bob.post("api/threads", &json!({ "text": "First", "key": first["key"] })).await.json().await.unwrap();
    assert_ne!(theirs.thread, opened.thread);
    // A person over the limit still learns what was accepted.
    let refused = async |alice: &mut crate::browser::Browser| {
        let body = alice.message("x");
        alice.post(&path, &body).await.status() == StatusCode::TOO_MANY_REQUESTS
    };
    for _ in 0..40 {
        if refused(&mut alice).await {
            break;
        }
    }
    let again: Accepted = alice.post(&path, &second).await.json().await.unwrap();
    assert_eq!(again, elsewhere);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_message_is_refused_with_a_reason() {
    let world = World::new().await;
    let mut browser = world.visitor();
    let long = browser.message(&"x".repeat(8_001));
    assert_eq!(
        error(browser.post("api/threads", &long).await).await,
        (StatusCode::PAYLOAD_TOO_LARGE, "too_long".into())
    );
    let huge = browser.message(&"x".repeat(200_000));
    assert_eq!(
        error(browser.post("api/threads", &huge).await).await,
        (StatusCode::PAYLOAD_TOO_LARGE, "too_long".into())
    );
    let empty = browser.message(" \n ");
    assert_eq!(error(browser.post("api/threads", &empty).await).await, (StatusCode::BAD_REQUEST, "empty".into()));
    assert_eq!(error(browser.post("api/threads", &json!({})).await).await, (StatusCode::BAD_REQUEST, "invalid".into()));
    // None of them left a trace.
    assert!(browser.cookie.is_none());
    assert!(world.model.requests().is_empty());
}

/// The limit counts characters as the browser does, whatever their size in UTF-8 or JSON.
#[tokio::test(flavor = "multi_thread")]
async fn message_limit_counts_characters() {
    let world = World::new().await;
    let mut browser = world.visitor();
    for character in ["x", "ä", "한", "😀", "\u{1}"] {
        let longest = character.repeat(8_000);
        let thread = browser.open(&format!(" {longest}\n")).await;
        let kept = browser.transcript(&thread).await.items.into_iter().find_map(|item| match item {
            Item::Message { text, .. } => Some(text),
            _ => None,
        });
        assert_eq!(kept.as_deref(), Some(longest.as_str()), "{character}");
        let long = browser.message(&character.repeat(8_001));
        let refused = error(browser.post("api/threads", &long).await).await;
        assert_eq!(refused, (StatusCode::PAYLOAD_TOO_LARGE, "too_long".into()), "{character}");
    }
}

/// THREATS.md lines 9 and 47.
#[tokio::test(flavor = "multi_thread")]
async fn line_9_47_posts_need_the_own_origin_and_have_limits() {
    let world = World::new().await;
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    for origin in [None, Some("null"), Some("http://evil.example"), Some(world.identity_site().origin())] {
        let path = world.site.at(&format!("api/threads/{thread}/messages"));
        let mut request = foundation::streaming::Streaming::new(foundation::http::Http::new(), &path)
            .client()
            .post(path)
            .json(&browser.message("x"));
        request = request.header("cookie", browser.cookie.clone().unwrap());
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        assert_eq!(request.send().await.unwrap().status(), StatusCode::FORBIDDEN, "{origin:?}");
    }
    let mut last = None;
    for _ in 0..40 {
        let body = browser.message("x");
        let response = browser.post(&format!("api/threads/{thread}/messages"), &body).await;
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            last = Some(response);
            break;
        }
    }
    let refused = last.expect("a limit");
    assert!(refused.headers()["retry-after"].to_str().unwrap().parse::<i64>().unwrap() > 0);
    assert_eq!(error(refused).await.1, "too_many");
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_turn_keeps_its_text() {
    let world = World::new().await;
    world.model.replies([Reply::Steps(vec![piece("Once upon a time"), Step::Forever])]);
    let mut browser = world.visitor();
    let thread = browser.open("Tell me a story").await;
    let turn = until("the story begins", || async {
        let transcript = browser.transcript(&thread).await;
        said(&transcript).contains("Once").then(|| transcript.running[0].clone())
    })
    .await;
    let path = format!("api/threads/{thread}/turns/{turn}/cancel");
    assert_eq!(browser.post(&path, &json!({})).await.status(), StatusCode::ACCEPTED);
    let transcript = browser.settled(&thread).await;
    assert_eq!(said(&transcript), "<p>Once upon a time</p>\n");
    assert!(matches!(transcript.items.last(), Some(Item::Cancelled { .. })), "{transcript:?}");
    // A turn that has ended can't be cancelled.
    assert_eq!(error(browser.post(&path, &json!({})).await).await, (StatusCode::CONFLICT, "conflict".into()));
}

/// THREATS.md line 47: a person can't hold more streams than they can watch.
#[tokio::test(flavor = "multi_thread")]
async fn line_47_streams_have_a_limit() {
    let world = World::new().await;
    let mut alice = world.alice().await;
    let thread = alice.open("Hi").await;
    alice.settled(&thread).await;
    let mut open = Vec::new();
    for _ in 0..20 {
        open.push(alice.events(&thread, 0).await);
    }
    // The limit covers all of her browsers.
    let other = world.alice().await;
    let path = format!("api/threads/{thread}/events?after=0");
    for browser in [&alice, &other] {
        let refused = browser.get(&path).await;
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refused.headers()["retry-after"], "10");
        assert_eq!(error(refused).await.1, "too_many");
    }
    // Other people aren't affected, and she can still read the thread.
    let mut bob = world.visitor();
    let own = bob.open("Hi").await;
    bob.events(&own, 0).await;
    assert!(!said(&alice.transcript(&thread).await).is_empty());
    // Closing a stream allows another one.
    drop(open.pop());
    until("there is room", || async { (other.get(&path).await.status() == StatusCode::OK).then_some(()) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_when_the_program_stops() {
    let mut world = World::new().await;
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    browser.settled(&thread).await;
    let mut events = browser.events(&thread, 0).await;
    events.until(|event| matches!(event.kind, Kind::End { outcome: Outcome::Done, .. })).await;
    let reader = tokio::spawn(async move { events.next().await });
    world.stop().await;
    assert_eq!(reader.await.unwrap(), None);
}

/// THREATS.md line 11: when another process ends the session, the stream of a busy thread ends, too.
#[tokio::test(flavor = "multi_thread")]
async fn line_11_stream_of_a_busy_thread_ends_with_its_session() {
    let world = World::new().await;
    let gate = Arc::new(Semaphore::new(0));
    let steps: Vec<Step> = (0..1_000).flat_map(|_| [piece("word "), Step::Hold(gate.clone())]).collect();
    world.model.replies([Reply::Steps([steps, end()].concat())]);
    let mut alice = world.alice().await;
    let thread = alice.open("Hi").await;
    let mut events = alice.events(&thread, 0).await;
    sqlx::query("DELETE FROM session WHERE person IS NOT NULL").execute(&world.pool().await).await.unwrap();
    // Each word is sent when the previous one was read, so the stream is never idle.
    for _ in 0..1_000 {
        gate.add_permits(1);
        if events.next_news().await.is_none() {
            return;
        }
    }
    panic!("the stream outlives its session");
}
