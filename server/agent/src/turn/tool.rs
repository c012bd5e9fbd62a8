//! A tool call of a turn: made, answered, or interrupted until the person has logged in or connected an account.

use std::time::Instant;

use serde_json::{Value, json};
use shared::chat::{Card, CardBody, ConnectState, Kind};

use super::{
    order,
    running::{Running, Stopped},
};
use crate::{
    store,
    store::call::Call,
    thread::owner as thread,
    tools::{self, Answer, Caller, Stop, scope},
};

/// How a call ended, for the page and for the model.
pub(super) struct Answered {
    pub(super) ok: bool,
    /// One line for people.
    pub(super) summary: String,
    /// What the model is told.
    pub(super) told: Value,
    pub(super) view: Option<shared::chat::View>,
    /// The card of this call, as it stays.
    pub(super) card: Option<CardBody>,
    pub(super) ms: i64,
}

/// Calls the tool, where nothing stands against it (any more).
pub(super) async fn go_on(running: &mut Running<'_>, call: &mut Call) -> Result<(), Stopped> {
    if running.turn.cancel != 0 {
        let card = match call.state.as_str() {
            "login" => Some(login_card(running, true)),
            "connect" => Some(connect_card(running, &scopes(call), ConnectState::Given)),
            _ => None,
        };
        let told = json!({ "status": "cancelled", "message": "The person stopped this." });
        return answer(running, call, Answered { ok: false, summary: "Stopped".into(), told, view: None, card, ms: 0 })
            .await;
    }
    if call.state == "login" && running.turn.person.is_none() {
        // Their thread became a person's: they logged in for it.
        if !adopt(running).await? {
            return Ok(());
        }
    } else if call.state != "called" && call.poked == 0 {
        return Ok(());
    }
    store::call::look(running.agent.db.pool(), &call.id).await?;
    let started = Instant::now();
    let caller = caller(running).await?;
    let called = tools::call(running.agent, &caller, &call.tool, &call.arguments);
    let mut result = tokio::select! {
        () = running.stop.cancelled(), if running.turn.cancel == 0 => return Ok(()),
        result = called => result,
    };
    if matches!(result, Err(Stop::Login)) && running.turn.person.is_none() && adopt(running).await? {
        let caller = self::caller(running).await?;
        result = tools::call(running.agent, &caller, &call.tool, &call.arguments).await;
    }
    let ms = i64::try_from(started.elapsed().as_millis()).unwrap_or(i64::MAX);
    match result {
        Ok(found) => answered(running, call, found, ms).await,
        Err(Stop::Login) => interrupt(running, call, "login", None).await,
        Err(Stop::Connect { scopes }) => interrupt(running, call, "connect", Some(scopes)).await,
        Err(Stop::Approval(prepared)) => order::prepare(running, call, *prepared).await,
        Err(Stop::Failed { message }) => failed(running, call, "failed", message, ms).await,
        Err(Stop::Unavailable { message }) => failed(running, call, "unavailable", message, ms).await,
    }
}

async fn answered(running: &mut Running<'_>, call: &mut Call, found: Answer, ms: i64) -> Result<(), Stopped> {
    let card = done_card(running, call);
    // What a tool found is data, and stays marked as such.
    let told = json!({ "status": "ok", "data": found.output });
    answer(running, call, Answered { ok: true, summary: found.summary, told, view: found.view, card, ms }).await
}

async fn failed(
    running: &mut Running<'_>,
    call: &mut Call,
    status: &str,
    message: String,
    ms: i64,
) -> Result<(), Stopped> {
    let card = done_card(running, call);
    let told = json!({ "status": status, "message": message });
    answer(running, call, Answered { ok: false, summary: message, told, view: None, card, ms }).await
}

/// What the call waited for is over.
fn done_card(running: &Running<'_>, call: &Call) -> Option<CardBody> {
    match call.state.as_str() {
        "login" => Some(login_card(running, true)),
        "connect" => Some(connect_card(running, &scopes(call), ConnectState::Done)),
        _ => None,
    }
}

