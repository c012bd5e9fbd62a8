//! JSON schemas (2020-12) of the tools' arguments and outputs, from their types.

use schemars::{JsonSchema, generate::SchemaSettings, transform::RecursiveTransform};
use serde_json::Value;

/// What a type accepts.
pub(super) fn input<T: JsonSchema>() -> Value {
    plain::<T>(SchemaSettings::draft2020_12())
}

/// What a type writes.
pub(super) fn output<T: JsonSchema>() -> Value {
    plain::<T>(SchemaSettings::draft2020_12().for_serialize())
}

/// Without what costs a model's attention and says nothing: the dialect (2020-12 is MCP's default, and some
/// clients' validators stumble over its name), the Rust type's name, formats such as `uint32`.
fn plain<T: JsonSchema>(mut settings: SchemaSettings) -> Value {
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    let generator = settings
        .with_transform(RecursiveTransform(|schema: &mut schemars::Schema| {
            schema.remove("format");
        }))
        .into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    schema.remove("title");
    schema.remove("description");
    if schema.get("properties").is_none() {
        schema.insert("properties".into(), serde_json::json!({}));
    }
    schema.to_value()
}
