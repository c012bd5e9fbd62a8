//! The subset of JSON Schema (2020-12) that the tools use, to check outputs.

use serde_json::Value;

/// The first mismatch, if any.
pub fn fault(schema: &Value, value: &Value, at: &str) -> Option<String> {
    if let Some(wanted) = schema.get("type") {
        let names: Vec<&str> = match wanted {
            Value::String(one) => vec![one],
            Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
            _ => panic!("{at}: {wanted}"),
        };
        let is = |name: &&str| match *name {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "null" => value.is_null(),
            other => panic!("{at}: a type {other}"),
        };
        if !names.iter().any(is) {
            return Some(format!("{at} is {value}, not {names:?}"));
        }
    }
    let properties = schema.get("properties").and_then(Value::as_object);
    if let Some(object) = value.as_object() {
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for name in required {
            if !object.contains_key(name) {
                return Some(format!("{at}.{name} is missing"));
            }
        }
        for (name, value) in object {
            match properties.and_then(|properties| properties.get(name)) {
                Some(schema) => {
                    if let Some(fault) = fault(schema, value, &format!("{at}.{name}")) {
                        return Some(fault);
                    }
                }
                // Undeclared members are a mismatch too.
                None => return Some(format!("{at}.{name} is not described")),
            }
        }
    }
    let items = value.as_array().into_iter().flatten();
    let schema = schema.get("items")?;
    items.enumerate().find_map(|(n, item)| fault(schema, item, &format!("{at}[{n}]")))
}
