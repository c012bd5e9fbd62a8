//! An order of a turn: requested, then waiting while the worker of `approval/` takes its steps. Its card shows the
//! state. Crash point here: `agent:1`.

use foundation::{crash, tr};
use shared::chat::{ASKED_BEFORE, ApprovalState, MoreTime};

use super::{
    answer::{Answered, answer, card},
    outcome,
    running::{Running, Stopped},
};
use crate::{
    approval::{
        again::{self, Earlier},
        request,
        state::{Outcome, State},
        worker,
    },
    store::{
        self,
        approval::Approval,
        call::Call,
        state::{CallState, Withdrawal},
    },
    tools::Prepared,
};

/// Maximum number of approval requests for one message.
const MOST: usize = 4;

/// Step 1: stores the call and its approval before anyone is asked.
pub(super) async fn prepare(running: &mut Running<'_>, call: &mut Call, mut prepared: Prepared) -> Result<(), Stopped> {
    let agent = running.agent;
    let asked = store::approval::of_turn(agent.db.pool(), &running.turn.id).await?;
    let is_same = |other: &&Approval| other.prepared().is_some_and(|other| other.what() == prepared.what());
    if let Some(same) = asked.iter().find(is_same) {
        let message = match same.state() {
            State::Over(Outcome::Placed(_) | Outcome::Done { .. }) => {
                tr!(
                    "This was done already in answer to this message. Don't ask for it again.",
                    "Das ist auf diese Nachricht hin schon geschehen. Frag nicht noch einmal danach."
                )
            }
            State::Over(_) => {
                tr!(
                    "The person was asked for this already, and it was not approved. Don't ask again unless they write \
                     that they want it.",
                    "Danach wurde schon gefragt, und es wurde nicht freigegeben. Frag nur wieder, wenn ausdrücklich \
                     darum gebeten wird."
                )
            }
            _ => tr!(
                "This was asked for already, and waits for the person.",
                "Danach ist schon gefragt, und es wartet auf eine Entscheidung."
            ),
        };
        return refuse(running, call, message).await;
    }
    if asked.len() >= MOST {
        let message = tr!(
            "Too many approvals for one message. Let the person write what comes next.",
            "Das sind zu viele Freigaben für eine Nachricht. Was noch fehlt, braucht eine neue Nachricht."
        );
        return refuse(running, call, message).await;
    }
    let written_at = store::message::written_at(agent.db.pool(), &running.turn.id).await?.unwrap_or(i64::MIN);
    let message = (running.turn.text.as_str(), written_at);
    match again::earlier(agent, &running.turn.thread, &prepared, Some(message)).await? {
        Earlier::Nothing | Earlier::Lately(_) => {}
        Earlier::Named(refusal) => prepared.warn(ASKED_BEFORE, || refusal.said().into()),
        Earlier::Unnamed(refusal) => return not_again(running, call, &prepared, refusal.said()).await,
    }
    let caller = running.caller().await?;
    let until = agent.clock.now() + worker::LEASE;
    let mut held = request::prepare(agent, call.id.clone(), running.turn.thread.clone(), &caller, &prepared, until)?;
    // Open requests that answer the same message share a code, and are decided together.
    if let Some(other) = asked.iter().find(|other| matches!(other.state(), State::Asking | State::Waiting)) {
        held.code.clone_from(&other.code);
    }
    call.state = CallState::Approval;
    call.due_at = i64::MAX;
    let shown = shown(running, call, &held);
    let mut db = running.begin().await?;
    store::call::save(&mut db, call).await?;
    store::approval::begin(&mut db, &held).await?;
    running.say(db, shown.into_iter().collect()).await?;
    crash::point("agent:1");
    // Awaits the first step, so that the card shows the code. After a panic it resumes when the lease expires.
    let _ = worker::begin(agent, held).await;
    go_on(running, call).await
}

/// Shows changes, withdraws what the person stopped, and answers when the approval is over.
pub(super) async fn go_on(running: &mut Running<'_>, call: &mut Call) -> Result<(), Stopped> {
    let agent = running.agent;
    let Some(approval) = store::approval::load(agent.db.pool(), &call.id).await? else {
        let message =
            tr!("What was asked for can’t be found any more.", "Was angefragt war, ist nicht mehr zu finden.");
        return refuse(running, call, message).await;
    };
    if let State::Over(outcome) = approval.state() {
        return outcome::end(running, call, &approval, outcome).await;
    }
    if running.turn.cancel != 0 && approval.withdrawal == Withdrawal::None {
        store::approval::withdraw(agent.db.pool(), &approval.id).await?;
        agent.approvals.queue.notify();
    }
    match shown(running, call, &approval) {
        Some(card) => {
            let mut db = running.begin().await?;
            store::call::save(&mut db, call).await?;
            running.commit(db, vec![card]).await
        }
        None => Ok(()),
    }
}

async fn refuse(running: &mut Running<'_>, call: &mut Call, message: &str) -> Result<(), Stopped> {
    let result = serde_json::json!({ "status": "refused", "message": message });
    let summary = tr!("Not asked again", "Nicht noch einmal gefragt").to_owned();
    answer(running, call, Answered { ok: false, summary, result, view: None, card: None, ms: 0 }).await
}

/// The person refused earlier, and their new message doesn't name the order: the model learns that they aren't asked.
async fn not_again(running: &mut Running<'_>, call: &mut Call, prepared: &Prepared, said: &str) -> Result<(), Stopped> {
    let message = format!(
        "The person was asked for this before and did not approve it ({said}). What they wrote now doesn't name it, \
         so they were not asked again. Only where they name it in a message of their own will they be: tell them so, \
         and don't ask for it otherwise."
    );
    let result = serde_json::json!({ "status": "not_asked", "message": message, "request": prepared.words().title });
    let summary = tr!(format!("Not asked again. {said} before"), format!("Nicht noch einmal gefragt. {said}"));
    answer(running, call, Answered { ok: false, summary, result, view: None, card: None, ms: 0 }).await
}

/// The card in the approval's state, if it doesn't show that state yet.
fn shown(running: &Running<'_>, call: &mut Call, approval: &Approval) -> Option<shared::chat::Kind> {
    let state = match approval.state() {
        State::Asking => ApprovalState::Asking,
        State::Waiting => ApprovalState::Waiting,
        State::Approved => ApprovalState::Approved,
        State::Over(_) => return None,
    };
    // More time changes the card, too.
    let shown = match approval.more_time {
        MoreTime::Given => format!("{} {}", approval.state.word(), MoreTime::Given.word()),
        MoreTime::None | MoreTime::Possible => approval.state.word().to_owned(),
    };
    if call.shown.as_ref() == Some(&shown) {
        return None;
    }
    call.shown = Some(shown);
    Some(card(running, call, outcome::card(approval, &approval.prepared()?, state)))
}
