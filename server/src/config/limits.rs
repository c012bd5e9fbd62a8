//! `[limits]`: numeric settings by their names in lower case. The environment takes precedence over the file.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{
    Spanned,
    de::{DeValue, ValueDeserializer},
};

use super::source::{At, Fault};

/// The settings that `[limits]` may hold; docs/CONFIGURATION.md describes each.
pub const NAMES: [&str; 14] = [
    "APPROVAL_SECONDS",
    "CONNECTIONS_PER_ADDRESS",
    "KEEP_APPROVALS_DAYS",
    "KEEP_AUDIT_DAYS",
    "KEEP_CHATS_DAYS",
    "KEEP_VISITOR_CHATS_DAYS",
    "KEY_AHEAD_SECONDS",
    "KEY_OVERLAP_SECONDS",
    "MCP_WAIT_SECONDS",
    "MODEL_FIRST_SECONDS",
    "MODEL_NEXT_SECONDS",
    "TOKENS_PER_DAY",
    "TURNS_PER_DAY",
    "VISITOR_TURNS_PER_DAY",
];

/// The limits that a file sets, by the names of the settings.
pub type Limits = BTreeMap<&'static str, (i64, At)>;

pub(super) fn read(value: Spanned<DeValue<'_>>, at: &At, faults: &mut Vec<Fault>) -> Limits {
    let mut limits = Limits::new();
    let DeValue::Table(table) = value.get_ref() else {
        faults.push(at.span(value.span()).wrong("`limits` must be a table: write [limits]"));
        return limits;
    };
    for (key, value) in table {
        let Some(name) = NAMES.iter().find(|name| name.to_ascii_lowercase() == key.get_ref().as_ref()) else {
            let all = NAMES.map(str::to_ascii_lowercase).join(", ");
            faults.push(
                at.span(key.span())
                    .wrong(format!("unknown limit `{}`; correct or remove it. There are {all}", key.get_ref())),
            );
            continue;
        };
        match i64::deserialize(ValueDeserializer::from(value.clone())) {
            Ok(number) => {
                limits.insert(name, (number, at.span(key.span())));
            }
            Err(_) => faults.push(at.span(value.span()).wrong(format!("`{}` must be a whole number", key.get_ref()))),
        }
    }
    limits
}
