//! Derives the JSON schemas of the tools' arguments and outputs from their types, in the plain subset that all model
//! providers and MCP clients accept. One type for each value, and never null. No defaults, references, formats or
//! `additionalProperties` (Gemini refuses it; the parser refuses unknown arguments). No object without properties
//! (OpenAI refuses a schema without `properties`, Gemini an empty one).

use schemars::{JsonSchema, generate::SchemaSettings, transform::RecursiveTransform};
use serde_json::Value;

/// The schema of what a type accepts.
pub(crate) fn input<T: JsonSchema>() -> Value {
    plain::<T>(SchemaSettings::draft2020_12())
}

/// The schema of what a type serializes to.
pub(crate) fn output<T: JsonSchema>() -> Value {
    plain::<T>(SchemaSettings::draft2020_12().for_serialize())
}

/// Removes members that tell a model nothing, or that some reader refuses: the dialect (2020-12 is MCP's default, and
/// some clients' validators fail on its name), the Rust type's name, formats such as `uint32`, and null for optional
/// values.
fn plain<T: JsonSchema>(mut settings: SchemaSettings) -> Value {
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    let generator = settings
        .with_transform(RecursiveTransform(|schema: &mut schemars::Schema| {
            schema.remove("format");
            schema.remove("default");
            schema.remove("additionalProperties");
            without_null(schema);
        }))
        .into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    schema.remove("title");
    schema.remove("description");
    schema.to_value()
}

/// A type's schema in the same subset: choices as an enum, with the label and the choices' words as the description.
pub(crate) fn plain_value(mut schema: Value) -> Value {
    let Some(members) = schema.as_object_mut() else { return schema };
    members.remove("additionalProperties");
    for (_, schema) in members.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        let Some(schema) = schema.as_object_mut() else { continue };
        schema.remove("format");
        let label = schema.remove("title").and_then(|label| Some(format!("{}.", label.as_str()?)));
        let mut said: Vec<String> = label.into_iter().collect();
        said.extend(schema.remove("description").and_then(|said| Some(said.as_str()?.to_owned())));
        if let Some(Value::Array(choices)) = schema.remove("oneOf") {
            let words: Vec<_> = choices
                .iter()
                .filter_map(|choice| Some(format!("{}: {}", choice["const"].as_str()?, choice["title"].as_str()?)))
                .collect();
            schema.insert("enum".into(), choices.iter().map(|choice| choice["const"].clone()).collect());
            said.push(format!("{}.", words.join("; ")));
        }
        if !said.is_empty() {
            schema.insert("description".into(), said.join(" ").into());
        }
    }
    schema
}

/// Adds a sentence to a value's description.
pub(crate) fn describe(schema: &mut Value, sentence: &str) {
    let before = schema["description"].as_str().map(|said| format!("{said} ")).unwrap_or_default();
    schema["description"] = format!("{before}{sentence}").into();
}

/// `["string", "null"]` becomes a string: absent values are left out.
fn without_null(schema: &mut schemars::Schema) {
    let is_null = |one: &Value| *one == "null" || one["type"] == "null";
    if let Some(Value::Array(types)) = schema.get("type")
        && let [one] = types.iter().filter(|one| !is_null(one)).collect::<Vec<_>>().as_slice()
    {
        let one = (*one).clone();
        schema.insert("type".into(), one);
    }
    if let Some(Value::Array(types)) = schema.get("anyOf")
        && let [Value::Object(one)] = types.iter().filter(|one| !is_null(one)).collect::<Vec<_>>().as_slice()
    {
        let one = one.clone();
        schema.remove("anyOf");
        for (name, value) in one {
            schema.insert(name, value);
        }
    }
}
