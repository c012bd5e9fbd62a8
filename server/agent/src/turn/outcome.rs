//! What became of an order that was asked for, said to the person by its card and to the model in words.

use foundation::crash;
use serde_json::{Value, json};
use shared::{
    broker::{Order, Status},
    chat::ApprovalState,
};

use super::{
    order,
    running::{Running, Stopped},
    tool,
};
use crate::{
    store::call::Call,
    tools::{self, Prepared},
};

pub(super) enum Outcome {
    /// The broker has the order.
    Placed(Order),
    /// It was not placed, and why, for people.
    Refused(String),
    /// It was approved, perhaps placed, and the broker can't be asked.
    Unknown,
    Denied,
    Expired,
    Withdrawn,
}

/// Stores what became of it; the turn goes on with that.
pub(super) async fn end(
    running: &mut Running<'_>,
    call: &mut Call,
    prepared: Option<&Prepared>,
    outcome: Outcome,
) -> Result<(), Stopped> {
    let (word, state, summary, mut told) = words(&outcome);
    if let Some(prepared) = prepared {
        // Another may wait in the same thread: the model can say which it was, as the card and the approval page do.
        told["request"] = prepared.title.as_str().into();
        told["code"] = call.expires_at.and(call.code.as_deref()).into();
    }
    call.outcome = Some(word.into());
    call.ended_at = Some(running.agent.clock.now());
    let ms = running.agent.clock.now() - call.asked_at.unwrap_or_else(|| running.agent.clock.now());
    let card = prepared.map(|prepared| order::body(call, prepared, state));
    // The order stands on the card: a view of it beside would say it twice.
    let ok = !matches!(word, "refused" | "unknown");
    tool::answer(running, call, tool::Answered { ok, summary, told, view: None, card, ms }).await?;
    crash::point("agent:8");
    Ok(())
}

fn words(outcome: &Outcome) -> (&'static str, ApprovalState, String, Value) {
    let told = |status: &str, message: &str| json!({ "status": status, "message": message });
    match outcome {
        Outcome::Placed(order) if order.status == Status::Rejected => {
            let reason = order.reason.clone().unwrap_or_else(|| "the broker gave no reason".into());
            let mut told = told(
                "rejected",
                "The person approved it, and the broker rejected the order. Nothing was bought or sold.",
            );
            told["data"] = tools::placed(order).output;
            let state = ApprovalState::Refused { reason: reason.clone() };
            ("refused", state, format!("Rejected: {reason}"), told)
        }
        Outcome::Placed(order) => {
            let answer = tools::placed(order);
            let mut told = told("placed", "The person approved it, and it was placed, once.");
            told["data"] = answer.output;
            ("placed", ApprovalState::Placed { order: order.clone() }, answer.summary, told)
        }
        Outcome::Refused(reason) => {
            let state = ApprovalState::Refused { reason: reason.clone() };
            ("refused", state, reason.clone(), told("refused", &format!("Nothing was placed. {reason}")))
        }
        Outcome::Unknown => {
            let reason = "It was approved, but the broker can't be asked any more whether the order was placed. Look at \
                          your orders there before you ask again.";
            let message = format!("It isn't known whether it was placed. {reason}");
            ("unknown", ApprovalState::Unknown { reason: reason.into() }, reason.into(), told("unknown", &message))
        }
        Outcome::Denied => (
            "denied",
            ApprovalState::Denied,
            "You denied it. Nothing was placed.".into(),
            told(
                "denied",
                "The person denied it. Nothing was placed. Don't ask for it again unless the person names it in a new \
                 message: nothing would be asked.",
            ),
        ),
        Outcome::Expired => (
            "expired",
            ApprovalState::Expired,
            "The time for approving it ran out. Nothing was placed.".into(),
            told(
                "expired",
                "Nobody decided in time. Nothing was placed. Don't ask for it again unless the person names it in \
                 a new message: nothing would be asked.",
            ),
        ),
        Outcome::Withdrawn => (
            "withdrawn",
            ApprovalState::Withdrawn,
            "You withdrew it. Nothing was placed.".into(),
            told(
                "withdrawn",
                "The person withdrew it in the chat. Nothing was placed. Don't ask for it again unless the person \
                 names it in a new message: nothing would be asked.",
            ),
        ),
    }
}
