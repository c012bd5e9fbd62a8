//! The worker: claims due approvals with a lease, takes the next step of each, and stores the result. Crash points
//! here: `agent:2` to `agent:4`.

use std::time::Duration;

use foundation::{
    ExposeSecret, crash,
    deadline::{self, LEAST},
    lang, tr,
};
use shared::chat::MoreTime;
use tokio::task::JoinHandle;

use super::{
    Polled,
    place::{not_placed, place},
    poll::{poll, withdraw},
    request::request,
    state::{ApprovalError, Outcome, State, request_place, unreadable},
};
use crate::{
    state::Agent,
    store,
    store::{approval::Approval, state::Withdrawal},
    tools::{Caller, Prepared},
};

/// How long the lease for a step is, in milliseconds.
pub(crate) const LEASE: i64 = 45_000;

/// How long all of a step's calls to other sites may take together.
const STEP: Duration = Duration::from_secs(35);

/// The most calls in one step. Each still gets a little time after the step's deadline.
const CALLS: u32 = 10;

/// A step ends before its lease, with nine seconds left to store the result.
const _: () = assert!(STEP.as_millis() + CALLS as u128 * LEAST.as_millis() + 9_000 <= LEASE as u128);

/// How long to retry a request while the identity service can't be reached, in milliseconds.
const RETRIED_FOR: i64 = 120_000;

/// How long after its expiry an approval can be used, in milliseconds: ten minutes plus clock skew.
const USABLE: i64 = 660_000;

/// Tolerance for comparing expiries, in milliseconds: answers give whole seconds. A later expiry was extended.
const ROUNDED: i64 = 5_000;

