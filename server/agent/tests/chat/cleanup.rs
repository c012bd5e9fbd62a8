//! Cleanup removes threads that nobody can reach and those past their retention, and no others.

use sqlx::AnyPool;

use crate::{
    browser::said,
    model::{calls, text},
    world::{World, until},
};

const HOUR: i64 = 3_600_000;

/// The number of the thread's rows in each table.
pub async fn rows(pool: &AnyPool, thread: &str) -> [i64; 5] {
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
    let pool = world.pool().await;
    // Two days older than the others: when it is removed, cleanup has also checked them.
    let mut older = world.visitor();
    let older = {
        let thread = older.open("Hi").await;
        older.settled(&thread).await;
        thread
    };
    world.clock.advance(2 * 24 * HOUR);
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
    // A turn that waits for a login, which never happens.
    world.model.replies([calls(&[("get_portfolio", "{}")])]);
    let waits = gone.open("Show my portfolio").await;
    gone.settled(&waits).await;
    let [of_alice, of_gone, of_live] = threads.as_slice() else { panic!() };
    for thread in &threads {
        assert!(rows(&pool, thread).await.iter().all(|count| *count > 0), "{:?}", rows(&pool, thread).await);
    }

    // After six days the other sessions have ended, but only the older thread is removed.
    let days = async |days: i64| {
        for _ in 0..days * 3 {
            world.clock.advance(8 * HOUR);
            assert_eq!(comes_back.threads().await.len(), 1);
        }
    };
    days(6).await;
    assert!(gone.threads().await.is_empty());
    let is_removed = async |thread: &str| {
        until("it is removed", async || (rows(&pool, thread).await == [0; 5]).then_some(())).await;
    };
    is_removed(&older).await;
    assert_ne!(rows(&pool, of_gone).await, [0; 5]);

    // After eight days the threads of ended sessions are removed.
    days(2).await;
    for thread in [of_gone, &waits] {
        is_removed(thread).await;
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
    // A turn that waits for an account, which is never connected.
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
