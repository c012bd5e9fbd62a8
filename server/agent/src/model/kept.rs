//! Data that an endpoint hands out with an answer and expects back: the ids of its calls, and members that only it
//! knows (Gemini's thought signatures, DeepSeek's reasoning). They are returned unchanged, and only to the endpoint and
//! model that sent them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Maximum size kept of a message, in bytes.
const MOST: usize = 64 * 1024;

/// Members that are sent in our own form, or that only an answer may have.
const MESSAGE: [&str; 7] = ["role", "content", "tool_calls", "function_call", "refusal", "annotations", "audio"];
const CALL: [&str; 6] = ["id", "type", "index", "function", "name", "arguments"];

/// The data kept of an answer, as stored with its turn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The hash of the base URL and the model.
    pub(super) from: String,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) members: Map<String, Value>,
    /// In the order of the answer's calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) calls: Vec<KeptCall>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct KeptCall {
    /// Empty if the endpoint gave none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) id: String,
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) members: Map<String, Value>,
    /// Members of its `function`.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub(super) function: Map<String, Value>,
}

impl Kept {
    /// `None` if there is nothing to keep. If there is too much, only the calls' ids are kept.
    pub(super) fn new(from: &str, members: Map<String, Value>, calls: Vec<KeptCall>) -> Option<Self> {
        let mut kept = Self { from: from.to_owned(), members, calls };
        if kept.len() > MOST {
            kept.members.clear();
            kept.calls = kept.calls.into_iter().map(|call| KeptCall { id: call.id, ..KeptCall::default() }).collect();
        }
        if kept.members.is_empty() && kept.calls.iter().all(|call| *call == KeptCall::default()) {
            return None;
        }
        (kept.len() <= MOST).then_some(kept)
    }

    /// The size in bytes.
    pub(crate) fn len(&self) -> usize {
        serde_json::to_string(self).map_or(0, |text| text.len())
    }

    /// Whether anything but ids would be sent back.
    pub(super) fn has_members(&self) -> bool {
        !self.members.is_empty() || self.calls.iter().any(|call| !call.members.is_empty() || !call.function.is_empty())
    }
}

/// The members of a streaming answer.
#[derive(Debug, Default)]
pub(super) struct Members {
    members: Map<String, Value>,
    len: usize,
}

impl Members {
    /// Adds members of the message. Past the limit nothing is kept, since half a signature is useless.
    pub(super) fn take_message(&mut self, delta: &Map<String, Value>) {
        self.take(delta, &MESSAGE);
    }

    /// Adds members of a call.
    pub(super) fn take_call(&mut self, entry: &Map<String, Value>) {
        self.take(entry, &CALL);
    }

    fn take(&mut self, from: &Map<String, Value>, known: &[&str]) {
        for (name, value) in from.iter().filter(|(name, value)| !known.contains(&name.as_str()) && is_something(value))
        {
            self.len += name.len() + value.to_string().len();
            if self.len > 2 * MOST {
                self.members.clear();
                return;
            }
            merge(name, self.members.entry(name.clone()).or_insert(Value::Null), value);
        }
    }

    pub(super) fn all(&mut self) -> Map<String, Value> {
        std::mem::take(&mut self.members)
    }
}

fn is_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// Joins streamed pieces.
fn merge(name: &str, kept: &mut Value, more: &Value) {
    match (kept, more) {
        (Value::String(text), Value::String(more)) => {
            // Text comes in pieces, and equal pieces may follow each other. Other strings are repeated as a whole.
            if is_text(name) || text != more {
                text.push_str(more);
            }
        }
        (Value::Object(members), Value::Object(more)) => {
            for (name, value) in more.iter().filter(|(_, value)| !value.is_null()) {
                let kept = members.entry(name.clone()).or_insert(Value::Null);
                // Members that say where a piece belongs aren't pieces.
                if ["index", "type", "id", "format"].contains(&name.as_str()) && !kept.is_null() {
                    continue;
                }
                merge(name, kept, value);
            }
        }
        (Value::Array(values), Value::Array(more)) => {
            for value in more {
                let belongs = |known: &&mut Value| {
                    value.get("index").is_some_and(|index| !index.is_null() && known.get("index") == Some(index))
                        && known.get("type") == value.get("type")
                };
                match values.iter_mut().find(belongs) {
                    Some(known) => merge(name, known, value),
                    None => values.push(value.clone()),
                }
            }
        }
        (kept, more) => kept.clone_from(more),
    }
}

fn is_text(name: &str) -> bool {
    name.starts_with("reasoning")
        || name.starts_with("thinking")
        || name.ends_with("content")
        || name.ends_with("text")
        || name == "summary"
}

/// Whether a member holds the model's reasoning.
pub(super) fn is_reasoning(name: &str) -> bool {
    name.starts_with("reasoning") || name.starts_with("thinking")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kept(deltas: &[Value]) -> Value {
        let mut members = Members::default();
        for delta in deltas {
            members.take_message(delta.as_object().expect("an object"));
        }
        Value::Object(members.all())
    }

    #[test]
    fn pieces_are_put_together() {
        let deltas = [
            json!({ "role": "assistant", "content": "Hi", "reasoning_content": "ha", "extra": null }),
            json!({ "reasoning_content": "ha", "tool_calls": [{}], "extra": { "google": { "sig": "A" } } }),
            json!({ "extra": { "google": { "sig": "A" } }, "n": 1 }),
            json!({ "reasoning_details": [{ "type": "reasoning.text", "index": 0, "text": "a" }] }),
            json!({ "reasoning_details": [{ "type": "reasoning.text", "index": 0, "text": "b", "signature": "S" }] }),
        ];
        assert_eq!(
            kept(&deltas),
            json!({
                "reasoning_content": "haha",
                "extra": { "google": { "sig": "A" } },
                "n": 1,
                "reasoning_details": [{ "type": "reasoning.text", "index": 0, "text": "ab", "signature": "S" }],
            })
        );
    }

    #[test]
    fn more_than_64_kb_is_not_kept() {
        let members = |len: usize| {
            let mut members = Members::default();
            members.take_message(json!({ "signature": "x".repeat(len) }).as_object().expect("an object"));
            Kept::new("from", members.all(), Vec::new())
        };
        assert!(members(60_000).is_some());
        assert!(members(65_536).is_none());
        assert!(members(1_000_000).is_none());
    }
}
