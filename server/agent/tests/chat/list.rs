//! The list of threads: its states, and the stream that announces changes.

use std::{sync::Arc, time::Duration};

use futures::StreamExt;
use reqwest::StatusCode;
use shared::chat::ThreadState;
use tokio::{sync::Semaphore, time::timeout};

use crate::{
    browser::Browser,
    model::{Reply, Step, end, piece},
    world::{World, until},
};

/// A stream of changes, with the text read so far.
struct Heard {
    chunks: futures::stream::BoxStream<'static, String>,
    text: String,
}

impl Heard {
    async fn of(browser: &Browser, path: &str) -> Self {
        let response = browser.get(path).await;
        assert_eq!(response.status(), StatusCode::OK);
        let chunks = response.bytes_stream().map(|chunk| String::from_utf8(chunk.unwrap().to_vec()).unwrap());
        let mut heard = Self { chunks: chunks.boxed(), text: String::new() };
        // Each stream announces a change at its start, since the list may have changed after the page was rendered.
        heard.changes(1).await;
        heard
    }

    /// Waits for this many changes of the list.
    async fn changes(&mut self, count: usize) {
        while self.text.matches("event: list").count() < count {
            self.text += &self.chunks.next().await.expect("the stream goes on");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn list_tells_which_threads_run_and_when_that_changes() {
    let world = World::new().await;
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    browser.settled(&thread).await;
    let mut list = Heard::of(&browser, "api/threads/events").await;
    let mut page = Heard::of(&browser, &format!("api/threads/{thread}/events?html&after=0")).await;

    let gate = Arc::new(Semaphore::new(0));
    world.model.replies([Reply::Steps([vec![piece("One"), Step::Hold(gate.clone())], end()].concat())]);
    let mut tab = browser.clone();
    let other = tab.open("Slowly").await;
    list.changes(2).await;
    page.changes(2).await;
    let first = browser.threads().await[0].clone();
    assert_eq!((first.id, first.state), (other.clone(), ThreadState::Running));
    let before = list.text.matches("event: list").count();
    gate.add_permits(1);
    list.changes(before + 1).await;
    until("the list is quiet", || async {
        let first = browser.threads().await[0].clone();
        (first.state == ThreadState::Quiet).then_some(())
    })
    .await;

    let html = browser.get("api/threads?html").await.text().await.unwrap();
    let (newer, older) = (html.find(&format!("/t/{other}")).unwrap(), html.find(&format!("/t/{thread}")).unwrap());
    assert!(newer < older && !html.contains("<html"), "{html}");
}

/// THREATS.md line 59: a stream doesn't announce changes of another person's list.
#[tokio::test(flavor = "multi_thread")]
async fn line_59_list_tells_only_of_ones_own_threads() {
    let world = World::new().await;
    let mut alice = world.alice().await;
    let mut bob = world.visitor();
    assert_eq!(bob.get("api/threads/events").await.status(), StatusCode::NOT_FOUND);
    let thread = bob.open("Mine").await;
    bob.settled(&thread).await;
    let mut of_bob = Heard::of(&bob, "api/threads/events").await;
    // Reads the events sent while it opened.
    while let Ok(chunk) = timeout(Duration::from_secs(1), of_bob.chunks.next()).await {
        of_bob.text += &chunk.unwrap();
    }
    let before = of_bob.text.clone();
    let mut of_alice = Heard::of(&alice, "api/threads/events").await;
    alice.open("Hers").await;
    of_alice.changes(2).await;
    let more = timeout(Duration::from_secs(1), of_bob.chunks.next()).await;
    assert!(more.as_ref().is_err(), "{before}: {more:?}");
}

/// A login claims the visitor's threads: the person's pages in other browsers get them at once.
#[tokio::test(flavor = "multi_thread")]
async fn claimed_threads_come_into_the_persons_list() {
    let world = World::new().await;
    let alice = world.alice().await;
    let mut visitor = world.visitor();
    let thread = visitor.open("Hi").await;
    visitor.settled(&thread).await;
    let mut list = Heard::of(&alice, "api/threads/events").await;
    visitor.log_in(&world, "alice", "/").await;
    list.changes(2).await;
    assert_eq!(alice.threads().await.len(), 1);
}
