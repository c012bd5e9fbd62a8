//! An order of a turn, step by step (PROTOCOL.md): asked for, waited for, placed. Every step is stored before the next
//! is tried, and may be done again.

use foundation::{ExposeSecret, SecretString, crash, secret};
use shared::chat::{ASKED_BEFORE, Approval, ApprovalState, CardBody};

use super::{
    denied::{self, Earlier},
    outcome::{self, Outcome},
    running::{Running, Stopped},
    tool,
};
use crate::{
    approval::{self, ApprovalError, Placed, Polled},
    store,
    store::call::Call,
    tools::Prepared,
};

/// How many approvals one message may ask for.
const MOST: usize = 4;

/// How long a request that can't reach the identity service is tried, in milliseconds.
const PATIENCE: i64 = 120_000;

/// An approval can be used until so long after it ran out, in milliseconds: ten minutes, and what clocks differ.
const USABLE: i64 = 660_000;

/// Step 1: the call, its key and its notification token are stored, before anybody is asked.
pub(super) async fn prepare(running: &mut Running<'_>, call: &mut Call, mut prepared: Prepared) -> Result<(), Stopped> {
    let calls = store::call::of_turn(running.agent.db.pool(), &running.turn.id).await?;
    let asked: Vec<(Prepared, Option<String>)> = calls
        .iter()
        .filter(|other| other.id != call.id)
        .filter_map(|other| Some((parse(other)?, other.outcome.clone())))
        .collect();
    let same = asked.iter().find(|(other, _)| other.what() == prepared.what());
    if let Some((_, outcome)) = same {
        let message = match outcome.as_deref() {
            Some("placed") => "This was placed already in answer to this message. Don't ask for it again.",
            None => "This was asked for already, and waits for the person.",
            Some(_) => {
                "The person was asked for this already, and it was not approved. Don't ask again unless they write \
                 that they want it."
            }
        };
        return refuse(running, call, message).await;
    }
    if asked.len() >= MOST {
        return refuse(running, call, "Too many approvals for one message. Let the person write what comes next.")
            .await;
    }
    match denied::earlier(running, &prepared).await? {
        Earlier::Nothing => {}
        Earlier::Named(said) => prepared.facts.insert(0, (ASKED_BEFORE.into(), said.into())),
        Earlier::Unnamed(said) => return not_again(running, call, &prepared, said).await,
    }
    let token = secret::token();
    call.state = "prepared".into();
    call.prepared = Some(serde_json::to_string(&prepared)?);
    call.key = Some(secret::token());
    call.code = Some(secret::binding_code());
    call.ping_hash = Some(secret::hash(&token));
    call.ping_token = Some(running.agent.sealer.seal(&ping_place(call), &token));
    call.asked_at = Some(running.agent.clock.now());
    call.due_at = 0;
    show(running, call, ApprovalState::Asking).await?;
    crash::point("agent:1");
    request(running, call, &prepared).await
}

/// Takes the next step, if it is time.
pub(super) async fn go_on(running: &mut Running<'_>, call: &mut Call) -> Result<(), Stopped> {
    let Some(prepared) = parse(call) else {
        return outcome::end(running, call, None, Outcome::Refused("What was asked for can't be read.".into())).await;
    };
    let withdraw = call.withdraw != 0 || running.turn.cancel != 0;
    if call.poked == 0 && !withdraw && call.due_at > running.agent.clock.now() {
        return Ok(());
    }
    store::call::look(running.agent.db.pool(), &call.id).await?;
    if call.state == "prepared" {
        request(running, call, &prepared).await
    } else {
        check(running, call, &prepared).await
    }
}

