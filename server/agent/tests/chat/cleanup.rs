//! Cleanup in the background changes nothing visible.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use shared::chat::{Event, Item, Kind, Transcript};
use sqlx::AnyPool;
use tokio::sync::Semaphore;

use crate::{
    browser::{Browser, said},
    model::{Reply, Step, calls, end, piece, text},
    world::{World, until},
};

const HOUR: i64 = 3_600_000;

/// An answer in this many pieces, each sent separately.
fn slowly(words: usize, gate: &Arc<Semaphore>) -> Vec<Step> {
    let steps = (0..words).map(|at| {
        let end = if at % 4 == 3 { ".\n\n" } else { " " };
        vec![piece(&format!("word{at}{end}")), Step::Hold(gate.clone())]
    });
    steps.flatten().collect()
}

async fn go_on(words: usize, gate: &Semaphore) {
    for _ in 0..words {
        tokio::time::sleep(Duration::from_millis(45)).await;
        gate.add_permits(1);
    }
}

fn is_end(event: &Event) -> bool {
    matches!(event.kind, Kind::End { .. })
}

async fn stored(pool: &AnyPool, thread: &str) -> Vec<Kind> {
    let rows: Vec<String> = sqlx::query_scalar("SELECT kind FROM event WHERE thread = $1 ORDER BY seq")
        .bind(thread)
        .fetch_all(pool)
        .await
        .unwrap();
    rows.iter().map(|row| serde_json::from_str(row).unwrap()).collect()
}

/// Waits until the streamed events are folded; returns the remaining ones.
async fn folded(pool: &AnyPool, thread: &str) -> Vec<Kind> {
    until("it is folded", || async {
        let kinds = stored(pool, thread).await;
        let streamed = kinds.iter().any(|kind| matches!(kind, Kind::Delta { .. } | Kind::Block { .. }));
        (!streamed).then_some(kinds)
    })
    .await
}