/// Stores a call's answer, and says it.
pub(super) async fn answer(running: &mut Running<'_>, call: &mut Call, ended: Answered) -> Result<(), Stopped> {
    call.state = "answered".into();
    call.answer = Some(ended.told.to_string());
    let mut kinds = Vec::new();
    if let Some(body) = ended.card {
        kinds.push(card(running, call, body));
    }
    kinds.push(Kind::Returned {
        turn: running.turn.id.clone(),
        call: call.id.clone(),
        ok: ended.ok,
        summary: ended.summary,
        output: shown(&ended.told),
        ms: ended.ms,
        view: ended.view,
    });
    store_and_say(running, call, kinds).await
}

pub(super) async fn store_and_say(running: &mut Running<'_>, call: &Call, kinds: Vec<Kind>) -> Result<(), Stopped> {
    let mut db = running.begin().await?;
    store::call::save(&mut db, call).await?;
    running.say(db, kinds).await
}

pub(super) fn card(running: &Running<'_>, call: &Call, body: CardBody) -> Kind {
    Kind::Card(Card { turn: running.turn.id.clone(), call: call.id.clone(), body })
}

/// The tool has to wait for the person; said once.
async fn interrupt(
    running: &mut Running<'_>,
    call: &mut Call,
    state: &str,
    lacking: Option<Vec<String>>,
) -> Result<(), Stopped> {
    let scopes_before = call.scopes.clone();
    call.scopes = lacking.as_ref().map(serde_json::to_string).transpose()?;
    if call.state == state && call.scopes == scopes_before {
        return Ok(());
    }
    call.state = state.to_owned();
    call.due_at = i64::MAX;
    let body = match lacking {
        Some(scopes) => connect_card(running, &scopes, ConnectState::Waiting),
        None => login_card(running, false),
    };
    let kinds = vec![card(running, call, body)];
    store_and_say(running, call, kinds).await
}

fn login_card(running: &Running<'_>, done: bool) -> CardBody {
    CardBody::Login { href: format!("/auth/login?{}", back(running)), done }
}

fn connect_card(running: &Running<'_>, scopes: &[String], state: ConnectState) -> CardBody {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("scopes", &scopes.join(" ")).finish();
    CardBody::Connect {
        name: running.agent.config.connection.1.clone(),
        scopes: scope::in_words(scopes),
        href: format!("/accounts/connect?{query}&{}", back(running)),
        state,
    }
}

/// The way back to this thread.
fn back(running: &Running<'_>) -> String {
    let path = format!("/t/{}", running.turn.thread);
    url::form_urlencoded::Serializer::new(String::new()).append_pair("returnTo", &path).finish()
}

fn scopes(call: &Call) -> Vec<String> {
    call.scopes.as_deref().and_then(|scopes| serde_json::from_str(scopes).ok()).unwrap_or_default()
}

/// Who the turn works for: the person that its message had.
pub(super) async fn caller(running: &Running<'_>) -> Result<Caller, Stopped> {
    let Some(id) = &running.turn.person else { return Ok(Caller::Visitor) };
    let person = store::person::load(running.agent.db.pool(), id).await?;
    Ok(person.map_or(Caller::Visitor, |person| Caller::Person {
        person: person.id,
        subject: person.subject,
        name: person.name,
        email: person.email,
    }))
}

/// A visitor's turn that stopped for a login becomes the turn of the person who logged in with its thread.
async fn adopt(running: &mut Running<'_>) -> Result<bool, Stopped> {
    let owner = store::thread::owner(running.agent.db.pool(), &running.turn.thread).await?;
    let Some(person) = owner.as_deref().and_then(thread::person_of_owner) else { return Ok(false) };
    let mut db = running.begin().await?;
    store::turn::adopt(&mut db, &running.turn.id, person).await?;
    db.commit().await?;
    running.turn.person = Some(person.to_owned());
    Ok(true)
}

/// What the model was told, for whoever opens the call: indented, and not endless.
fn shown(told: &Value) -> String {
    let mut text = serde_json::to_string_pretty(told.get("data").unwrap_or(told)).unwrap_or_default();
    if text.len() > 20_000 {
        text.truncate((0..=20_000).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0));
        text.push('…');
    }
    text
}
