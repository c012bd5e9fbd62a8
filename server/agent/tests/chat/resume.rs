//! A turn survives a crash of its process, and two processes never run it at once.

use std::sync::Arc;

use shared::chat::{ApprovalState, Item, Kind};
use tokio::sync::Semaphore;
use world::Fault;

use crate::{
    browser::said,
    model::{BUY, Reply, Step, calls, end, piece, text},
    world::{World, until},
};

#[tokio::test(flavor = "multi_thread")]
async fn half_streamed_answer_is_asked_again_after_a_kill() {
    let mut world = World::new().await;
    world.model.replies([
        Reply::Steps(vec![piece("Half an answer.\n\nAnd then\n\nsome"), Step::Forever]),
        text("The whole answer."),
    ]);
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    let mut half = until("half of it is there", || async {
        Some(browser.transcript(&thread).await).filter(|transcript| said(transcript).contains("some"))
    })
    .await;
    world.kill();
    // Extends the killed process's lease, for which its successor doesn't wait.
    sqlx::query("UPDATE turn SET due_at = due_at + 3600000").execute(&world.pool().await).await.unwrap();
    world.start();
    let transcript = browser.settled(&thread).await;
    assert_eq!(said(&transcript), "<p>The whole answer.</p>\n");
    assert_eq!(transcript.items.len(), 3, "{transcript:?}");
    // A page that showed the partial answer gets it replaced.
    let mut events = browser.events(&thread, half.seq).await;
    for event in events.until(|event| matches!(event.kind, Kind::End { .. })).await {
        half.apply(event);
    }
    assert_eq!(half, transcript);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_goes_on_at_once_after_an_orderly_stop() {
    let mut world = World::new().await;
    world.model.replies([Reply::Steps(vec![piece("Half"), Step::Forever]), text("Whole.")]);
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    until("it begins", || async { (!said(&browser.transcript(&thread).await).is_empty()).then_some(()) }).await;
    world.stop().await;
    world.start();
    assert_eq!(said(&browser.settled(&thread).await), "<p>Whole.</p>\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn announced_tool_call_is_made_again_after_a_kill() {
    let mut world = World::new().await;
    let browser = world.connected().await;
    world.model.replies([calls(&[("get_portfolio", "{}")]), text("Here it is.")]);
    world.at_broker.fails("/api", Fault::Silent);
    let mut browser = browser;
    let thread = browser.open("Show my portfolio").await;
    until("the call is announced", || async {
        browser.transcript(&thread).await.items.iter().any(|item| matches!(item, Item::Call(_))).then_some(())
    })
    .await;
    world.kill();
    world.at_broker.mend();
    world.start();
    let transcript = browser.settled(&thread).await;
    assert_eq!(said(&transcript), "<p>Here it is.</p>\n");
    assert_eq!(transcript.items.iter().filter(|item| matches!(item, Item::Call(_))).count(), 1);
}

/// PROTOCOL.md, steps 1 to 10: wherever the process is killed while waiting, the order is placed once.
#[tokio::test(flavor = "multi_thread")]
async fn waiting_order_survives_a_kill_and_is_placed_once() {
    let mut world = World::new().await;
    let mut browser = world.connected().await;
    world.model.replies([calls(&[BUY]), text("Bought.")]);
    let thread = browser.open("Buy 5 WAYNE").await;
    let asked = browser.approval(&thread, "it waits", |state| *state == ApprovalState::Waiting).await;
    browser.settled(&thread).await;
    world.kill();
    world.decide("approve").await;
    world.start();
    let placed = browser.approval(&thread, "it is placed", |state| matches!(state, ApprovalState::Placed { .. })).await;
    assert_eq!((placed.code, placed.page), (asked.code, asked.page));
    assert_eq!(said(&browser.settled(&thread).await), "<p>Bought.</p>\n");
    assert_eq!(world.orders().await, 1);
    assert_eq!(world.asked().len(), 1);
}

/// No process takes a turn from a live one: a process in the same folder sees that it is alive, and one in another
/// folder can't know.
#[tokio::test(flavor = "multi_thread")]
async fn line_61_starting_process_takes_no_live_lease() {
    let world = World::new().await;
    let gate = Arc::new(Semaphore::new(0));
    world
        .model
        .replies([Reply::Steps([vec![piece("One "), Step::Hold(gate.clone()), piece("answer.")], end()].concat())]);
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    until("it begins", || async { said(&browser.transcript(&thread).await).contains("One").then_some(()) }).await;
    let (mut beside, mut elsewhere) = (world.second(), world.elsewhere());
    beside.started().await;
    elsewhere.started().await;
    // Runs another turn meanwhile.
    world.model.replies([text("Another.")]);
    let another = browser.open("Hello").await;
    assert_eq!(said(&browser.settled(&another).await), "<p>Another.</p>\n");
    assert_eq!(world.model.requests().len(), 2, "nobody else asks the model");
    gate.add_permits(1);
    assert_eq!(said(&browser.settled(&thread).await), "<p>One answer.</p>\n");
    assert_eq!(world.model.requests().len(), 2);
}

/// A process takes over another folder's turn only when its lease has expired: it can't know that its process is gone.
#[tokio::test(flavor = "multi_thread")]
async fn line_61_turn_of_another_instance_waits_for_its_lease() {
    let mut world = World::new().await;
    let half = || Reply::Steps(vec![piece("Half"), Step::Forever]);
    world.model.replies([half(), half()]);
    let mut browser = world.visitor();
    let threads = [browser.open("Hi").await, browser.open("Hello").await];
    for thread in &threads {
        until("it begins", async || said(&browser.transcript(thread).await).contains("Half").then_some(())).await;
    }
    world.kill();
    world.model.replies([text("Whole."), text("Whole.")]);
    // One lease lasts another hour, and the other one has expired.
    let (hour, pool) = (3_600_000, world.pool().await);
    let lease = "UPDATE turn SET due_at = $1 WHERE thread = $2";
    for (thread, due_at) in threads.iter().zip([world.clock.now() + hour, 0]) {
        sqlx::query(lease).bind(due_at).bind(thread).execute(&pool).await.unwrap();
    }
    let done = async |turns: i64| {
        until("it goes on elsewhere, to its end", async || {
            let done = sqlx::query_scalar("SELECT COUNT(*) FROM turn WHERE state = 'done'");
            let done: i64 = done.fetch_one(&pool).await.unwrap();
            (done == turns).then_some(())
        })
        .await;
    };
    let elsewhere = world.elsewhere();
    done(1).await;
    assert_eq!(world.model.requests().len(), 3, "the other one waits");
    world.clock.advance(hour);
    done(2).await;
    assert_eq!(world.model.requests().len(), 4);
    drop(elsewhere);
    world.start();
    for thread in &threads {
        assert_eq!(said(&browser.settled(thread).await), "<p>Whole.</p>\n");
    }
}

/// THREATS.md line 61: if several processes claim a turn at once, one runs it.
#[tokio::test(flavor = "multi_thread")]
async fn line_61_two_servers_race_for_a_lease_and_one_goes_on() {
    let mut world = World::new().await;
    let mut browser = world.visitor();
    let mut threads = Vec::new();
    let gate = Arc::new(Semaphore::new(0));
    for at in 0..6 {
        world.model.replies([Reply::Steps(vec![piece("half"), Step::Forever])]);
        threads.push(browser.open(&format!("Hi {at}")).await);
    }
    until("all have begun", || async { (world.model.requests().len() == 6).then_some(()) }).await;
    world.kill();
    for _ in 0..6 {
        world
            .model
            .replies([Reply::Steps([vec![piece("One "), Step::Hold(gate.clone()), piece("answer.")], end()].concat())]);
    }
    world.clock.advance(16_000);
    let pool = world.pool().await;
    let _second = world.second();
    let _third = world.second();
    world.start();
    until("all are asked again", || async { (world.model.requests().len() >= 12).then_some(()) }).await;
    let lease = async || -> i64 { sqlx::query_scalar("SELECT MIN(due_at) FROM turn").fetch_one(&pool).await.unwrap() };
    let before = lease().await;
    until("the leases are renewed", async || (lease().await > before).then_some(())).await;
    gate.add_permits(6);
    for thread in &threads {
        assert_eq!(said(&browser.settled(thread).await), "<p>One answer.</p>\n");
    }
    assert_eq!(world.model.requests().len(), 12, "each was asked again once");
}

/// A process that lost its lease writes nothing more, even if it doesn't know yet.
#[tokio::test(flavor = "multi_thread")]
async fn server_without_its_lease_stops_writing() {
    let mut world = World::new().await;
    let gate = Arc::new(Semaphore::new(0));
    world.model.replies([
        Reply::Steps([vec![piece("Old "), Step::Hold(gate.clone()), piece("words.")], end()].concat()),
        text("New words."),
    ]);
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    until("it begins", || async { said(&browser.transcript(&thread).await).contains("Old").then_some(()) }).await;
    // The first process is suspended, and the second takes over.
    let second = world.second();
    world.clock.advance(16_000);
    until("the second answers", || async { said(&browser.transcript(&thread).await).contains("New").then_some(()) })
        .await;
    gate.add_permits(1);
    // Lets the first process finish.
    world.stop().await;
    world.start();
    assert_eq!(said(&browser.settled(&thread).await), "<p>New words.</p>\n");
    drop(second);
}
