//! Background cleanup: merges the deltas of finished turns, and deletes chats that are unreachable or older than the
//! settings allow.

use std::time::Duration;

use crate::{event::fold::fold, state::Agent, store};

/// Delay between the end of a turn and merging its events: other turns may end meanwhile, and readers may reconnect.
const SETTLED: Duration = Duration::from_secs(2);

/// Interval of checking the clock.
const LOOK: Duration = Duration::from_secs(1);

/// Interval of deleting old threads, in milliseconds.
const EVERY: i64 = 3_600_000;

/// Runs until the program stops: at the start, after turns, and every hour.
pub(crate) fn watch(agent: Agent) {
    tokio::spawn(async move {
        tokio::select! {
            () = agent.shutdown.cancelled() => {}
            () = work(&agent) => {}
        }
    });
}

async fn work(agent: &Agent) {
    let mut looked = i64::MIN;
    loop {
        let now = agent.clock.now();
        let hourly = now.saturating_sub(looked) >= EVERY;
        if hourly {
            looked = now;
            if let Err(error) = clear(agent, now).await {
                foundation::sparsely!(warn, %error, "old threads can't be removed right now");
            }
        }
        tokio::select! {
            () = agent.turns.ran.notified() => tokio::time::sleep(SETTLED).await,
            () = tokio::time::sleep(LOOK), if !hourly => continue,
            // At the start, and for turns that another process left.
            () = std::future::ready(()), if hourly => {}
        }
        if let Err(error) = fold_all(agent).await {
            foundation::sparsely!(warn, %error, "events can't be folded right now");
        }
    }
}

/// Merges the events of all finished turns.
async fn fold_all(agent: &Agent) -> Result<(), sqlx::Error> {
    loop {
        let turns = store::turn::unfolded(agent.db.pool()).await?;
        let mut done = 0;
        for turn in &turns {
            match fold_one(agent, turn).await {
                Ok(()) => done += 1,
                Err(error) => foundation::sparsely!(warn, turn, %error, "a turn's events can't be folded"),
            }
        }
        // The others are retried after the next turn.
        if turns.len() < 64 || done == 0 {
            return Ok(());
        }
    }
}

/// Merges the events of one turn, in one transaction.
async fn fold_one(agent: &Agent, turn: &str) -> Result<(), sqlx::Error> {
    let mut db = agent.db.begin().await?;
    if let Some((thread, seq)) = store::turn::folded(&mut db, turn).await? {
        let events = store::event::from(&mut db, &thread, seq).await?;
        store::event::fold(&mut db, &thread, &fold(&events, turn)).await?;
    }
    db.commit().await
}

/// Deletes visitors' threads that are unreachable, and people's that exceed the retention. A visitor who may still
/// return keeps theirs.
async fn clear(agent: &Agent, now: i64) -> Result<(), sqlx::Error> {
    store::approval::remove_ended(agent.db.pool(), now - store::approval::KEPT).await?;
    store::notice::clean_up(agent.db.pool(), now - EVERY).await?;
    store::cancelled_call::clean_up(agent.db.pool(), now - EVERY).await?;
    let retention = agent.config.retention;
    let (seen, began) = (now - agent.sessions.idle_ms, now - agent.sessions.total_ms);
    let before = now - retention.visitor_chats_ms;
    while {
        let threads = store::thread::abandoned(agent.db.pool(), before, seen, began).await?;
        remove_all(agent, &threads, true, before).await
    } {}
    store::visitor::clean_up(agent.db.pool(), now - agent.sessions.idle_ms).await?;
    let Some(kept_ms) = retention.chats_ms else { return Ok(()) };
    let before = now - kept_ms;
    while {
        let threads = store::thread::old(agent.db.pool(), before).await?;
        remove_all(agent, &threads, false, before).await
    } {}
    Ok(())
}

/// `true` if there may be more.
async fn remove_all(agent: &Agent, threads: &[String], is_visitors: bool, before: i64) -> bool {
    let mut done = 0;
    for thread in threads {
        match remove(agent, thread, is_visitors, before).await {
            Ok(()) => done += 1,
            Err(error) => foundation::sparsely!(warn, thread, %error, "an old thread can't be removed"),
        }
    }
    threads.len() == 100 && done > 0
}

async fn remove(agent: &Agent, thread: &str, is_visitors: bool, before: i64) -> Result<(), sqlx::Error> {
    let mut db = agent.db.begin().await?;
    if store::thread::remove(&mut db, thread, is_visitors, before).await? {
        db.commit().await
    } else {
        db.rollback().await
    }
}
