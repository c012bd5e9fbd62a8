//! One chunk of a model's answer, read leniently: endpoints differ in what they omit, and in their types and names.
//! Unreadable parts are skipped without losing the rest.

use serde_json::{Map, Value};

use super::piece::Piece;

/// How the answer ended, according to the endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Finish {
    Whole,
    /// At the token limit.
    Cut,
    /// A filter of the provider withheld the rest.
    Withheld,
    /// The provider failed in the middle.
    Failed,
}

/// The content of a chunk.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    pub(super) pieces: Vec<Piece>,
    /// Entries of `tool_calls`.
    pub(super) calls: Vec<Value>,
    pub(super) finish: Option<Finish>,
    /// Whether this is the whole message instead of a part.
    pub(super) is_message: bool,
    /// Whether it had any part of a chat completion.
    pub(super) is_known: bool,
    /// The tokens of the request and its answer so far, if the endpoint counts them.
    pub(super) tokens: Option<u64>,
    /// The provider's error.
    pub(super) error: Option<Value>,
    /// The delta or message, for members that only its endpoint knows.
    pub(super) members: Map<String, Value>,
}

pub(super) fn read(value: &Value) -> Chunk {
    let mut chunk = Chunk::default();
    if let Some(choice) = choice(value) {
        chunk.is_known = true;
        read_choice(choice, &mut chunk);
    }
    chunk.tokens = value.get("usage").and_then(tokens);
    let error = |value: &Value| value.get("error").filter(|error| is_something(error)).cloned();
    // A bare error object without the member `error`, as some servers stream it.
    let is_bare = value.get("choices").is_none()
        && (["object", "type"].iter().any(|member| value.get(member).is_some_and(|kind| kind == "error"))
            || value.get("detail").is_some_and(is_something));
    chunk.error = error(value).or_else(|| is_bare.then(|| value.clone())).or_else(|| choice(value).and_then(error));
    if chunk.error.is_some() {
        chunk.is_known = true;
        chunk.finish = Some(Finish::Failed);
    }
    chunk
}

/// The total, or the sum of its parts.
fn tokens(usage: &Value) -> Option<u64> {
    let of = |name: &str| usage.get(name).and_then(Value::as_u64);
    of("total_tokens").or_else(|| Some(of("prompt_tokens")? + of("completion_tokens")?))
}

fn is_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    }
}

/// The choice with index 0, at any position.
fn choice(value: &Value) -> Option<&Value> {
    match value.get("choices")? {
        Value::Array(choices) => choices.iter().filter(|choice| choice.is_object()).find(|choice| {
            let index = choice.get("index").unwrap_or(&Value::Null);
            index.is_null() || number(index) == Some(0)
        }),
        choice @ Value::Object(_) => Some(choice),
        _ => None,
    }
}

/// A whole number, which may be text.
pub(super) fn number(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        // Some endpoints write 0.0.
        value => value.as_u64().or_else(|| value.as_f64().filter(|n| *n == 0.0).map(|_| 0)),
    }
}

fn read_choice(choice: &Value, chunk: &mut Chunk) {
    chunk.finish = choice.get("finish_reason").and_then(Value::as_str).and_then(finish);
    let delta = choice.get("delta").and_then(Value::as_object).filter(|delta| !delta.is_empty());
    let message = choice.get("message").and_then(Value::as_object);
    chunk.is_message = delta.is_none() && message.is_some();
    let Some(delta) = delta.or(message) else {
        // A legacy completion.
        push(&mut chunk.pieces, Piece::Text, choice.get("text").map(text).unwrap_or_default());
        return;
    };
    let get = |name: &str| delta.get(name).unwrap_or(&Value::Null);
    // The same reasoning under several names counts once.
    let reasoning = ["reasoning_content", "reasoning", "thinking", "reasoning_details"]
        .iter()
        .map(|name| text(get(name)))
        .find(|text| !text.is_empty());
    push(&mut chunk.pieces, Piece::Reasoning, reasoning.unwrap_or_default());
    match get("content") {
        Value::Array(parts) => {
            for part in parts {
                let thinking = part.get("thinking").or_else(|| part.get("reasoning")).map(text).unwrap_or_default();
                push(&mut chunk.pieces, Piece::Reasoning, thinking);
                push(&mut chunk.pieces, Piece::Refusal, part.get("refusal").map(text).unwrap_or_default());
                let said = if part.is_string() { text(part) } else { part.get("text").map(text).unwrap_or_default() };
                push(&mut chunk.pieces, Piece::Text, said);
            }
        }
        content => push(&mut chunk.pieces, Piece::Text, text(content)),
    }
    push(&mut chunk.pieces, Piece::Refusal, text(get("refusal")));
    match get("tool_calls") {
        Value::Array(calls) => chunk.calls.extend(calls.iter().filter(|call| call.is_object()).cloned()),
        call @ Value::Object(_) => chunk.calls.push(call.clone()),
        _ => {}
    }
    // The legacy form of a tool call.
    if let function @ Value::Object(_) = get("function_call") {
        chunk.calls.push(serde_json::json!({ "function": function }));
    }
    chunk.members.clone_from(delta);
}

fn push(pieces: &mut Vec<Piece>, kind: fn(String) -> Piece, text: String) {
    if !text.is_empty() {
        pieces.push(kind(text));
    }
}

/// The text of a value: of a string, a number, an object with text, or a list of these.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(parts) => parts.iter().map(text).collect(),
        Value::Object(members) => ["text", "content", "summary"]
            .iter()
            .find_map(|name| members.get(*name).map(text).filter(|text| !text.is_empty()))
            .unwrap_or_default(),
        Value::Null | Value::Bool(_) => String::new(),
    }
}

/// `None` if the answer continues.
fn finish(reason: &str) -> Option<Finish> {
    let reason = reason.trim().to_ascii_lowercase().replace('-', "_");
    Some(match reason.as_str() {
        "" | "null" | "none" => return None,
        "length"
        | "max_tokens"
        | "max_output_tokens"
        | "model_length"
        | "max_length"
        | "context_length"
        | "context_length_exceeded"
        | "model_context_window_exceeded" => Finish::Cut,
        "content_filter"
        | "content_filtered"
        | "safety"
        | "recitation"
        | "prohibited_content"
        | "blocklist"
        | "spii"
        | "refusal"
        | "sensitive"
        | "guardrail_intervened" => Finish::Withheld,
        "error" | "abort" | "aborted" | "cancelled" | "canceled" | "network_error" | "insufficient_system_resource" => {
            Finish::Failed
        }
        _ => Finish::Whole,
    })
}
