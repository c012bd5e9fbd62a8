//! A tool call of a turn: made, answered, or interrupted until the person has logged in or connected an account.

use std::time::Instant;

use foundation::{lang, tr};
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::chat::{CardBody, ConnectState};

use super::{
    answer::{Answered, answer, card, store_and_say},
    order,
    running::{Running, Stopped},
};
use crate::{
    broker,
    store::{self, call::Call, state::CallState},
    tools::{self, Answer, Stop, scope},
};

/// Makes the call, unless something prevents it.
pub(super) async fn go_on(running: &mut Running<'_>, call: &mut Call) -> Result<(), Stopped> {
    if running.turn.cancel != 0 {
        let card = match call.state {
            CallState::Login => Some(login_card(running, true)),
            CallState::Connect => Some(connect_card(running, &Lacking::of(call), ConnectState::Given)),
            _ => None,
        };
        let result = json!({ "status": "cancelled", "message": "The person stopped this." });
        return answer(
            running,
            call,
            Answered { ok: false, summary: tr!("Stopped", "Angehalten").into(), result, view: None, card, ms: 0 },
        )
        .await;
    }
    if call.state == CallState::Login && running.turn.person.is_none() {
        // The turn continues if a person claimed the thread by logging in.
        if !adopt(running).await? {
            return Ok(());
        }
    } else if call.state != CallState::Called && call.notified == 0 {
        return Ok(());
    }
    store::call::acknowledge(running.agent.db.pool(), &call.id).await?;
    let started = Instant::now();
    let caller = running.caller().await?;
    let called = tools::call(running.agent, &caller, &call.tool, &call.arguments);
    let mut result = tokio::select! {
        () = running.stop.cancelled(), if running.turn.cancel == 0 => return Ok(()),
        result = called => result,
    };
    if matches!(result, Err(Stop::Login)) && running.turn.person.is_none() && adopt(running).await? {
        let caller = running.caller().await?;
        result = tools::call(running.agent, &caller, &call.tool, &call.arguments).await;
    }
    let ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
    match result {
        Ok(found) => answered(running, call, found, ms).await,
        Err(Stop::Login) => interrupt(running, call, CallState::Login, None).await,
        Err(Stop::Connect { api, scopes }) => {
            interrupt(running, call, CallState::Connect, Some(Lacking { api, scopes })).await
        }
        Err(Stop::Approval(prepared)) => order::prepare(running, call, *prepared).await,
        Err(Stop::Failed { message }) => failed(running, call, "failed", message, ms).await,
        Err(Stop::Unavailable { message }) => failed(running, call, "unavailable", message, ms).await,
    }
}

async fn answered(running: &mut Running<'_>, call: &mut Call, found: Answer, ms: i64) -> Result<(), Stopped> {
    let card = done_card(running, call);
    // Marks a tool's result as data for the model.
    let result = json!({ "status": "ok", "data": found.output });
    answer(running, call, Answered { ok: true, summary: found.summary, result, view: found.view, card, ms }).await
}

async fn failed(
    running: &mut Running<'_>,
    call: &mut Call,
    status: &str,
    message: String,
    ms: i64,
) -> Result<(), Stopped> {
    let card = done_card(running, call);
    let result = json!({ "status": status, "message": message });
    answer(running, call, Answered { ok: false, summary: message, result, view: None, card, ms }).await
}

/// The final card of a login or connection that the call waited for.
fn done_card(running: &Running<'_>, call: &Call) -> Option<CardBody> {
    match call.state {
        CallState::Login => Some(login_card(running, true)),
        CallState::Connect => Some(connect_card(running, &Lacking::of(call), ConnectState::Done)),
        _ => None,
    }
}

/// Pauses until the person has acted. Shows the card once.
async fn interrupt(
    running: &mut Running<'_>,
    call: &mut Call,
    state: CallState,
    lacking: Option<Lacking>,
) -> Result<(), Stopped> {
    let scopes_before = call.scopes.clone();
    call.scopes = lacking.as_ref().map(serde_json::to_string).transpose()?;
    if call.state == state && call.scopes == scopes_before {
        return Ok(());
    }
    call.state = state;
    call.due_at = i64::MAX;
    let body = match lacking {
        Some(lacking) => connect_card(running, &lacking, ConnectState::Waiting),
        None => login_card(running, false),
    };
    let kinds = vec![card(running, call, body)];
    store_and_say(running, call, kinds).await
}

fn login_card(running: &Running<'_>, done: bool) -> CardBody {
    CardBody::Login { href: format!("/auth/login?{}", back(running)), done }
}

fn connect_card(running: &Running<'_>, Lacking { api, scopes }: &Lacking, state: ConnectState) -> CardBody {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("api", api).append_pair("scopes", &scopes.join(" "));
    let config = &running.agent.config;
    let [english, german] = lang::in_each(|| scope::in_words(config, scopes));
    CardBody::Connect {
        name: config.name_of(api).to_owned(),
        scopes: english,
        german,
        href: format!("/accounts/connect?{}&{}", query.finish(), back(running)),
        state,
    }
}

/// The address of this thread, to return to.
fn back(running: &Running<'_>) -> String {
    let path = format!("/t/{}", running.turn.thread);
    url::form_urlencoded::Serializer::new(String::new()).append_pair("returnTo", &path).finish()
}

/// The access that a call waits for, as it is stored with it.
#[derive(Default, Serialize, Deserialize)]
struct Lacking {
    api: String,
    scopes: Vec<String>,
}

impl Lacking {
    fn of(call: &Call) -> Self {
        let stored = call.scopes.as_deref().unwrap_or_default();
        // Versions with a single API stored only the scopes.
        let alone = || Self { api: broker::API.into(), scopes: serde_json::from_str(stored).unwrap_or_default() };
        serde_json::from_str(stored).unwrap_or_else(|_| alone())
    }
}

/// Assigns a visitor's turn that waits for a login to the person who logged in with its thread.
async fn adopt(running: &mut Running<'_>) -> Result<bool, Stopped> {
    let person = store::thread::person(running.agent.db.pool(), &running.turn.thread).await?;
    let Some(person) = person else { return Ok(false) };
    let mut db = running.begin().await?;
    store::turn::adopt(&mut db, &running.turn.id, &person).await?;
    db.commit().await?;
    running.turn.person = Some(person.to_owned());
    Ok(true)
}
