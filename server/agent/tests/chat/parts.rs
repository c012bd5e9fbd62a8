//! Partial views of a thread: unfinished text, and the pages of a long thread.

use std::sync::Arc;

use shared::chat::{Kind, Open, Transcript};
use tokio::sync::Semaphore;

use crate::{
    browser::said,
    model::{Reply, Step, end, piece},
    world::{World, until},
};

/// Unfinished text is stored at most once a second, for readers who come later, and each finished block once.
#[tokio::test(flavor = "multi_thread")]
async fn open_text_has_no_row_of_its_own() {
    let world = World::new().await;
    let gate = Arc::new(Semaphore::new(0));
    let words = (0..40).flat_map(|at| [piece(&format!("word{at} ")), Step::Hold(gate.clone())]);
    let steps = [vec![piece("First.\n\nThen\n")], words.collect(), end()].concat();
    world.model.replies([Reply::Steps(steps)]);
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    let mut events = browser.events(&thread, 0).await;
    let mut live = Vec::new();
    for at in 0..40 {
        while !live.iter().any(|open: &Open| open.text.ends_with(&format!("word{at} "))) {
            events.next_open().await.merge(&mut live);
        }
        if at < 39 {
            gate.add_permits(1);
        }
    }
    let pool = world.pool().await;
    let rows = async || -> i64 {
        sqlx::query_scalar("SELECT COUNT(*) FROM event WHERE thread = $1").bind(&thread).fetch_one(&pool).await.unwrap()
    };
    assert_eq!(rows().await, 4, "title, message, turn and the finished block");
    // A reader who comes now sees all of it within a moment.
    let all = until("the last words are stored", || async {
        Some(browser.transcript(&thread).await).filter(|transcript| said(transcript).contains("word39"))
    })
    .await;
    let late = browser.events(&thread, all.seq).await.next_open().await;
    assert!(late.at == late.from && late.text.ends_with("word39 "), "{late:?}");
    gate.add_permits(1);
    events.until(|event| matches!(event.kind, Kind::End { .. })).await;
    assert_eq!(rows().await, 5, "and the last block; the end takes the turn's place");
    let whole = browser.transcript(&thread).await;
    assert!(whole.open.is_empty() && said(&whole).ends_with("word39</p>\n"), "{}", said(&whole));
}

/// Text that becomes a block while a thread is being read isn't shown twice.
#[tokio::test(flavor = "multi_thread")]
async fn open_text_that_becomes_a_block_shows_once() {
    let world = World::new().await;
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    browser.settled(&thread).await;
    let gates: Vec<_> = (0..20).map(|_| Arc::new(Semaphore::new(0))).collect();
    world.model.replies(
        gates.iter().enumerate().map(|(at, gate)| {
            Reply::Steps([vec![piece(&format!("word{at}")), Step::Hold(gate.clone())], end()].concat())
        }),
    );
    for (at, gate) in gates.iter().enumerate() {
        let word = format!("word{at}");
        browser.say(&thread, "Go on").await;
        until("it is open text", || async { said(&browser.transcript(&thread).await).ends_with(&word).then_some(()) })
            .await;
        gate.add_permits(1);
        loop {
            let transcript = browser.transcript(&thread).await;
            assert_eq!(said(&transcript).matches(&word).count(), 1, "{transcript:?}");
            if transcript.running.is_empty() {
                break;
            }
        }
    }
}

/// A long chat opens with its last messages. Earlier pages have all the others, each once.
#[tokio::test(flavor = "multi_thread")]
async fn long_thread_is_read_page_by_page() {
    let world = World::new().await;
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    browser.settled(&thread).await;
    let pool = world.pool().await;
    for at in 100..350 {
        let kind = serde_json::to_string(&Kind::Message { id: at.to_string(), text: format!("message {at}") }).unwrap();
        sqlx::query("INSERT INTO event (thread, seq, at, kind, item, block, place) VALUES ($1, $2, 0, $3, $4, 0, $2)")
            .bind(&thread)
            .bind(at)
            .bind(kind)
            .bind(format!("m{at}"))
            .execute(&pool)
            .await
            .unwrap();
    }
    let mut seen = Vec::new();
    let mut before = String::new();
    loop {
        let page: Transcript = browser.get(&format!("api/threads/{thread}{before}")).await.json().await.unwrap();
        assert!(page.items.len() <= 60 && page.places.is_sorted(), "{:?}", page.places);
        seen.splice(0..0, page.places);
        match page.before {
            Some(place) => before = format!("?before={place}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 253);
    assert!(seen.is_sorted_by(|one, next| one < next), "{seen:?}");
}
