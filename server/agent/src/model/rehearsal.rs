//! The rehearsal model: `/rehearsal/v1/chat/completions`, an endpoint like any other model's, that recognises what
//! people ask in this demo and answers with real tool calls, streamed, the same each time. Named
//! `rehearsal-adversarial`, it obeys every instruction that it finds in a tool's result.

mod adversary;
mod amount;
mod answer;
mod clause;
mod intent;
mod order;
mod phrase;
mod phrasings;

use std::{convert::Infallible, time::Duration};

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{self, Sse},
    },
};
use foundation::{ExposeSecret, secret};
use futures::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::state::Agent;

/// Between two words, so that it reads like a model's answer.
const PACE: Duration = Duration::from_millis(12);

#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    #[serde(default)]
    model: String,
    messages: Vec<Told>,
    #[serde(default)]
    stream: bool,
}

/// A message as it was told.
#[derive(Debug, Deserialize)]
pub(crate) struct Told {
    role: String,
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    tool_calls: Vec<ToldCall>,
    #[serde(default)]
    tool_call_id: Option<String>,
}

#[derive(Debug, Deserialize)]
struct ToldCall {
    id: String,
    function: ToldFunction,
}

#[derive(Debug, Deserialize)]
struct ToldFunction {
    name: String,
    arguments: String,
}

/// What the model does next: it says something, calls tools, or both.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Plan {
    pub(crate) text: String,
    pub(crate) calls: Vec<(&'static str, Value)>,
}

impl Plan {
    fn say(text: impl Into<String>) -> Self {
        Self { text: text.into(), calls: Vec::new() }
    }

    fn call(name: &'static str, arguments: Value) -> Self {
        Self { text: String::new(), calls: vec![(name, arguments)] }
    }

    fn first(self, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..self }
    }
}

/// What a tool answered, with the call that it answers.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    tool: &'a str,
    arguments: Value,
    /// `ok`, `failed`, `placed`, `denied`, `waiting` …
    status: String,
    data: Value,
    message: String,
    /// What the person was asked to approve, and under which code.
    request: String,
    code: String,
}

pub(crate) async fn completions(State(agent): State<Agent>, headers: HeaderMap, body: Bytes) -> Response {
    let key = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if !key.is_some_and(|key| secret::equal(key, agent.config.model.api_key.expose_secret())) {
        let error =
            json!({ "error": { "message": "This model answers Mandate alone.", "type": "invalid_request_error" } });
        return (StatusCode::UNAUTHORIZED, Json(error)).into_response();
    }
    let Ok(request) = foundation::json::read::<Request>(&body) else {
        let error = json!({ "error": { "message": "This is no request for a chat completion.", "type": "invalid_request_error" } });
        return (StatusCode::BAD_REQUEST, Json(error)).into_response();
    };
    let plan = next(&request);
    // Ids are unique within a conversation: they come back with the results.
    let round = request.messages.len();
    if request.stream { streamed(&request.model, plan, round) } else { whole(&request.model, &plan, round) }
}

/// What comes next in this conversation.
pub(crate) fn next(request: &Request) -> Plan {
    let Some(at) = request.messages.iter().rposition(|message| message.role == "user") else {
        return Plan::say(answer::HELP);
    };
    let text = request.messages[at].content.as_deref().unwrap_or_default();
    let before = &request.messages[..at];
    let found = results(&request.messages[at + 1..]);
    if request.model.ends_with("adversarial")
        && let Some(plan) = adversary::obey(&found)
    {
        return plan;
    }
    let asked = intent::of(text, before);
    if !found.is_empty() {
        return answer::go_on(&asked, &found);
    }
    let plan = answer::begin(&asked, before);
    match intent::left_out(text, &asked) {
        parts if parts.is_empty() => plan,
        parts => {
            let separator = if plan.text.is_empty() { "" } else { "\n\n" };
            let text = format!("{}{separator}{}", plan.text, answer::left_out(&parts));
            plan.first(text)
        }
    }
}

/// What the tools answered to the calls in these messages.
fn results(messages: &[Told]) -> Vec<Found<'_>> {
    let calls: Vec<&ToldCall> = messages.iter().flat_map(|message| &message.tool_calls).collect();
    let answered = messages.iter().filter(|message| message.role == "tool").filter_map(|message| {
        let call = calls.iter().find(|call| Some(&call.id) == message.tool_call_id.as_ref())?;
        let content: Value = serde_json::from_str(message.content.as_deref()?).unwrap_or_default();
        let text = |member: &str| content[member].as_str().unwrap_or_default().to_owned();
        Some(Found {
            tool: &call.function.name,
            arguments: serde_json::from_str(&call.function.arguments).unwrap_or_default(),
            status: text("status"),
            message: text("message"),
            request: text("request"),
            code: text("code"),
            data: content.get("data").cloned().unwrap_or_default(),
        })
    });
    answered.collect()
}

fn streamed(model: &str, plan: Plan, round: usize) -> Response {
    let mut deltas = vec![json!({ "role": "assistant", "content": "" })];
    deltas.extend(plan.text.split_inclusive(' ').map(|word| json!({ "content": word })));
    let reason = if plan.calls.is_empty() { "stop" } else { "tool_calls" };
    for (index, (name, arguments)) in plan.calls.iter().enumerate() {
        let call = |function: Value| json!({ "tool_calls": [{ "index": index, "id": format!("call_{round}_{index}"), "type": "function", "function": function }] });
        deltas.push(call(json!({ "name": name, "arguments": "" })));
        deltas.push(call(json!({ "arguments": arguments.to_string() })));
    }
    let model = model.to_owned();
    let chunk = move |delta: Value, reason: Option<&str>| {
        json!({
            "id": "chatcmpl-rehearsal",
            "object": "chat.completion.chunk",
            "created": 0,
            "model": model,
            "choices": [{ "index": 0, "delta": delta, "finish_reason": reason }],
        })
        .to_string()
    };
    let mut texts: Vec<String> = deltas.into_iter().map(|delta| chunk(delta, None)).collect();
    texts.push(chunk(json!({}), Some(reason)));
    texts.push("[DONE]".into());
    let events = stream::iter(texts).then(|text| async move {
        tokio::time::sleep(PACE).await;
        Ok::<_, Infallible>(sse::Event::default().data(text))
    });
    Sse::new(events).into_response()
}

fn whole(model: &str, plan: &Plan, round: usize) -> Response {
    let call = |(index, (name, arguments)): (usize, &(&str, Value))| {
        json!({
            "id": format!("call_{round}_{index}"),
            "type": "function",
            "function": { "name": name, "arguments": arguments.to_string() },
        })
    };
    let calls: Vec<Value> = plan.calls.iter().enumerate().map(call).collect();
    let reason = if calls.is_empty() { "stop" } else { "tool_calls" };
    let mut message = json!({ "role": "assistant", "content": plan.text });
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    Json(json!({
        "id": "chatcmpl-rehearsal",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [{ "index": 0, "message": message, "finish_reason": reason }],
    }))
    .into_response()
}
