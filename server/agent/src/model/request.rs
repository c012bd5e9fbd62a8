//! The request to the model: messages and tools in OpenAI's form, with the members that its endpoint expects back.

use std::collections::HashMap;

use async_openai::types::chat::{
    ChatCompletionMessageToolCall, ChatCompletionMessageToolCalls, ChatCompletionRequestAssistantMessage,
    ChatCompletionRequestMessage, ChatCompletionRequestSystemMessage, ChatCompletionRequestToolMessage,
    ChatCompletionRequestUserMessage, ChatCompletionTool, ChatCompletionTools, FunctionCall, FunctionObject,
};
use foundation::secret;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::kept::{Kept, is_reasoning};

/// A tool that the model may call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tool<'a> {
    pub(crate) name: &'a str,
    pub(crate) description: &'a str,
    /// The JSON schema of its arguments.
    pub(crate) arguments: &'a Value,
}

/// A message to the model.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    System(String),
    User(String),
    Assistant {
        text: String,
        calls: Vec<Asked>,
        kept: Option<Kept>,
        /// Whether its turn called tools, in which case reasoning that came as a member is sent back.
        with_reasoning: bool,
    },
    Tool {
        id: String,
        content: String,
    },
}

/// A tool call by the model, under our own id. `arguments` is JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) arguments: String,
}

impl Message {
    pub(crate) fn assistant(text: impl Into<String>) -> Self {
        Self::Assistant { text: text.into(), calls: Vec::new(), kept: None, with_reasoning: false }
    }

    pub(crate) fn len(&self) -> usize {
        match self {
            Self::System(text) | Self::User(text) => text.len(),
            Self::Assistant { text, calls, kept, .. } => {
                text.len()
                    + calls.iter().map(|call| call.arguments.len()).sum::<usize>()
                    + kept.as_ref().map_or(0, Kept::len)
            }
            Self::Tool { content, .. } => content.len(),
        }
    }
}

/// The request's body, and whether it contains members that only this endpoint knows. `from`: the endpoint and model.
/// `with_members`: whether to send back more than ids.
pub(super) fn body(
    model: &str,
    messages: &[Message],
    tools: &[Tool<'_>],
    (from, with_members): (&str, bool),
) -> (Value, bool) {
    let mut ids = HashMap::new();
    let mut has_members = false;
    let messages: Vec<Value> =
        messages.iter().map(|message| json(message, (from, with_members), &mut ids, &mut has_members)).collect();
    let mut body = json!({ "model": model, "stream": true, "messages": messages });
    if !tools.is_empty() {
        let tools: Vec<_> = tools.iter().map(offered).collect();
        body["tools"] = json!(tools);
    }
    (body, has_members)
}

fn offered(tool: &Tool<'_>) -> ChatCompletionTools {
    ChatCompletionTools::Function(ChatCompletionTool {
        function: FunctionObject {
            name: tool.name.into(),
            description: Some(tool.description.into()),
            parameters: Some(tool.arguments.clone()),
            strict: None,
        },
    })
}

fn json(
    message: &Message,
    (from, with_members): (&str, bool),
    ids: &mut HashMap<String, String>,
    has_members: &mut bool,
) -> Value {
    let plain: ChatCompletionRequestMessage = match message {
        Message::System(text) => ChatCompletionRequestSystemMessage::from(text.as_str()).into(),
        Message::User(text) => ChatCompletionRequestUserMessage::from(text.as_str()).into(),
        Message::Tool { id, content } => ChatCompletionRequestToolMessage {
            content: content.as_str().into(),
            tool_call_id: ids.get(id).cloned().unwrap_or_else(|| short(id)),
        }
        .into(),
        Message::Assistant { text, calls, kept, with_reasoning } => {
            let own = kept.as_ref().filter(|kept| kept.from == from);
            let mut message = said(text, calls, own, ids);
            if let Some(kept) = own.filter(|_| with_members) {
                *has_members |= kept.has_members();
                restore(&mut message, kept, *with_reasoning);
            }
            return message;
        }
    };
    json!(plain)
}

fn said(text: &str, calls: &[Asked], own: Option<&Kept>, ids: &mut HashMap<String, String>) -> Value {
    let mut used: Vec<String> = Vec::new();
    let mut tool_calls = Vec::new();
    for (at, call) in calls.iter().enumerate() {
        // Some endpoints accept only their own ids, some give none, and some give the same one twice.
        let given = own.and_then(|kept| kept.calls.get(at)).map(|given| given.id.clone());
        let id = given.filter(|id| !id.is_empty() && !used.contains(id)).unwrap_or_else(|| short(&call.id));
        used.push(id.clone());
        ids.insert(call.id.clone(), id.clone());
        tool_calls.push(ChatCompletionMessageToolCalls::Function(ChatCompletionMessageToolCall {
            id,
            function: FunctionCall { name: call.name.clone(), arguments: call.arguments.clone() },
        }));
    }
    json!(ChatCompletionRequestMessage::from(ChatCompletionRequestAssistantMessage {
        content: Some(text.into()),
        tool_calls: (!tool_calls.is_empty()).then_some(tool_calls),
        ..ChatCompletionRequestAssistantMessage::default()
    }))
}

/// Restores the members that only this endpoint knows.
fn restore(message: &mut Value, kept: &Kept, with_reasoning: bool) {
    add(message, kept.members.iter().filter(|(name, _)| with_reasoning || !is_reasoning(name)));
    let Some(calls) = message.get_mut("tool_calls").and_then(Value::as_array_mut) else { return };
    for (call, given) in calls.iter_mut().zip(&kept.calls) {
        add(call, given.members.iter());
        add(&mut call["function"], given.function.iter());
    }
}

fn add<'a>(to: &mut Value, members: impl Iterator<Item = (&'a String, &'a Value)>) {
    let Some(to) = to.as_object_mut() else { return };
    for (name, value) in members {
        to.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

/// An id that every endpoint accepts: nine letters and digits (Mistral's form), derived from ours.
fn short(id: &str) -> String {
    secret::hash(id).chars().filter(char::is_ascii_alphanumeric).take(9).collect()
}

/// The valid characters of an unknown tool's name, in a form that every endpoint accepts back.
pub(crate) fn plain_name(name: &str) -> String {
    let plain: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).take(64).collect();
    if plain.is_empty() { "unknown".into() } else { plain }
}
