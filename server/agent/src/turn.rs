//! Turns: each answers one message, independently of the request that brought it. A turn is a row, held under a lease
//! by the process that runs it. When that process is gone, another resumes from the stored state: at once if it is
//! known to be gone (`instance.rs`), otherwise when the lease expires.

mod answer;
mod ask;
mod compose;
mod engine;
mod notice;
mod order;
mod outcome;
mod running;
mod text;
mod title;
mod tokens;
mod tool;
pub(crate) mod turns;

use std::time::Duration;

use foundation::{
    CancellationToken,
    lang::{self, Lang},
};

pub(crate) use compose::source;

use crate::{state::Agent, store, store::turn::Lease};

/// Duration of a lease without renewal, in milliseconds.
pub(crate) const LEASE: i64 = 15_000;

/// Interval between renewals of a running turn's lease.
const RENEW: Duration = Duration::from_secs(4);

/// Claims a turn, if it is due, and runs it in the background.
pub(crate) fn run(agent: &Agent, turn: &str) {
    let (agent, lease) = (agent.clone(), agent.instance.lease(turn));
    tokio::spawn(async move {
        let now = agent.clock.now();
        match store::turn::take(agent.db.pool(), &lease, now, now + LEASE).await {
            Ok(true) => hold(agent, lease).await,
            // It isn't due, or another process claimed it.
            Ok(false) => {}
            Err(error) => {
                agent.turns.queue.failed();
                foundation::sparsely!(warn, %error, "a turn can't be claimed right now");
            }
        }
    });
}

/// Lets a turn that was cancelled end now.
pub(crate) fn stop(agent: &Agent, turn: &str) {
    agent.turns.stop(turn);
    run(agent, turn);
}

/// Reclaims, at the start, the turns of a predecessor that was killed, and resumes them in the background.
///
/// # Errors
/// When the database fails.
pub(crate) async fn reclaim(agent: &Agent) -> Result<(), sqlx::Error> {
    let Some(name) = agent.instance.name() else { return Ok(()) };
    // Looked up before this process holds any itself.
    for dead in store::turn::held_by(agent.db.pool(), name).await? {
        let (agent, lease) = (agent.clone(), agent.instance.lease(&dead.turn));
        tokio::spawn(async move {
            match store::turn::reclaim(agent.db.pool(), &lease, &dead, agent.clock.now() + LEASE).await {
                Ok(true) => hold(agent, lease).await,
                // Another process claimed it after its lease expired.
                Ok(false) => {}
                Err(error) => {
                    foundation::sparsely!(warn, %error, "a turn can't be reclaimed; it resumes when its lease expires")
                }
            }
        });
    }
    Ok(())
}

/// Runs a turn whose lease is already held, in the background.
pub(crate) fn go_on(agent: &Agent, lease: Lease) {
    tokio::spawn(hold(agent.clone(), lease));
}

/// Runs a turn for as long as its lease is held.
async fn hold(agent: Agent, lease: Lease) {
    let _busy = agent.turns.queue.begin();
    let stop = agent.turns.started(&lease.turn);
    tokio::select! {
        () = in_its_language(&agent, &lease, &stop) => {}
        () = renew(&agent, &lease, &stop) => {}
        () = agent.shutdown.cancelled() => {
            // Lets the next process resume at once.
            if let Err(error) = store::turn::release(agent.db.pool(), &lease).await {
                foundation::sparsely!(warn, %error, "a turn couldn't be released; it resumes when its lease expires");
            }
        }
    }
    agent.turns.ended(&lease.turn);
}

/// Runs a turn in the language of its message.
async fn in_its_language(agent: &Agent, lease: &Lease, stop: &CancellationToken) {
    let lang = store::turn_lang::of(agent.db.pool(), &lease.turn).await;
    let lang = lang.unwrap_or_else(|error| {
        foundation::sparsely!(warn, %error, "a turn's language can't be read");
        Lang::default()
    });
    agent.recorder.within(None, lang::scope(lang, engine::run(agent, lease, stop))).await;
}

/// Renews the lease until it is lost.
async fn renew(agent: &Agent, lease: &Lease, stop: &CancellationToken) {
    loop {
        tokio::time::sleep(RENEW).await;
        match store::turn::renew(agent.db.pool(), lease, agent.clock.now() + LEASE).await {
            Ok(None) => return,
            Ok(Some(true)) => stop.cancel(),
            Ok(Some(false)) => {}
            // Without renewal the lease expires, unless the database recovers in time.
            Err(error) => foundation::sparsely!(warn, %error, "a lease can't be renewed right now"),
        }
    }
}

/// Runs until the program stops: resumes interrupted turns and those whose wait is over.
pub(crate) fn watch(agent: Agent) {
    tokio::spawn(async move { agent.turns.queue.watch(&agent.clock, &agent.shutdown, || look(&agent)).await });
}

/// Runs the turns that are due. Returns when the next one is.
async fn look(agent: &Agent) -> Option<i64> {
    let pool = agent.db.pool();
    let next = async {
        store::turn::due(pool, agent.clock.now()).await?.iter().for_each(|turn| run(agent, turn));
        store::turn::next_due(pool).await
    };
    agent.db.while_answering(next).await.flatten().unwrap_or_else(|error: sqlx::Error| {
        foundation::sparsely!(warn, %error, "turns that are due can't be looked up right now");
        None
    })
}
