//! Reads a tool call's arguments and name as models write them, if there is only one possible reading.

use serde_json::{Map, Value};

/// The arguments as one JSON object. `None` if they aren't one, or are ambiguous.
pub(super) fn read(text: &str) -> Option<Map<String, Value>> {
    // Encoded twice, or in a code fence: each layer is removed once.
    let mut text = text.trim().to_owned();
    for _ in 0..4 {
        if text.is_empty() || text == "null" {
            return Some(Map::new());
        }
        if let Some(object) = objects(&text).or_else(|| objects(&without_trailing_commas(&text))) {
            return Some(object);
        }
        text = match serde_json::from_str::<String>(&text) {
            Ok(inner) => inner.trim().to_owned(),
            Err(_) => fenced(&text)?.trim().to_owned(),
        };
    }
    None
}

/// A single object, possibly after an empty one, or repeated.
fn objects(text: &str) -> Option<Map<String, Value>> {
    let mut found = Map::new();
    for value in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        let Ok(Value::Object(object)) = value else { return None };
        if found.is_empty() {
            found = object;
        } else if !object.is_empty() && object != found {
            return None;
        }
    }
    Some(found)
}

/// The content of a code fence with nothing around it.
fn fenced(text: &str) -> Option<&str> {
    let inner = text.strip_prefix("```")?.strip_suffix("```")?;
    Some(inner.trim_start_matches(|c: char| c.is_ascii_alphanumeric()))
}

fn without_trailing_commas(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let (mut in_string, mut escaped) = (false, false);
    for c in text.chars() {
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else {
            in_string = c == '"';
            if matches!(c, '}' | ']') {
                let end = kept.trim_end().len();
                if kept[..end].ends_with(',') {
                    kept.truncate(end - 1);
                }
            }
        }
        kept.push(c);
    }
    kept
}

/// Finds the tool that a name means, despite a prefix (`functions.`, `default_api:`), padding, other case, or a
/// template's tokens after it. Exactly one tool, or none.
pub(super) fn tool(name: &str, tools: &[String]) -> Option<String> {
    let name = name.split("<|").next().unwrap_or_default();
    let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let find = |part: &str| {
        let part = plain(part);
        tools.iter().find(|tool| plain(tool) == part).cloned()
    };
    if let Some(tool) = find(name) {
        return Some(tool);
    }
    let mut found = name.split(['.', ':', '/', '|']).flat_map(|part| part.split("__")).filter_map(find);
    let tool = found.next()?;
    found.all(|other| other == tool).then_some(tool)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arguments_are_read_where_one_reading_is_possible() {
        let five = json!({ "symbol": "A,}", "quantity": 5 });
        let plain = five.to_string();
        for text in [
            plain.clone(),
            format!("  {plain}\n"),
            format!("```json\n{plain}\n```"),
            format!("```\n{plain}```"),
            Value::String(plain.clone()).to_string(),
            Value::String(format!("```json\n{plain}\n```")).to_string(),
            format!("{{}}{plain}"),
            format!("{plain}{plain}"),
            r#"{"symbol":"A,}","quantity":5,}"#.into(),
            "```json\n{\"symbol\":\"A,}\",\n\"quantity\":5,\n}\n```".into(),
        ] {
            assert_eq!(read(&text).map(Value::Object), Some(five.clone()), "{text}");
        }
        for text in ["", " ", "null", "{}", "{}{}", "\"\"", "\"{}\"", "```json\n```"] {
            assert_eq!(read(text), Some(Map::new()), "{text}");
        }
        for text in [
            r#"{"quantity":5"#,
            r#"{"quantity":"#,
            r#"{"quantity":5}{"quantity":50}"#,
            "[1]",
            "5",
            "\"5\"",
            "WAYNE",
            "five WAYNE ```{}```",
            r#"{"quantity":5}}"#,
            "{quantity:5}",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn names_mean_one_tool_or_none() {
        let tools = ["get_stock_price", "get_stock_info", "create_order", "cancel_order"].map(str::to_owned);
        for name in [
            "get_stock_price",
            "functions.get_stock_price",
            "default_api:get_stock_price",
            "functions.get_stock_price:0",
            "mcp__mandate__get_stock_price",
            " get_stock_price \n",
            "Get_Stock_Price",
            "getStockPrice",
            "get-stock-price",
            "get_stock_price<|channel|>commentary",
        ] {
            assert_eq!(tool(name, &tools).as_deref(), Some("get_stock_price"), "{name}");
        }
        for name in ["", "transfer_money", "get_stock", "create_order.cancel_order", "stock", "functions."] {
            assert_eq!(tool(name, &tools), None, "{name}");
        }
    }
}
