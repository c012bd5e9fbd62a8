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
    kinds.push(Kind::Returned {
        turn: running.turn.id.clone(),
        call: call.id.clone(),
        ok: ended.ok,
        summary: ended.summary,
        output: shown(&ended.result),
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

/// The model's answer for people who expand the call: indented and truncated.
fn shown(result: &Value) -> String {
    let mut text = serde_json::to_string_pretty(result.get("data").unwrap_or(result)).unwrap_or_default();
    if text.len() > 20_000 {
        text.truncate((0..=20_000).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0));
        text.push('…');
    }
    text
}
