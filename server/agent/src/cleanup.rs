//! Background cleanup: deletes chats that are unreachable or older than the settings allow.

use std::time::Duration;

use crate::{limits::day::DAY, state::Agent, store, thread::manage::UNDO};

/// Interval of checking the clock.
const LOOK: Duration = Duration::from_secs(1);

/// Interval of deleting old threads, in milliseconds.
const EVERY: i64 = 3_600_000;

/// How long the apps at `/mcp` are kept after their last call, and the workshop's attempts, in milliseconds.
const APPS_KEPT: i64 = 90 * 86_400_000;

/// Interval of removing deleted threads, in milliseconds.
const REMOVE: i64 = 10_000;

/// Runs until the program stops: at the start, and every hour. Deleted threads are removed within seconds.
pub(crate) fn watch(agent: Agent) {
    tokio::spawn(async move {
        tokio::select! {
            () = agent.shutdown.cancelled() => {}
            () = work(&agent) => {}
        }
    });
}

async fn work(agent: &Agent) {
    let (mut looked, mut removed) = (i64::MIN, i64::MIN);
    loop {
        let now = agent.clock.now();
        if now.saturating_sub(looked) >= EVERY {
            looked = now;
            if let Err(error) = clear(agent, now).await {
                foundation::sparsely!(warn, %error, "old threads can't be removed right now");
            }
        }
        if now.saturating_sub(removed) >= REMOVE {
            removed = now;
            if let Err(error) = remove_deleted(agent, now - UNDO).await {
                foundation::sparsely!(warn, %error, "deleted threads can't be removed right now");
            }
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Deletes visitors' threads that are unreachable, and people's that exceed the retention. A visitor who may still
/// return keeps theirs.
async fn clear(agent: &Agent, now: i64) -> Result<(), sqlx::Error> {
    store::approval::remove_ended(agent.db.pool(), now - store::approval::KEPT).await?;
    store::notice::clean_up(agent.db.pool(), now - EVERY).await?;
    store::cancelled_call::clean_up(agent.db.pool(), now - EVERY).await?;
    store::usage::clean_up(agent.db.pool(), now.div_euclid(DAY) - 1).await?;
    store::bare_chat::clean_up(agent.db.pool(), now - EVERY).await?;
    store::workshop::clean_up(agent.db.pool(), now - APPS_KEPT).await?;
    store::mcp_call::clean_up(agent.db.pool(), now - APPS_KEPT).await?;
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

async fn remove_deleted(agent: &Agent, before: i64) -> Result<(), sqlx::Error> {
    for thread in store::thread_state::to_remove(agent.db.pool(), before).await? {
        let mut db = agent.db.begin().await?;
        if store::thread::remove_deleted(&mut db, &thread, before).await? {
            db.commit().await?;
        }
    }
    Ok(())
}

/// `true` if there may be more old threads.
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
