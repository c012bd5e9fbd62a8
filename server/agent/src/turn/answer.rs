//! The answer of a tool call: stored for the model, and shown on the page with the call's card.

use serde_json::Value;
use shared::chat::{Card, CardBody, Kind};

use super::running::{Running, Stopped};
use crate::store::{self, call::Call, state::CallState};

/// The end of a call, for the page and for the model.
pub(super) struct Answered {
    pub(super) ok: bool,
    /// A summary in one line, for people.
    pub(super) summary: String,
    /// The answer for the model.
    pub(super) result: Value,
    pub(super) view: Option<shared::chat::View>,
    /// The final card of this call.
    pub(super) card: Option<CardBody>,
    pub(super) ms: i64,
}

/// Stores and shows a call's answer.
pub(super) async fn answer(running: &mut Running<'_>, call: &mut Call, ended: Answered) -> Result<(), Stopped> {
    call.state = CallState::Answered;
    call.answer = Some(ended.result.to_string());
    let mut kinds = Vec::new();
    if let Some(body) = ended.card {
        kinds.push(card(running, call, body));
    }
    let (summary, output, ms) = (ended.summary, shown(&ended.result), ended.ms);
    let state = if ended.ok {
        shared::chat::CallState::Done { summary, output, ms, view: ended.view }
    } else {
        shared::chat::CallState::Failed { summary, output, ms }
    };
    kinds.push(line(call, state));
    store_and_say(running, call, kinds).await
}

pub(super) async fn store_and_say(running: &mut Running<'_>, call: &Call, kinds: Vec<Kind>) -> Result<(), Stopped> {
    let mut db = running.begin().await?;
    store::call::save(&mut db, call).await?;
    running.say(db, kinds).await
}

/// The line of a call.
pub(super) fn line(call: &Call, state: shared::chat::CallState) -> Kind {
    Kind::Call(shared::chat::Call {
        turn: call.turn.clone(),
        call: call.id.clone(),
        tool: call.tool.clone(),
        input: indented(&call.arguments),
        state,
    })
}

fn indented(json: &str) -> String {
    serde_json::from_str::<Value>(json)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_else(|_| json.to_owned())
}

pub(super) fn card(running: &Running<'_>, call: &Call, body: CardBody) -> Kind {
    Kind::Card(Card { turn: running.turn.id.clone(), call: call.id.clone(), body })
}

/// The model's answer for people who expand the call: indented and truncated.
fn shown(result: &Value) -> String {
    let mut text = serde_json::to_string_pretty(result.get("data").unwrap_or(result)).unwrap_or_default();
    if text.len() > 20_000 {
        text.truncate((0..=20_000).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0));
        text.push('…');
    }
    text
}
