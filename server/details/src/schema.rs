//! The JSON Schema (draft 2020-12) of a type, for MCP tools, OpenAPI and discovery. It accepts whatever the reader
//! accepts. Only the reader refuses what a schema can't express: a duplicate member, `5.0` for an integer, lookalikes,
//! a date in the wrong order after another.

use serde_json::{Map, Value, json};

use crate::{
    decimal::Decimal,
    member::{Kind, Member},
    types::Type,
};

impl Type {
    /// The type's metadata for discovery (draft-ietf-oauth-rar-metadata-remediation-00, Authorization Details Types
    /// Metadata Endpoint).
    pub fn metadata(&self) -> Value {
        let about = self.about.as_ref().map(|about| format!(" {about}.")).unwrap_or_default();
        let description = format!("Approval of one {}. Needs the scope {}.{about}", self.noun, self.scope);
        json!({ "description": description, "schema": self.schema() })
    }

    /// The schema of an entry, with its `type`.
    pub fn schema(&self) -> Value {
        let mut schema = self.input_schema();
        schema["properties"]["type"] = json!({ "const": self.name });
        if let Some(required) = schema["required"].as_array_mut() {
            required.push("type".into());
        }
        schema
    }

    /// The schema of the members alone, as a tool's input. A constant is optional.
    pub fn input_schema(&self) -> Value {
        let properties: Map<String, Value> =
            self.members.iter().map(|member| (member.name.clone(), of_member(member))).collect();
        let required: Vec<&str> = self.members.iter().map(|member| member.name.as_str()).collect();
        json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
    }
}

fn of_member(member: &Member) -> Value {
    let mut schema = match &member.kind {
        Kind::Choice { words } => {
            let values = words.iter().map(|(value, words)| json!({ "const": value, "title": words }));
            json!({ "type": "string", "oneOf": values.collect::<Vec<_>>() })
        }
        Kind::Code { prefix, letters, length: [least, most] } => {
            let (least, most) = (least - prefix.len(), most - prefix.len());
            json!({ "type": "string", "pattern": format!("^{prefix}{}{{{least},{most}}}$", letters.class()) })
        }
        Kind::Text { length: [least, most] } => {
            json!({ "type": "string", "minLength": least, "maxLength": most, "pattern": r"^\S+( \S+)*$" })
        }
        Kind::Integer { range: [from, to] } => json!({ "type": "integer", "minimum": from, "maximum": to }),
        Kind::Decimal { places, range: [from, to] } => {
            json!({
                "type": "string",
                "pattern": format!("^({})$", decimals(*places, *from, *to).join("|")),
                "description": format!("A decimal from \"{from}\" to \"{to}\" with {places} decimal places."),
            })
        }
        Kind::Date { .. } => {
            json!({
                "type": "string",
                "format": "date",
                "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
                "description": "A date as YYYY-MM-DD.",
            })
        }
        Kind::Time => json!({
            "type": "string",
            "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$",
            "description": "A time of day as HH:MM, from 00:00 to 23:59.",
        }),
        Kind::Constant { value } => json!({ "const": value }),
    };
    if let Some(label) = &member.label {
        schema["title"] = label.all().into_iter().cloned().collect::<Vec<_>>().join(" / ").into();
    }
    schema
}

/// Expressions that together match the canonical decimals with these places in this range.
fn decimals(places: u8, from: Decimal, to: Decimal) -> Vec<String> {
    let one = 10_i128.pow(u32::from(places));
    let [from, to] = [from, to].map(|bound| bound.units_of(places));
    let mut found = Vec::new();
    if from < 0 {
        let negative = unsigned(places, one, (-to).max(1), -from);
        found.extend(negative.into_iter().map(|expression| format!("-{expression}")));
    }
    found.extend(unsigned(places, one, from.max(0), to));
    found
}

/// As [`decimals`], without a sign, in units. Numbers with equally many digits before the point compare like their
/// texts.
fn unsigned(places: u8, one: i128, from: i128, to: i128) -> Vec<String> {
    let width = usize::from(places) + 1;
    let text = |units: i128| {
        let digits = format!("{units:0width$}");
        let (whole, fraction) = digits.split_at(digits.len() - usize::from(places));
        if places == 0 { digits } else { format!("{whole}.{fraction}") }
    };
    let (mut found, mut least) = (Vec::new(), 0);
    let mut next = one;
    while least <= to {
        let (low, high) = (least.max(from), (next - 1).min(to));
        if low <= high {
            found.push(between(&text(low), &text(high)));
        }
        (least, next) = (next, next * 10);
    }
    found
}

/// An expression for the texts from `low` to `high`, which are equally long and have the point at the same place.
fn between(low: &str, high: &str) -> String {
    let (mut lows, mut highs) = (low.chars(), high.chars());
    let (Some(first), Some(last)) = (lows.next(), highs.next()) else { return String::new() };
    let (low, high) = (lows.as_str(), highs.as_str());
    if first == last {
        let first = if first == '.' { "\\.".to_owned() } else { first.to_string() };
        return first + &between(low, high);
    }
    let fill = |with: &str| low.chars().map(|c| if c == '.' { "." } else { with }).collect::<String>();
    let (zeros, nines) = (fill("0"), fill("9"));
    let (mut begin, mut end) = (first as u8, last as u8);
    let mut found = Vec::new();
    if low != zeros {
        found.push(format!("{first}{}", between(low, &nines)));
        begin += 1;
    }
    if high != nines {
        end -= 1;
    }
    if begin <= end {
        let rest: String = low.chars().map(|c| if c == '.' { "\\." } else { "[0-9]" }).collect();
        found.push(format!("[{}-{}]{rest}", char::from(begin), char::from(end)));
    }
    if high != nines {
        found.push(format!("{last}{}", between(&zeros, high)));
    }
    if found.len() == 1 { found.remove(0) } else { format!("({})", found.join("|")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimals_pattern_holds_exactly_its_range() {
        let decimal = |units: i64, places| Decimal::new(units, places).expect("a decimal");
        for (places, from, to) in
            [(2, 1, 12_345), (2, 0, 99_999), (0, -120, 7), (1, -35, -2), (2, 0, 0), (3, 999, 20_100), (1, 105, 105)]
        {
            let expressions = decimals(places, decimal(from, places), decimal(to, places));
            let schema = json!({ "pattern": format!("^({})$", expressions.join("|")) });
            let validator = jsonschema::validator_for(&schema).expect("a schema");
            for units in from - 1_200..to + 1_200 {
                let text = decimal(units, places).to_string();
                assert_eq!(validator.is_valid(&json!(text)), (from..=to).contains(&units), "{text} of {schema}");
            }
            for wrong in ["-0.00", "-0", "00", "00.01", "0105.00", "1.0000", "", "x", "1x00"] {
                assert!(!validator.is_valid(&json!(wrong)), "{wrong} of {schema}");
            }
        }
    }
}
