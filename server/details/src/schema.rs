//! The JSON Schema (draft 2020-12) of a type, for MCP tools, OpenAPI and discovery. It accepts whatever the reader
//! accepts.

use serde_json::{Map, Value, json};

use crate::{
    member::{Kind, Member},
    types::Type,
};

impl Type {
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
        Kind::Text { length: [least, most] } => json!({ "type": "string", "minLength": least, "maxLength": most }),
        Kind::Integer { range: [from, to] } => json!({ "type": "integer", "minimum": from, "maximum": to }),
        Kind::Decimal { places, range: [from, to] } => {
            let fraction = if *places == 0 { String::new() } else { format!("\\.[0-9]{{{places}}}") };
            json!({
                "type": "string",
                "pattern": format!("^-?(0|[1-9][0-9]*){fraction}$"),
                "description": format!("A decimal from \"{from}\" to \"{to}\" with {places} places."),
            })
        }
        Kind::Date { .. } => json!({ "type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" }),
        Kind::Time => json!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$" }),
        Kind::Constant { value } => json!({ "const": value }),
    };
    if let Some(label) = &member.label {
        schema["title"] = label.all().into_iter().cloned().collect::<Vec<_>>().join(" / ").into();
    }
    schema
}