/// Steps 2 and 3: the identity service is asked, under the same key as often as it takes, and its answer stored.
async fn request(running: &mut Running<'_>, call: &mut Call, prepared: &Prepared) -> Result<(), Stopped> {
    let agent = running.agent;
    let (Some(key), Some(code), Some(token)) =
        (&call.key, &call.code, open(running, &ping_place(call), &call.ping_token))
    else {
        return outcome::end(running, call, Some(prepared), unreadable()).await;
    };
    let caller = tool::caller(running).await?;
    match approval::request(agent, &caller, prepared, key, token.expose_secret(), code).await {
        Ok(requested) => {
            crash::point("agent:2");
            call.state = "requested".into();
            call.auth_req_id = Some(agent.sealer.seal(&request_place(call), requested.auth_req_id.expose_secret()));
            call.txn = Some(requested.txn);
            call.page = Some(requested.page);
            call.expires_at = Some(requested.expires_at);
            call.interval_ms = Some(requested.interval_ms.max(1_000));
            call.due_at = agent.clock.now() + requested.interval_ms.max(1_000);
            show(running, call, ApprovalState::Waiting).await?;
            crash::point("agent:3");
            Ok(())
        }
        Err(ApprovalError::Retry(message)) => {
            let now = agent.clock.now();
            if now - call.asked_at.unwrap_or(now) > PATIENCE {
                return outcome::end(running, call, Some(prepared), Outcome::Refused(message)).await;
            }
            again(running, call, 2_000).await
        }
        Err(ApprovalError::Final(message)) => {
            outcome::end(running, call, Some(prepared), Outcome::Refused(message)).await
        }
    }
}

/// Steps 6 to 10: what was decided is asked for, and done.
async fn check(running: &mut Running<'_>, call: &mut Call, prepared: &Prepared) -> Result<(), Stopped> {
    let agent = running.agent;
    let Some(request) = open(running, &request_place(call), &call.auth_req_id) else {
        return outcome::end(running, call, Some(prepared), unreadable()).await;
    };
    let caller = tool::caller(running).await?;
    if (call.withdraw != 0 || running.turn.cancel != 0) && call.state == "requested" {
        match approval::withdraw(agent, &caller, &request).await {
            // What it is by now, the poll says.
            Ok(_) | Err(ApprovalError::Final(_)) => {}
            Err(ApprovalError::Retry(_)) => return again(running, call, 2_000).await,
        }
    }
    let interval = call.interval_ms.unwrap_or(5_000);
    let now = agent.clock.now();
    match approval::poll(agent, &caller, &request).await {
        Ok(Polled::Pending) => {
            // When its time is up, look at once.
            let left = call.expires_at.unwrap_or(i64::MAX).saturating_sub(now);
            let pause = if left > 0 { interval.min(left + 50) } else { interval };
            again(running, call, pause).await
        }
        Ok(Polled::SlowDown(ms)) => {
            call.interval_ms = Some(interval.max(ms));
            again(running, call, ms).await
        }
        Ok(Polled::Approved(token)) => {
            crash::point("agent:4");
            if call.state == "requested" {
                call.state = "approved".into();
                show(running, call, ApprovalState::Approved).await?;
            }
            let txn = call.txn.clone().unwrap_or_default();
            match approval::place(agent, &caller, &token, &txn, &prepared.detail).await {
                Ok(Placed::Order(order)) => outcome::end(running, call, Some(prepared), Outcome::Placed(order)).await,
                // It has asked the broker already.
                Ok(Placed::Refused(reason)) => {
                    outcome::end(running, call, Some(prepared), Outcome::Refused(reason)).await
                }
                Err(ApprovalError::Final(reason)) => {
                    not_placed(running, call, prepared, Outcome::Refused(reason)).await
                }
                Err(ApprovalError::Retry(_)) => again(running, call, 2_000).await,
            }
        }
        Ok(Polled::Denied) => outcome::end(running, call, Some(prepared), Outcome::Denied).await,
        Ok(Polled::Withdrawn) => outcome::end(running, call, Some(prepared), Outcome::Withdrawn).await,
        Ok(Polled::Expired) => not_placed(running, call, prepared, Outcome::Expired).await,
        Ok(Polled::Gone) => not_placed(running, call, prepared, gone(call)).await,
        Err(ApprovalError::Final(reason)) => not_placed(running, call, prepared, Outcome::Refused(reason)).await,
        Err(ApprovalError::Retry(_)) => {
            // Longer than the approval could be used, there is no hurry.
            let over = call.expires_at.is_some_and(|at| now > at + USABLE);
            again(running, call, if over { 60_000 } else { 2_000.max(interval) }).await
        }
    }
}

