//! Prints rows as aligned columns or as one JSON document.

use foundation::time;
use serde_json::{Map, Value};
use shared::text::inert;

use crate::words;

/// One field of a row.
pub(super) struct Column<T> {
    name: &'static str,
    /// Whether the table shows it. JSON has every field.
    in_table: bool,
    of: fn(&T) -> Value,
}

pub(super) fn column<T>(name: &'static str, of: fn(&T) -> Value) -> Column<T> {
    Column { name, in_table: true, of }
}

pub(super) fn in_json<T>(name: &'static str, of: fn(&T) -> Value) -> Column<T> {
    Column { name, in_table: false, of }
}

pub(super) fn at(ms: Option<i64>) -> Value {
    ms.map(time::iso).into()
}

/// Prints the rows, or `none` if the table is empty.
pub(super) fn print<T>(rows: &[T], columns: &[Column<T>], json: bool, none: &str) {
    if json {
        let object = |row: &T| columns.iter().map(|column| (column.name.to_owned(), (column.of)(row))).collect();
        let rows: Vec<Map<String, Value>> = rows.iter().map(object).collect();
        words::say(&serde_json::to_string_pretty(&rows).unwrap_or_default());
    } else if rows.is_empty() {
        words::say(none);
    } else {
        words::say(&table(rows, columns));
    }
}

fn table<T>(rows: &[T], columns: &[Column<T>]) -> String {
    let shown: Vec<&Column<T>> = columns.iter().filter(|column| column.in_table).collect();
    let mut lines = vec![shown.iter().map(|column| column.name.to_uppercase().replace('_', " ")).collect::<Vec<_>>()];
    lines.extend(rows.iter().map(|row| shown.iter().map(|column| text(&(column.of)(row))).collect()));
    let width = |at: usize| lines.iter().map(|line| line[at].chars().count()).max().unwrap_or_default();
    let widths: Vec<usize> = (0..shown.len()).map(width).collect();
    let padded = |line: &Vec<String>| {
        let cells = line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    lines.iter().map(padded).collect::<Vec<_>>().join("\n")
}

/// A value as a cell. Names come from strangers, so no character in them may control the terminal.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => "-".into(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::String(text) => inert(text),
        Value::Array(values) if values.is_empty() => "-".into(),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{column, in_json, table};

    #[test]
    fn columns_are_aligned_and_inert() {
        let columns = [
            column("id", |row: &(&str, Option<i64>)| json!(row.0)),
            in_json("hidden", |_| json!("hidden")),
            column("last_used", |row| json!(row.1)),
        ];
        let text = table(&[("a\u{1b}[2Jb", None), ("long\u{202e}er", Some(1))], &columns);
        assert_eq!(text, "ID      LAST USED\na [2Jb  -\nlonger  1");
    }
}
