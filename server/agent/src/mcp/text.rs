//! A tool's output as readable text, for hosts that show their model nothing else. The JSON itself stands in the
//! result once, as its structured content.

use serde_json::Value;

/// One member a line; lists with a dash for each entry.
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

/// On one line.
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