/// Before "not placed" is said, the broker is asked whether it has the order after all (step 10).
async fn not_placed(
    running: &mut Running<'_>,
    call: &mut Call,
    prepared: &Prepared,
    outcome: Outcome,
) -> Result<(), Stopped> {
    let caller = tool::caller(running).await?;
    let txn = call.txn.clone().unwrap_or_default();
    match approval::find_order(running.agent, &caller, &txn).await {
        Ok(Some(order)) => outcome::end(running, call, Some(prepared), Outcome::Placed(order)).await,
        Ok(None) => outcome::end(running, call, Some(prepared), outcome).await,
        // Once it was approved an order may have left whose answer was lost; an account that was disconnected since
        // can't be asked. Before that nothing could be placed.
        Err(ApprovalError::Final(_)) if call.state == "approved" => {
            outcome::end(running, call, Some(prepared), Outcome::Unknown).await
        }
        Err(ApprovalError::Final(_)) => outcome::end(running, call, Some(prepared), outcome).await,
        Err(ApprovalError::Retry(_)) => again(running, call, 5_000).await,
    }
}

/// The identity service no longer knows the request.
fn gone(call: &Call) -> Outcome {
    if call.state == "approved" {
        Outcome::Refused(
            "It was approved, but could not be placed before the approval ran out. Nothing was placed; ask again."
                .into(),
        )
    } else {
        Outcome::Expired
    }
}

fn unreadable() -> Outcome {
    Outcome::Refused("What was kept of this request can't be read any more, so it was given up.".into())
}

/// The same step again, later.
async fn again(running: &mut Running<'_>, call: &mut Call, pause: i64) -> Result<(), Stopped> {
    call.due_at = running.agent.clock.now() + pause.max(100);
    tool::store_and_say(running, call, Vec::new()).await
}

async fn refuse(running: &mut Running<'_>, call: &mut Call, message: &str) -> Result<(), Stopped> {
    let told = serde_json::json!({ "status": "refused", "message": message });
    let summary = "Not asked again".to_owned();
    tool::answer(running, call, tool::Answered { ok: false, summary, told, view: None, card: None, ms: 0 }).await
}

/// The person said no to it, and their message doesn't name it: they aren't asked, and the model is told why.
async fn not_again(running: &mut Running<'_>, call: &mut Call, prepared: &Prepared, said: &str) -> Result<(), Stopped> {
    let message = format!(
        "The person was asked for this before and did not approve it ({said}). What they wrote now doesn't name it, \
         so they were not asked again. Only where they name it in a message of their own will they be: tell them so, \
         and don't ask for it otherwise."
    );
    let told = serde_json::json!({ "status": "not_asked", "message": message, "request": prepared.title });
    let summary = format!("Not asked again. {said} before");
    tool::answer(running, call, tool::Answered { ok: false, summary, told, view: None, card: None, ms: 0 }).await
}

fn parse(call: &Call) -> Option<Prepared> {
    serde_json::from_str(call.prepared.as_deref()?).ok()
}

/// Stores the call, and shows its card in a new state.
async fn show(running: &mut Running<'_>, call: &Call, state: ApprovalState) -> Result<(), Stopped> {
    let Some(prepared) = parse(call) else { return Ok(()) };
    let kinds = vec![tool::card(running, call, body(call, &prepared, state))];
    tool::store_and_say(running, call, kinds).await
}

/// The card of an order.
pub(super) fn body(call: &Call, prepared: &Prepared, state: ApprovalState) -> CardBody {
    let accepted = call.expires_at.is_some();
    CardBody::Approval(Approval {
        title: prepared.title.clone(),
        facts: prepared.facts.clone(),
        code: if accepted { call.code.clone().unwrap_or_default() } else { String::new() },
        page: call.page.clone().unwrap_or_default(),
        asked_at: call.asked_at.unwrap_or_default(),
        expires_at: call.expires_at.unwrap_or_default(),
        state,
    })
}

fn open(running: &Running<'_>, place: &str, sealed: &Option<String>) -> Option<SecretString> {
    running.agent.sealer.open(place, sealed.as_deref()?).ok().map(SecretString::from)
}

fn ping_place(call: &Call) -> String {
    format!("call.ping_token:{}", call.id)
}

fn request_place(call: &Call) -> String {
    format!("call.auth_req_id:{}", call.id)
}
