//! The outcome of an order: for the person on its card, and for the model in words.

use foundation::crash;
use serde_json::{Value, json};
use shared::chat::{Approval as Shown, ApprovalState, CardBody};

use super::{
    answer::{Answered, answer},
    running::{Running, Stopped},
};
use crate::{
    approval::Outcome,
    store::{approval::Approval, call::Call},
    tools::{self, Prepared},
};

/// Stores the outcome, with which the turn continues.
pub(super) async fn end(
    running: &mut Running<'_>,
    call: &mut Call,
    approval: &Approval,
    outcome: Outcome,
) -> Result<(), Stopped> {
    let ok = !matches!(outcome, Outcome::Rejected(_) | Outcome::Refused { .. } | Outcome::Unknown(_));
    let (state, summary, mut result) = words(outcome);
    let prepared = approval.prepared();
    if let Some(prepared) = &prepared {
        // Several orders may wait in one thread. With title and code, the model can name this one, as card and approval
        // page do.
        result["request"] = prepared.title.as_str().into();
        result["code"] = approval.expires_at.map(|_| approval.code.as_str()).into();
    }
    let card = prepared.map(|prepared| card(approval, &prepared, state));
    let ms = running.agent.clock.now() - approval.asked_at;
    // The card shows the order, so no view repeats it.
    answer(running, call, Answered { ok, summary, result, view: None, card, ms }).await?;
    crash::point("agent:8");
    Ok(())
}

fn words(outcome: Outcome) -> (ApprovalState, String, Value) {
    let result = |status: &str, message: &str| json!({ "status": status, "message": message });
    match outcome {
        Outcome::Rejected(order) => {
            let reason = order.reason.clone().unwrap_or_else(|| "the broker gave no reason".into());
            let mut result = result(
                "rejected",
                "The person approved it, and the broker rejected the order. Nothing was bought or sold.",
            );
            result["data"] = tools::placed(&order).output;
            (ApprovalState::Refused { reason: reason.clone() }, format!("Rejected: {reason}"), result)
        }
        Outcome::Placed(order) => {
            let answer = tools::placed(&order);
            let mut result = result("placed", "The person approved it, and it was placed, once.");
            result["data"] = answer.output;
            (ApprovalState::Placed { order }, answer.summary, result)
        }
        Outcome::Done { receipt, data } => {
            let mut result = result("done", "The person approved it, and it was done, once.");
            result["data"] = json!({ "receipt": receipt, "result": data });
            (ApprovalState::Done { receipt: receipt.clone() }, receipt, result)
        }
        Outcome::Refused { reason, .. } => {
            let result = result("refused", &format!("Nothing was placed. {reason}"));
            (ApprovalState::Refused { reason: reason.clone() }, reason, result)
        }
        Outcome::Unknown(reason) => {
            let result = result("unknown", &format!("It isn't known whether it was placed. {reason}"));
            (ApprovalState::Unknown { reason: reason.clone() }, reason, result)
        }
        Outcome::Denied => (
            ApprovalState::Denied,
            "You denied it. Nothing was placed.".into(),
            result(
                "denied",
                "The person denied it. Nothing was placed. Don't ask for it again unless the person names it in a new \
                 message: nothing would be asked.",
            ),
        ),
        Outcome::Expired => (
            ApprovalState::Expired,
            "The time for approving it ran out. Nothing was placed.".into(),
            result(
                "expired",
                "Nobody decided in time. Nothing was placed. Don't ask for it again unless the person names it in \
                 a new message: nothing would be asked.",
            ),
        ),
        Outcome::Withdrawn => (
            ApprovalState::Withdrawn,
            "You withdrew it. Nothing was placed.".into(),
            result(
                "withdrawn",
                "The person withdrew it in the chat. Nothing was placed. Don't ask for it again unless the person \
                 names it in a new message: nothing would be asked.",
            ),
        ),
    }
}

/// The card of an order.
pub(super) fn card(approval: &Approval, prepared: &Prepared, state: ApprovalState) -> CardBody {
    let accepted = approval.expires_at.is_some();
    CardBody::Approval(Shown {
        title: prepared.title.clone(),
        facts: prepared.facts.clone(),
        code: if accepted { approval.code.clone() } else { String::new() },
        page: approval.page.clone().unwrap_or_default(),
        asked_at: approval.asked_at,
        expires_at: approval.expires_at.unwrap_or_default(),
        state,
    })
}
