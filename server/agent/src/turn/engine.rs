//! The loop of a turn: asks the model and makes its tool calls, until it has answered or only the person can continue.
//! Each round starts from the stored state, so it can start anywhere.

use std::panic::AssertUnwindSafe;

use foundation::{CancellationToken, tr};
use futures::FutureExt;
use shared::chat::Outcome;

use super::{
    ask::{self, Asked},
    compose, order,
    running::{Running, Stopped},
    tool,
};
use crate::{
    state::Agent,
    store::{self, state::CallState, turn::Lease},
};

/// Runs a turn until it is over, waits, or loses its lease.
pub(super) async fn run(agent: &Agent, lease: &Lease, stop: &CancellationToken) {
    let walk = AssertUnwindSafe(walk(agent, lease, stop)).catch_unwind();
    match walk.await {
        Ok(Ok(())) => {}
        Ok(Err(Stopped::Lost)) => tracing::debug!(turn = lease.turn, "another process holds the turn now"),
        // The lease expires, and the next process retries.
        Ok(Err(error)) => foundation::sparsely!(error, turn = lease.turn, %error, "a turn was interrupted"),
        Err(_) => {
            tracing::error!(turn = lease.turn, "a turn panicked");
            let failed = async {
                let message = tr!(
                    "Something went wrong on our side. What was said and done before is kept.",
                    "Bei uns ist etwas schiefgegangen. Was vorher gesagt und getan wurde, bleibt."
                );
                Running::load(agent, lease, stop).await?.fail(message).await
            };
            if let Err(error) = failed.await {
                tracing::error!(turn = lease.turn, %error, "a panicked turn couldn't be ended");
            }
        }
    }
}

async fn walk(agent: &Agent, lease: &Lease, stop: &CancellationToken) -> Result<(), Stopped> {
    loop {
        let mut running = Running::load(agent, lease, stop).await?;
        let mut waiting = unanswered(&running).await?;
        if waiting.is_empty() {
            if running.turn.cancel != 0 {
                let db = running.begin().await?;
                let outcome = if compose::is_cut(&running.turn)? { Outcome::Stopped } else { Outcome::Cancelled };
                return running.end(db, Vec::new(), outcome).await;
            }
            match ask::ask(&mut running).await? {
                Asked::Over => return Ok(()),
                Asked::Calls | Asked::Interrupted => continue,
            }
        }
        for call in &mut waiting {
            match call.state {
                CallState::Called | CallState::Login | CallState::Connect => tool::go_on(&mut running, call).await?,
                CallState::Approval => order::go_on(&mut running, call).await?,
                CallState::Answered => {}
            }
        }
        let due = unanswered(&running).await?.iter().map(|call| call.due_at).min();
        if let Some(due) = due.filter(|due| *due > agent.clock.now()) {
            return running.wait(due).await;
        }
    }
}

async fn unanswered(running: &Running<'_>) -> Result<Vec<store::call::Call>, Stopped> {
    let mut calls = compose::calls(running.agent, &running.turn, &compose::history(&running.turn)?).await?;
    calls.retain(|call| call.state != CallState::Answered);
    Ok(calls)
}
