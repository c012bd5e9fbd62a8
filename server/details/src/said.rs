//! Turns a value of an API's answer into text that is safe on a page.

use serde_json::Value;

use crate::{decimal::Decimal, language::Language, plain::made_plain};

/// An API's text is cut to this length, in characters.
const LONGEST: usize = 120;

pub(crate) fn said(value: &Value, language: Language) -> Option<String> {
    let text = match value {
        Value::String(text) => made_plain(text, LONGEST),
        Value::Number(number) => number.to_string(),
        Value::Bool(is) => if *is { language.of("yes", "ja") } else { language.of("no", "nein") }.into(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// As [`said`], with thousands separated in a number with a fraction (an amount).
pub(crate) fn said_grouped(value: &Value, language: Language) -> Option<String> {
    let text = said(value, language)?;
    let amount = Decimal::parse(&text).filter(|_| text.contains('.'));
    Some(amount.map_or(text, |amount| language.grouped(amount)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn booleans_are_in_the_readers_language() {
        let of = |value: bool, language| said(&value.into(), language);
        assert_eq!(of(true, Language::English).as_deref(), Some("yes"));
        assert_eq!(of(false, Language::German).as_deref(), Some("nein"));
    }
}