/// Why a step stored nothing.
#[derive(Debug, thiserror::Error)]
enum Stopped {
    #[error("another holds it by now")]
    Lost,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// The outcome of a step.
enum Next {
    /// The next step is due in this many milliseconds.
    In(i64),
    Over(Outcome),
}

/// Reclaims what an earlier process of this name held, then works until the program stops.
///
/// # Errors
/// If the database fails.
pub(crate) async fn start(agent: &Agent) -> Result<(), sqlx::Error> {
    if let Some(name) = agent.instance.name() {
        // Before this process claims any itself.
        store::approval::reclaim(agent.db.pool(), name).await?;
    }
    let agent = agent.clone();
    tokio::spawn(async move { agent.approvals.queue.watch(&agent.clock, &agent.shutdown, || look(&agent)).await });
    Ok(())
}

/// Claims the due approvals; returns when the next one is due.
async fn look(agent: &Agent) -> Option<i64> {
    let pool = agent.db.pool();
    let next = async {
        for id in store::approval::due(pool, agent.clock.now()).await? {
            tokio::spawn(run(agent.clone(), id));
        }
        store::approval::next_due(pool).await
    };
    agent.db.while_answering(next).await.flatten().unwrap_or_else(|error: sqlx::Error| {
        foundation::sparsely!(warn, %error, "approvals that are due can't be looked up right now");
        None
    })
}

async fn run(agent: Agent, id: String) {
    let (now, owner) = (agent.clock.now(), agent.instance.lease(&id).owner);
    match store::approval::take(agent.db.pool(), &id, &owner, now, now + LEASE).await {
        Ok(Some(held)) => advance(&agent, held).await,
        // It isn't due, or another worker claimed it.
        Ok(None) => {}
        Err(error) => {
            agent.approvals.queue.failed();
            foundation::sparsely!(warn, %error, "an approval can't be claimed right now");
        }
    }
}

/// Takes the first step of an approval that this process has just stored. It continues if the caller goes away.
pub(crate) fn begin(agent: &Agent, held: Approval) -> JoinHandle<()> {
    let agent = agent.clone();
    tokio::spawn(async move { advance(&agent, held).await })
}

/// Takes the next step of an approval that this process holds, and releases it.
async fn advance(agent: &Agent, mut held: Approval) {
    let _busy = agent.approvals.queue.begin();
    let untouched = held.clone();
    // Texts stored for the person are in the language of the message that the turn answers.
    let lang = store::turn_lang::of_call(agent.db.pool(), &held.id).await.unwrap_or_default();
    let person = held.person.clone().or_else(|| held.subject.clone());
    let step = lang::scope(lang, step(agent, &mut held));
    let stopped = tokio::select! {
        stopped = agent.recorder.within(person.as_deref(), deadline::within(STEP, step)) => stopped,
        // The next process can continue at once.
        () = agent.shutdown.cancelled() => release(agent, &untouched, 0).await,
    };
    match stopped {
        Ok(()) => {}
        Err(Stopped::Lost) => tracing::debug!(approval = held.id, "another worker holds the approval now"),
        // It continues when its lease ends.
        Err(error) => foundation::sparsely!(error, approval = held.id, %error, "an approval was interrupted"),
    }
}

async fn release(agent: &Agent, held: &Approval, due_at: i64) -> Result<(), Stopped> {
    let mut db = agent.db.begin().await?;
    store::approval::release(&mut db, held, due_at).await?;
    Ok(db.commit().await?)
}

async fn step(agent: &Agent, held: &mut Approval) -> Result<(), Stopped> {
    let next = match held.prepared() {
        Some(prepared) => {
            let caller = held.caller(agent).await?;
            match held.state() {
                State::Asking => ask(agent, held, &caller, &prepared).await?,
                State::Waiting | State::Approved => check(agent, held, &caller, &prepared).await?,
                State::Over(_) => return Ok(()),
            }
        }
        None => Next::Over(unreadable()),
    };
    match next {
        Next::In(pause) => release(agent, held, agent.clock.now() + pause.max(100)).await,
        Next::Over(outcome) => enter(agent, held, State::Over(outcome)).await,
    }
}

/// Stores the new state, and wakes the waiting turn in the same transaction.
async fn enter(agent: &Agent, held: &mut Approval, state: State) -> Result<(), Stopped> {
    let now = agent.clock.now();
    held.enter(&state, now);
    held.due_at = now + LEASE;
    let mut db = agent.db.begin().await?;
    // The turn first: every transaction that writes both locks them in this order.
    store::turn::wake_of_call(&mut db, &held.id).await?;
    if !store::approval::save(&mut db, held).await? {
        return Err(Stopped::Lost);
    }
    db.commit().await?;
    agent.turns.queue.notify();
    agent.approvals.changed(&held.id);
    Ok(())
}

/// Steps 2 and 3: asks the identity service, with the same key at each attempt, and stores the answer.
async fn ask(agent: &Agent, held: &mut Approval, caller: &Caller, prepared: &Prepared) -> Result<Next, Stopped> {
    let Some(token) = held.ping_token(agent) else { return Ok(Next::Over(unreadable())) };
    Ok(match request(agent, caller, prepared, &held.key, token.expose_secret(), &held.code).await {
        Ok(requested) => {
            crash::point("agent:2");
            held.auth_req_id = Some(agent.sealer.seal(&request_place(&held.id), requested.auth_req_id.expose_secret()));
            held.txn = Some(requested.txn);
            held.page = Some(requested.page);
            held.expires_at = Some(requested.expires_at);
            held.interval_ms = requested.interval_ms.max(1_000);
            if requested.is_extendable {
                held.more_time = MoreTime::Possible;
            }
            enter(agent, held, State::Waiting).await?;
            crash::point("agent:3");
            // It was withdrawn before the request was sent, so withdraw it at once.
            Next::In(if held.withdrawal == Withdrawal::None { held.interval_ms } else { 0 })
        }
        Err(ApprovalError::Retry(message)) if agent.clock.now() - held.asked_at > RETRIED_FOR => {
            Next::Over(Outcome::Refused { reason: message, approved: false })
        }
        Err(ApprovalError::Retry(_)) => Next::In(2_000),
        Err(ApprovalError::Final(reason)) => Next::Over(Outcome::Refused { reason, approved: false }),
    })
}

/// Steps 6 to 10: asks for the decision, and carries it out.
async fn check(agent: &Agent, held: &mut Approval, caller: &Caller, prepared: &Prepared) -> Result<Next, Stopped> {
    let Some(request) = held.request(agent) else { return Ok(Next::Over(unreadable())) };
    let was_approved = held.state() == State::Approved;
    if held.withdrawal != Withdrawal::None && !was_approved {
        // The poll reports its current state.
        if let Err(ApprovalError::Retry(_)) = withdraw(agent, caller, &request).await {
            return Ok(Next::In(2_000));
        }
    }
    let txn = held.txn.clone().unwrap_or_default();
    let now = agent.clock.now();
    let refused = |reason: &str| Outcome::Refused { reason: reason.into(), approved: was_approved };
    let outcome = match poll(agent, caller, &request).await {
        Ok(Polled::Pending(end)) => {
            if end.is_some_and(|end| held.expires_at.is_some_and(|known| end > known + ROUNDED)) {
                // The person gave themselves more time.
                held.expires_at = end;
                held.more_time = MoreTime::Given;
                enter(agent, held, State::Waiting).await?;
            }
            // At expiry, check at once.
            let left = held.expires_at.unwrap_or(i64::MAX).saturating_sub(now);
            let pause = if left > 0 { held.interval_ms.min(left + 50) } else { held.interval_ms };
            return Ok(Next::In(pause));
        }
        Ok(Polled::SlowDown(ms)) => {
            held.interval_ms = held.interval_ms.max(ms);
            return Ok(Next::In(ms));
        }
        Ok(Polled::Approved(token)) => {
            crash::point("agent:4");
            if !was_approved {
                enter(agent, held, State::Approved).await?;
            }
            return Ok(match place(agent, caller, &token, &txn, prepared).await {
                // `place` has already asked the broker.
                Ok(outcome) => Next::Over(outcome),
                Err(_) => Next::In(2_000),
            });
        }
        Ok(Polled::Denied | Polled::Withdrawn) if was_approved => refused(tr!(
            "It was approved, and the approval was revoked before it was known to be done.",
            "Du hast es freigegeben, und die Freigabe wurde widerrufen, bevor feststand, ob es ausgeführt ist."
        )),
        Ok(Polled::Denied) => return Ok(Next::Over(Outcome::Denied)),
        Ok(Polled::Withdrawn) => return Ok(Next::Over(Outcome::Withdrawn)),
        Ok(Polled::Gone) if was_approved => refused(tr!(
            "It was approved, but the approval ran out before it could be used. Ask again.",
            "Du hast es freigegeben, aber die Freigabe lief ab, bevor sie genutzt wurde. Frag noch einmal."
        )),
        Ok(Polled::Gone) => refused(tr!(
            "The request has ended: it expired, or its approval was not used in time.",
            "Die Anfrage ist zu Ende: Sie lief ab, oder ihre Freigabe wurde nicht rechtzeitig genutzt."
        )),
        Ok(Polled::Expired) => Outcome::Expired,
        // A refusal that isn't a CIBA error may be temporary: a proxy's 404, or a secret that is changing.
        Err(error) => match (error, held.expires_at.is_some_and(|at| now > at + USABLE)) {
            (_, false) => return Ok(Next::In(2_000.max(held.interval_ms))),
            // After the approval can no longer be used, there is no hurry.
            (ApprovalError::Retry(_), true) => return Ok(Next::In(60_000)),
            (ApprovalError::Final(reason), true) => refused(&reason),
        },
    };
    let approved = was_approved.then_some(tr!("It was approved.", "Du hast es freigegeben."));
    Ok(match not_placed(agent, caller, (&txn, prepared), approved, outcome).await {
        Ok(outcome) => Next::Over(outcome),
        Err(_) => Next::In(5_000),
    })
}
