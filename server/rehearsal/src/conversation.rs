//! A conversation as sent in a request, and the model's next step.

use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
pub(crate) struct Request {
    #[serde(default)]
    pub(crate) model: String,
    pub(crate) messages: Vec<Message>,
    #[serde(default)]
    pub(crate) stream: bool,
    /// The tools that the model may call.
    #[serde(default)]
    pub(crate) tools: Vec<Value>,
}

/// A message of the request.
#[derive(Debug, Deserialize)]
pub(crate) struct Message {
    pub(crate) role: String,
    #[serde(default)]
    pub(crate) content: Option<String>,
    #[serde(default)]
    pub(crate) tool_calls: Vec<ToolCall>,
    #[serde(default)]
    pub(crate) tool_call_id: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct ToolCall {
    pub(crate) id: String,
    pub(crate) function: Function,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) arguments: String,
}

/// The model's next step: text, tool calls, or both.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Plan {
    pub(crate) text: String,
    pub(crate) calls: Vec<(String, Value)>,
}

impl Plan {
    pub(crate) fn say(text: impl Into<String>) -> Self {
        Self { text: text.into(), calls: Vec::new() }
    }

    pub(crate) fn call(name: impl Into<String>, arguments: Value) -> Self {
        Self { text: String::new(), calls: vec![(name.into(), arguments)] }
    }

    pub(crate) fn first(self, text: impl Into<String>) -> Self {
        Self { text: text.into(), ..self }
    }
}

/// A tool's result, with the call that it answers.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    pub(crate) tool: &'a str,
    pub(crate) arguments: Value,
    /// `ok`, `failed`, `placed`, `denied`, `waiting` …
    pub(crate) status: String,
    pub(crate) data: Value,
    pub(crate) message: String,
    /// The request that the person was asked to approve, and its binding code.
    pub(crate) request: String,
    pub(crate) code: String,
    /// The sentence for a request that had no effect.
    pub(crate) undone: String,
}

/// The tools' results for the calls in these messages.
pub(crate) fn results(messages: &[Message]) -> Vec<Found<'_>> {
    let calls: Vec<&ToolCall> = messages.iter().flat_map(|message| &message.tool_calls).collect();
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
            undone: text("undone"),
            data: content.get("data").cloned().unwrap_or_default(),
        })
    });
    answered.collect()
}
