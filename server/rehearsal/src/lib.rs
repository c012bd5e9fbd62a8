//! The rehearsal model: `/rehearsal/v1/chat/completions`, an endpoint like that of any model. It recognises what people
//! ask in this demo, and answers deterministically with real, streamed tool calls. As `rehearsal-adversarial`, it obeys
//! every instruction in a tool's result.

mod adversary;
mod amount;
mod answer;
mod clause;
mod completion;
mod context;
mod conversation;
mod german;
mod intent;
mod order;
mod ordering;
mod phrase;
mod phrasings;
mod second;
#[cfg(test)]
mod sentences;
mod slot;
mod speech;
mod told;
mod tool;
mod understand;
mod words;

use std::sync::Arc;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use foundation::{ExposeSecret, SecretString, bearer::bearer, clock::Clock, lang, secret};
use serde_json::json;

use conversation::{Plan, Request, results};
pub use slot::Slot;
pub use tool::Tool;

/// The endpoint's state: its key, the configured tools, and the clock.
#[derive(Clone)]
struct Model {
    key: SecretString,
    tools: Arc<[Tool]>,
    clock: Clock,
}

/// The endpoint, protected by this key. The model recognises these configured tools by their phrases.
pub fn routes(key: SecretString, tools: Vec<Tool>, clock: Clock) -> Router {
    Router::new()
        .route("/rehearsal/v1/chat/completions", post(completions))
        .layer(DefaultBodyLimit::max(1 << 20))
        .with_state(Model { key, tools: tools.into(), clock })
}

async fn completions(State(model): State<Model>, headers: HeaderMap, body: Bytes) -> Response {
    if !bearer(&headers).is_ok_and(|given| secret::equal(given.token(), model.key.expose_secret())) {
        let error =
            json!({ "error": { "message": "This model answers Mandate alone.", "type": "invalid_request_error" } });
        return (StatusCode::UNAUTHORIZED, Json(error)).into_response();
    }
    let Ok(request) = foundation::json::read::<Request>(&body) else {
        let error = json!({ "error": { "message": "This is no request for a chat completion.", "type": "invalid_request_error" } });
        return (StatusCode::BAD_REQUEST, Json(error)).into_response();
    };
    let lang = speech::of(&request);
    let mut plan = lang::within(lang, || next(&request, &model));
    if request.tools.is_empty() && !plan.calls.is_empty() {
        let name = told::name(&request.messages);
        plan = Plan::say(lang::within(lang, || answer::nothing_to_call(name.as_deref())));
    }
    // Makes ids unique within a conversation, since they come back with the results.
    let round = request.messages.len();
    if request.stream {
        completion::streamed(&request.model, plan, round)
    } else {
        completion::whole(&request.model, &plan, round)
    }
}

/// The next step in this conversation.
fn next(request: &Request, model: &Model) -> Plan {
    let Some(at) = request.messages.iter().rposition(|message| message.role == "user") else {
        return Plan::say(answer::help());
    };
    let text = request.messages[at].content.as_deref().unwrap_or_default();
    let before = &request.messages[..at];
    let found = results(&request.messages[at + 1..]);
    if request.model.ends_with("adversarial")
        && let Some(plan) = adversary::obey(&found)
    {
        return plan;
    }
    let today = jiff::Timestamp::from_millisecond(model.clock.now()).unwrap_or_default();
    let today = today.to_zoned(jiff::tz::TimeZone::UTC).date();
    if found.is_empty()
        && let Some((name, arguments)) = tool::asked(text, &model.tools, today)
    {
        return Plan::call(name, arguments);
    }
    let asked = understand::asked(text, before);
    if found.is_empty() { answer::begin_all(&asked, before) } else { answer::go_on(&asked.intents, &found) }
}