/// A reader who reconnects after any event sees the same result.
async fn is_the_same_from_everywhere(browser: &Browser, thread: &str, all: &[Event]) {
    let whole = browser.transcript(thread).await;
    assert_eq!(whole, Transcript::from_events(all.to_vec()), "a reload shows what was streamed");
    for cut in 0..all.len() {
        let mut resumed = Transcript::from_events(all[..cut].to_vec());
        let mut events = browser.events(thread, resumed.seq).await;
        while resumed.seq < whole.seq {
            resumed.apply(events.next().await.unwrap());
        }
        assert_eq!(resumed, whole, "from {cut}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn streamed_answer_is_folded_for_every_reader() {
    let world = World::new().await;
    let gate = Arc::new(Semaphore::new(0));
    world.model.replies([Reply::Steps([slowly(12, &gate), end()].concat()), text("And more.")]);
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    let (mut one, mut other) = (browser.events(&thread, 0).await, browser.events(&thread, 0).await);
    go_on(12, &gate).await;
    let all = one.until(is_end).await;
    assert!(all.iter().filter(|event| matches!(event.kind, Kind::Delta { .. })).count() > 5, "{all:#?}");
    let pool = world.pool().await;
    let kept = folded(&pool, &thread).await;
    assert!(
        matches!(
            &kept[..],
            [Kind::Title { .. }, Kind::Message { .. }, Kind::Turn { .. }, Kind::Text { .. }, Kind::End { .. }]
        ),
        "{kept:#?}"
    );
    is_the_same_from_everywhere(&browser, &thread, &all).await;
    // Both a tab that stayed open and one that slept through the end continue with the next event.
    let mut awake = Transcript::from_events(other.until(is_end).await);
    let mut asleep = Transcript::from_events(all[..7].to_vec());
    let mut events = browser.events(&thread, asleep.seq).await;
    browser.say(&thread, "More").await;
    for event in other.until(is_end).await {
        awake.apply(event);
    }
    while asleep.seq < awake.seq {
        asleep.apply(events.next().await.unwrap());
    }
    assert!(said(&awake).contains("And more."));
    assert_eq!(awake, asleep);
    assert_eq!(awake, browser.transcript(&thread).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn retried_turn_is_folded_too() {
    let world = World::new().await;
    let withheld = Step::Data(json!({ "choices": [{ "delta": {}, "finish_reason": "content_filter" }] }).to_string());
    let gate = Arc::new(Semaphore::new(0));
    world.model.replies([
        Reply::Steps([slowly(10, &gate), vec![withheld]].concat()),
        Reply::Steps([slowly(8, &gate), end()].concat()),
    ]);
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    let mut events = browser.events(&thread, 0).await;
    go_on(10, &gate).await;
    let mut all = events.until(is_end).await;
    let pool = world.pool().await;
    // The text from before the failure stays, as one event with its open end.
    let kept = folded(&pool, &thread).await;
    assert!(
        matches!(&kept[3], Kind::Text { tail, html, .. } if tail.contains("word9") && html.contains("word3")),
        "{kept:#?}"
    );
    is_the_same_from_everywhere(&browser, &thread, &all).await;
    let Item::Failed { turn, .. } = browser.transcript(&thread).await.items.pop().unwrap() else { panic!() };
    browser.post(&format!("api/threads/{thread}/turns/{turn}/retry"), &json!({})).await;
    go_on(8, &gate).await;
    all.extend(events.until(is_end).await);
    let kept = folded(&pool, &thread).await;
    let wholes = kept.iter().filter(|kind| matches!(kind, Kind::Text { .. })).count();
    assert_eq!(wholes, 1, "{kept:#?}");
    is_the_same_from_everywhere(&browser, &thread, &all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn next_process_folds_unfinished_turns() {
    let mut world = World::new().await;
    let gate = Arc::new(Semaphore::new(0));
    world.model.replies([Reply::Steps([slowly(6, &gate), end()].concat())]);
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    let mut events = browser.events(&thread, 0).await;
    go_on(6, &gate).await;
    let all = events.until(is_end).await;
    world.kill();
    let pool = world.pool().await;
    let kept = stored(&pool, &thread).await;
    assert_eq!(kept.len(), all.len(), "it was not there yet: {kept:#?}");
    world.start();
    folded(&pool, &thread).await;
    is_the_same_from_everywhere(&browser, &thread, &all).await;
}

/// The number of the thread's rows in each table.
async fn rows(pool: &AnyPool, thread: &str) -> [i64; 5] {
    let mut counts = [0; 5];
    let tables = [
        "SELECT COUNT(*) FROM thread WHERE id = $1",
        "SELECT COUNT(*) FROM message WHERE thread = $1",
        "SELECT COUNT(*) FROM event WHERE thread = $1",
        "SELECT COUNT(*) FROM turn WHERE thread = $1",
        "SELECT COUNT(*) FROM call JOIN turn ON turn.id = call.turn WHERE turn.thread = $1",
    ];
    for (count, sql) in counts.iter_mut().zip(tables) {
        *count = sqlx::query_scalar(sql).bind(thread).fetch_one(pool).await.unwrap();
    }
    counts
}

#[tokio::test(flavor = "multi_thread")]
async fn only_unreachable_threads_are_removed() {
    let world = World::new().await;
    let ask = || [calls(&[("get_stock_price", r#"{"symbol":"WAYNE"}"#)]), text("103.42 USD.")];
    let mut alice = world.alice().await;
    let mut gone = world.visitor();
    let mut comes_back = world.visitor();
    let mut threads = Vec::new();
    for browser in [&mut alice, &mut gone, &mut comes_back] {
        world.model.replies(ask());
        let thread = browser.open("What is the price of WAYNE?").await;
        browser.settled(&thread).await;
        threads.push(thread);
    }
    // Waits for a login that will never come.
    world.model.replies([calls(&[("get_portfolio", "{}")])]);
    let waits = gone.open("Show my portfolio").await;
    gone.settled(&waits).await;
    let [of_alice, of_gone, of_live] = threads.as_slice() else { panic!() };
    let pool = world.pool().await;
    for thread in &threads {
        assert!(rows(&pool, thread).await.iter().all(|count| *count > 0), "{:?}", rows(&pool, thread).await);
    }

    // After six days: the other sessions have ended, but nothing is removed yet.
    let days = async |days: i64| {
        for _ in 0..days * 3 {
            world.clock.advance(8 * HOUR);
            assert_eq!(comes_back.threads().await.len(), 1);
        }
    };
    days(6).await;
    assert!(gone.threads().await.is_empty());
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_ne!(rows(&pool, of_gone).await, [0; 5]);

    // After eight days.
    days(2).await;
    for thread in [of_gone, &waits] {
        until("it is removed", || async { (rows(&pool, thread).await == [0; 5]).then_some(()) }).await;
    }
    assert!(rows(&pool, of_live).await.iter().all(|count| *count > 0));
    assert!(said(&comes_back.transcript(of_live).await).contains("103.42"));
    alice.log_in(&world, "alice", "/").await;
    assert_eq!(alice.threads().await.len(), 1);
    assert!(said(&alice.transcript(of_alice).await).contains("103.42"));
}

#[tokio::test(flavor = "multi_thread")]
async fn chats_of_people_are_kept_as_long_as_configured() {
    let mut world = World::new().await;
    world.restart_keeping_chats(30 * 24 * HOUR).await;
    let mut alice = world.alice().await;
    world.model.replies([calls(&[("get_stock_price", r#"{"symbol":"WAYNE"}"#)]), text("103.42 USD.")]);
    let old = alice.open("What is the price of WAYNE?").await;
    alice.settled(&old).await;
    // Waits for a connection that never comes.
    world.model.replies([calls(&[("get_portfolio", "{}")])]);
    let waits = alice.open("Show my portfolio").await;
    alice.settled(&waits).await;
    world.clock.advance(24 * HOUR);
    alice.log_in(&world, "alice", "/").await;
    world.model.replies([text("Hello.")]);
    let newer = alice.open("Hi").await;
    alice.settled(&newer).await;

    let pool = world.pool().await;
    for thread in [&old, &waits, &newer] {
        assert_ne!(rows(&pool, thread).await, [0; 5]);
    }
    world.clock.advance(29 * 24 * HOUR + HOUR);
    for thread in [&old, &waits] {
        until("it is removed", || async { (rows(&pool, thread).await == [0; 5]).then_some(()) }).await;
    }
    alice.log_in(&world, "alice", "/").await;
    assert_eq!(alice.threads().await.len(), 1);
    assert!(said(&alice.transcript(&newer).await).contains("Hello."));
}
