//! The outcome of an approval request: for the person on its card, and for the model in words.

use foundation::{crash, lang, tr};
use serde_json::{Value, json};
use shared::chat::{Approval as Shown, ApprovalState, CardBody, NOTHING_DONE};

use super::{
    answer::{Answered, answer},
    running::{Running, Stopped},
};
use crate::{
    approval::Outcome,
    store::{approval::Approval, call::Call},
    tools::{self, Prepared},
};

/// Stores the outcome, so that the turn can continue.
pub(super) async fn end(
    running: &mut Running<'_>,
    call: &mut Call,
    approval: &Approval,
    outcome: Outcome,
) -> Result<(), Stopped> {
    let ok = !matches!(outcome, Outcome::Rejected(_) | Outcome::Refused { .. } | Outcome::Unknown(_));
    let prepared = approval.prepared();
    let (state, summary, mut result) = words(outcome, prepared.as_ref());
    if let Some(prepared) = &prepared {
        // Several orders may wait in one thread. With title and code, the model can name this one, as card and approval
        // page do.
        result["request"] = prepared.words().title.into();
        result["code"] = approval.expires_at.map(|_| approval.code.as_str()).into();
    }
    let card = prepared.map(|prepared| card(approval, &prepared, state));
    let ms = running.agent.clock.now() - approval.asked_at;
    // The card shows the order, so no view repeats it.
    answer(running, call, Answered { ok, summary, result, view: None, card, ms }).await?;
    crash::point("agent:8");
    Ok(())
}

/// The outcome as the card's state, its summary and the model's result, in the words of the request if it can be read.
fn words(outcome: Outcome, prepared: Option<&Prepared>) -> (ApprovalState, String, Value) {
    let undone = prepared.map_or_else(|| NOTHING_DONE.to_owned(), |prepared| prepared.words().undone);
    let done = prepared.map_or("it was done", Prepared::done);
    let result = |status: &str, message: &str| json!({ "status": status, "message": message });
    let not_wanted = |status: &str, message: String| json!({ "status": status, "message": message, "undone": undone });
    let not_again = "Don't ask for it again unless the person names it in a new message: nothing would be asked.";
    match outcome {
        Outcome::Rejected(order) => {
            let reason = order.why(lang::current());
            let reason = reason.unwrap_or_else(|| tr!("the broker gave no reason", "kein Grund genannt").into());
            let mut result = result(
                "rejected",
                "The person approved it, and the broker rejected the order. Nothing was bought or sold.",
            );
            result["data"] = tools::placed(&order).output;
            (
                ApprovalState::Refused { reason: reason.clone() },
                tr!(format!("Rejected: {reason}"), format!("Zurückgewiesen: {reason}")),
                result,
            )
        }
        Outcome::Placed(order) => {
            let answer = tools::placed(&order);
            let mut result = result("placed", &format!("The person approved it, and {done}."));
            result["data"] = answer.output;
            (ApprovalState::Placed { order }, answer.summary, result)
        }
        Outcome::Done { receipt, data } => {
            let mut result = result("done", &format!("The person approved it, and {done}."));
            result["data"] = json!({ "receipt": receipt, "result": data });
            (ApprovalState::Done { receipt: receipt.clone() }, receipt, result)
        }
        Outcome::Refused { reason, .. } => {
            let result = result("refused", &format!("{undone} {reason}"));
            (ApprovalState::Refused { reason: reason.clone() }, reason, result)
        }
        Outcome::Unknown(reason) => {
            let result = result("unknown", &format!("It isn't known whether it was done. {reason}"));
            (ApprovalState::Unknown { reason: reason.clone() }, reason, result)
        }
        Outcome::Denied => (
            ApprovalState::Denied,
            tr!(format!("You denied it. {undone}"), format!("Du hast es abgelehnt. {undone}")),
            not_wanted("denied", format!("The person denied it. {undone} {not_again}")),
        ),
        Outcome::Expired => (
            ApprovalState::Expired,
            tr!(
                format!("The time for approving it ran out. {undone}"),
                format!("Die Zeit für die Freigabe ist abgelaufen. {undone}")
            ),
            not_wanted("expired", format!("Nobody decided in time. {undone} {not_again}")),
        ),
        Outcome::Withdrawn => (
            ApprovalState::Withdrawn,
            tr!(format!("You withdrew it. {undone}"), format!("Du hast es zurückgezogen. {undone}")),
            not_wanted("withdrawn", format!("The person withdrew it in the chat. {undone} {not_again}")),
        ),
    }
}

/// The card of a request.
pub(super) fn card(approval: &Approval, prepared: &Prepared, state: ApprovalState) -> CardBody {
    let accepted = approval.expires_at.is_some();
    CardBody::Approval(Shown {
        title: prepared.title.clone(),
        facts: prepared.facts.clone(),
        undone: prepared.undone.clone(),
        german: prepared.german.clone().map(Box::new),
        code: if accepted { approval.code.clone() } else { String::new() },
        page: approval.page.clone().unwrap_or_default(),
        asked_at: approval.asked_at,
        expires_at: approval.expires_at.unwrap_or_default(),
        more_time: approval.more_time,
        state,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(detail: Value, tool: Option<&str>, undone: &str) -> Prepared {
        serde_json::from_value(json!({ "detail": detail, "title": "It", "facts": [], "undone": undone, "tool": tool }))
            .expect("a request")
    }

    /// Only an order is said to be placed.
    #[test]
    fn nothing_done_is_said_in_the_words_of_the_type() {
        let message = prepared(json!({ "type": "message" }), Some("send"), "Nothing was sent.");
        let cancel = json!({ "type": "stock_order_cancellation", "order": "ord_1" });
        let cancel = prepared(cancel, None, "Nothing was cancelled.");
        let refused = Outcome::Refused { reason: "It is full.".into(), approved: true };
        for outcome in [refused, Outcome::Denied, Outcome::Expired, Outcome::Withdrawn] {
            for prepared in [&message, &cancel] {
                let (_, summary, result) = words(outcome.clone(), Some(prepared));
                assert!(result["message"].as_str().is_some_and(|said| said.contains(&prepared.undone)), "{result}");
                assert!(!format!("{summary}{result}").contains("placed"), "{outcome:?}: {summary} {result}");
            }
        }
    }

    #[test]
    fn what_was_done_is_said_in_the_words_of_the_type() {
        let order: shared::broker::Order = serde_json::from_value(json!({
            "id": "ord_1", "symbol": "WAYNE", "side": "BUY", "quantity": 5, "price": "99.85", "status": "CANCELLED",
            "createdAt": "2026-12-04T10:00:00Z", "updatedAt": "2026-12-04T10:00:00Z", "placedBy": { "who": "agent" },
        }))
        .expect("an order");
        let cancel = json!({ "type": "stock_order_cancellation", "order": "ord_1" });
        let buy = json!({ "type": "stock_order", "symbol": "WAYNE", "side": "BUY", "quantity": 5, "limit": "105.49",
                          "currency": "USD" });
        let done = Outcome::Done { receipt: "Sent".into(), data: Value::Null };
        for (outcome, prepared, says) in [
            (Outcome::Placed(order.clone()), prepared(cancel, None, ""), "the order was cancelled."),
            (Outcome::Placed(order), prepared(buy, None, ""), "it was placed, once."),
            (done, prepared(json!({ "type": "message" }), Some("send"), ""), "it was done, once."),
        ] {
            let (_, _, result) = words(outcome, Some(&prepared));
            assert_eq!(result["message"], format!("The person approved it, and {says}"));
        }
    }
}
