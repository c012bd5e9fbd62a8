//! The answer as a chat completion: whole, or streamed word by word.

use std::{convert::Infallible, time::Duration};

use axum::{
    Json,
    response::{
        IntoResponse, Response,
        sse::{self, Sse},
    },
};
use futures::{StreamExt, stream};
use serde_json::{Value, json};

use crate::conversation::Plan;

/// Pause between two words, to look like a real model.
const PACE: Duration = Duration::from_millis(12);

pub(crate) fn streamed(model: &str, plan: Plan, round: usize) -> Response {
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

pub(crate) fn whole(model: &str, plan: &Plan, round: usize) -> Response {
    let call = |(index, (name, arguments)): (usize, &(String, Value))| {
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
