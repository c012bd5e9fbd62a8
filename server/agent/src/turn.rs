//! Turns: each answers one message, detached from the request that brought it. A turn is a row, held under a lease by
//! whoever runs it; where that one is gone, another goes on from what was stored: at once where it is known to be gone
//! (`instance.rs`), else when the lease has ended.

mod ask;
mod compose;
mod denied;
mod engine;
pub(crate) mod instance;
mod notice;
mod order;
mod outcome;
mod running;
mod text;
mod tool;
pub(crate) mod turns;

use std::{sync::atomic::Ordering, time::Duration};

use foundation::CancellationToken;

use crate::{state::Agent, store, store::turn::Lease};

/// How long a turn is held without being renewed, in milliseconds.
pub(crate) const LEASE: i64 = 15_000;

/// How often a turn that runs is renewed.
const RENEW: Duration = Duration::from_secs(4);

/// How long turns that are due may stay unnoticed.
const LOOK: Duration = Duration::from_secs(1);

/// Takes a turn, if it is due, and runs it in the background.
pub(crate) fn run(agent: &Agent, turn: &str) {
    let (agent, lease) = (agent.clone(), agent.instance.lease(turn));
    tokio::spawn(async move {
        let now = agent.clock.now();
        match store::turn::take(agent.db.pool(), &lease, now, now + LEASE).await {
            Ok(true) => hold(agent, lease).await,
            // It is not due, or another took it.
            Ok(false) => {}
            Err(error) => {
                agent.turns.failed.store(true, Ordering::Relaxed);
                foundation::sparsely!(warn, %error, "a turn can't be taken right now");
            }
        }
    });
}

/// Takes back, at the start, what the process before this one held when it was killed; each goes on in the background.
///
/// # Errors
/// Where the database fails.
pub(crate) async fn take_back(agent: &Agent) -> Result<(), sqlx::Error> {
    let Some(name) = agent.instance.name() else { return Ok(()) };
    // Looked up before this process holds any itself.
    for dead in store::turn::held_by(agent.db.pool(), name).await? {
        let (agent, lease) = (agent.clone(), agent.instance.lease(&dead.turn));
        tokio::spawn(async move {
            match store::turn::take_back(agent.db.pool(), &lease, &dead, agent.clock.now() + LEASE).await {
                Ok(true) => hold(agent, lease).await,
                // Another took it, because its time ran out.
                Ok(false) => {}
                Err(error) => {
                    foundation::sparsely!(warn, %error, "a turn can't be taken back; it goes on when its lease ends")
                }
            }
        });
    }
    Ok(())
}

/// Runs a turn that is held already, in the background.
pub(crate) fn go_on(agent: &Agent, lease: Lease) {
    tokio::spawn(hold(agent.clone(), lease));
}

/// Runs a turn as long as it is held.
async fn hold(agent: Agent, lease: Lease) {
    let stop = agent.turns.started(&lease.turn);
    tokio::select! {
        () = engine::run(&agent, &lease, &stop) => {}
        () = renew(&agent, &lease, &stop) => {}
        () = agent.shutdown.cancelled() => {
            // Whoever starts next goes on at once.
            if let Err(error) = store::turn::release(agent.db.pool(), &lease).await {
                foundation::sparsely!(warn, %error, "a turn could not be let go; it goes on when its lease ends");
            }
        }
    }
    agent.turns.ended(&lease.turn);
}

/// Renews the lease; returns when it is lost.
async fn renew(agent: &Agent, lease: &Lease, stop: &CancellationToken) {
    loop {
        tokio::time::sleep(RENEW).await;
        match store::turn::renew(agent.db.pool(), lease, agent.clock.now() + LEASE).await {
            Ok(None) => return,
            Ok(Some(true)) => stop.cancel(),
            Ok(Some(false)) => {}
            // Not renewed: it ends by itself, unless the database is back in time.
            Err(error) => foundation::sparsely!(warn, %error, "a lease can't be renewed right now"),
        }
    }
}

/// Looks for turns that are due, at the start and as long as the program runs: those that were cut off, and those
/// whose waiting is over.
pub(crate) fn watch(agent: Agent) {
    tokio::spawn(async move {
        loop {
            let pause = match store::turn::due(agent.db.pool(), agent.clock.now()).await {
                Ok(turns) => {
                    turns.iter().for_each(|turn| run(&agent, turn));
                    until_next(&agent).await
                }
                Err(error) => {
                    foundation::sparsely!(warn, %error, "turns that are due can't be looked up right now");
                    LOOK
                }
            };
            tokio::select! {
                () = agent.shutdown.cancelled() => return,
                () = agent.turns.due.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    });
}

async fn until_next(agent: &Agent) -> Duration {
    let next = store::turn::next_due(agent.db.pool()).await.ok().flatten();
    let wait =
        next.map_or(LOOK, |at| Duration::from_millis(u64::try_from(at.saturating_sub(agent.clock.now())).unwrap_or(0)));
    if agent.turns.failed.swap(false, Ordering::Relaxed) {
        return LOOK;
    }
    // What is due was taken a moment ago: don't look again before that is done.
    wait.clamp(Duration::from_millis(20), LOOK)
}
