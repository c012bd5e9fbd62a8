//! A tool's result, or the reason it stopped, as text for a model.

use rmcp::model::{CallToolResult, ContentBlock};
use serde_json::Value;

use crate::{
    state::Agent,
    tools::{Answer, Stop, scope},
};

/// Why a tool stopped.
pub(super) fn explained(agent: &Agent, stop: Stop) -> String {
    match stop {
        Stop::Login => {
            "The identity service no longer accepts this client's token. The person must log in to this server again."
                .into()
        }
        Stop::Connect { api, scopes } => format!(
            "The person has not connected their {} account to Mandate, or it lacks what this tool needs ({}). Ask \
             them to open {} , log in as themselves, and connect it there; then call this tool again.",
            agent.config.name_of(&api),
            scope::in_words(&agent.config, &scopes).join("; ").to_lowercase(),
            agent.config.site.at("accounts"),
        ),
        Stop::Failed { message } | Stop::Unavailable { message } => message,
        Stop::Approval(_) => "This needs the person's approval.".into(),
    }
}

/// A tool's output as text, for hosts that show their model nothing else: one member per line, and lists with a dash
/// for each entry. The JSON itself is in the result once, as structured content.
pub(super) fn readable(value: &Value) -> String {
    let mut lines = Vec::new();
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value {
                    Value::Array(entries) if entries.is_empty() => lines.push(format!("{name}: none")),
                    Value::Array(entries) => {
                        lines.push(format!("{name}:"));
                        lines.extend(entries.iter().map(|entry| format!("- {}", inline(entry))));
                    }
                    value => lines.push(format!("{name}: {}", inline(value))),
                }
            }
        }
        value => lines.push(inline(value)),
    }
    lines.join("\n")
}

/// A value on one line.
fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect(),
        Value::Array(entries) => entries.iter().map(inline).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            members.iter().map(|(name, value)| format!("{name} {}", inline(value))).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// Readable text, and the JSON once, as structured content. A failure is a result that the model reads, not a protocol
/// error.
pub(super) fn result(answered: Result<Answer, String>) -> CallToolResult {
    match answered {
        Ok(answer) => {
            let text = format!("{}\n\n{}", answer.summary, readable(&answer.output));
            let mut result = CallToolResult::success(vec![ContentBlock::text(text)]);
            result.structured_content = Some(answer.output);
            result
        }
        Err(message) => CallToolResult::error(vec![ContentBlock::text(message)]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::readable;

    #[test]
    fn output_is_readable_without_json() {
        let output = json!({
            "cashBalance": "10.00",
            "holdings": [{ "shares": 5, "symbol": "WAYNE" }],
            "none": [],
            "scopes": ["a", "b"],
            "text": "one\ntwo",
        });
        let text =
            "cashBalance: 10.00\nholdings:\n- shares 5, symbol WAYNE\nnone: none\nscopes:\n- a\n- b\ntext: one two";
        assert_eq!(readable(&output), text);
    }
}
