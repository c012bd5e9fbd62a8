//! Shows an API's answer to the model and in the chat: truncated, and as a table if it is a list of flat objects.

use details::Detail;
use foundation::tr;
use serde_json::{Value, json};
use shared::{chat::View, text::inert};

use super::tool::Tool;
use crate::tools::answer::Answer;

/// Maximum size of an answer for the model, in bytes of JSON.
const LONGEST: usize = 16_000;

/// Maximum numbers of rows and columns of a table, and of characters in a cell.
const ROWS: usize = 20;
const COLUMNS: usize = 6;
const CELL: usize = 80;

/// The answer of a tool that reads.
pub(super) fn found(tool: &Tool, detail: &Detail, found: Value) -> Answer {
    let summary = in_words(tool, detail, &found).unwrap_or_else(|| match list(&found) {
        Some([]) => tr!("Nothing found", "Nichts gefunden").into(),
        Some([_]) => tr!("1 result", "1 Ergebnis").into(),
        Some(many) => tr!(format!("{} results", many.len()), format!("{} Ergebnisse", many.len())),
        None => tr!("Done", "Erledigt").into(),
    });
    let view = list(&found).and_then(table);
    Answer { summary, output: json!({ "result": bounded(found) }), view }
}

/// The tool's summary; `None` if it has none, or a name in it has no value.
pub(super) fn in_words(tool: &Tool, detail: &Detail, found: &Value) -> Option<String> {
    tool.summary.as_ref()?.fill(|name| detail.words(name).or_else(|| cell(found.get(name)?)))
}

/// The entries of a list, or of an object whose only member is a list.
fn list(found: &Value) -> Option<&[Value]> {
    let found = match found {
        Value::Object(members) if members.len() == 1 => members.values().next()?,
        other => other,
    };
    found.as_array().map(Vec::as_slice)
}

/// Flat objects as a table, with the columns of the first.
fn table(entries: &[Value]) -> Option<View> {
    let columns: Vec<String> = entries.first()?.as_object()?.keys().take(COLUMNS).cloned().collect();
    let mut rows = Vec::new();
    for entry in entries.iter().take(ROWS) {
        let members = entry.as_object()?;
        let cells = columns.iter().map(|name| members.get(name).map_or_else(|| Some(String::new()), cell));
        rows.push(cells.collect::<Option<Vec<_>>>()?);
    }
    let columns = columns.iter().map(|name| inert(&name.replace('_', " ")).chars().take(CELL).collect()).collect();
    Some(View::Table { columns, rows, more: entries.len().saturating_sub(ROWS) })
}

/// A value as the text of a cell; `None` for a list or an object.
fn cell(value: &Value) -> Option<String> {
    Some(match value {
        Value::Null => String::new(),
        Value::Bool(is) => if *is { tr!("yes", "ja") } else { tr!("no", "nein") }.into(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => inert(text).chars().take(CELL).collect(),
        Value::Array(_) | Value::Object(_) => return None,
    })
}

/// Truncates an answer for the model: a long list to its first entries, anything else to its beginning.
pub(crate) fn bounded(found: Value) -> Value {
    let text = found.to_string();
    if text.len() <= LONGEST {
        return found;
    }
    if let Some(entries) = list(&found) {
        let mut length = 0;
        let fits = |entry: &&Value| {
            length += entry.to_string().len() + 1;
            length < LONGEST
        };
        let kept: Vec<&Value> = entries.iter().take_while(fits).collect();
        if !kept.is_empty() {
            return json!({ "entries": kept, "leftOut": entries.len() - kept.len() });
        }
    }
    let beginning: String = text.chars().take(LONGEST / 4).collect();
    json!({ "beginning": beginning, "leftOut": true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_objects_are_a_table() {
        let entries = json!([{ "room": "Blue\u{202e} room", "free": true, "price": 80 }, { "room": "Green room" }]);
        let Some(View::Table { columns, rows, more }) = table(entries.as_array().expect("a list")) else {
            panic!("a table")
        };
        assert_eq!(columns, ["free", "price", "room"]);
        assert_eq!(rows, [["yes", "80", "Blue room"], ["", "", "Green room"]]);
        assert_eq!(more, 0);
        for other in [json!([]), json!([1]), json!([{ "a": {} }]), json!([{ "a": 1 }, 2])] {
            assert_eq!(table(other.as_array().expect("a list")), None, "{other}");
        }
        let many = vec![json!({ "n": 1 }); 25];
        assert!(matches!(table(&many), Some(View::Table { rows, more: 5, .. }) if rows.len() == 20));
    }

    #[test]
    fn long_answers_are_cut() {
        assert_eq!(bounded(json!({ "a": 1 })), json!({ "a": 1 }));
        let many = bounded(json!({ "rooms": vec!["x".repeat(1_000); 100] }));
        assert_eq!(many["entries"].as_array().map(Vec::len), Some(15));
        assert_eq!(many["leftOut"], 85);
        assert!(bounded(json!("x".repeat(100_000))).to_string().len() < LONGEST);
    }
}
