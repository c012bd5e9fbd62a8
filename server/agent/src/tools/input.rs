//! Parses arguments as models write them. Messages about mistakes are sentences that a model can act on.

use foundation::tr;
use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error, IgnoredAny},
};
use serde_json::{Value, value::RawValue};
use shared::{
    money::{Side, Symbol},
    text::inert,
};

use super::{answer::Stop, order::OrderId};

/// An error for the model.
pub(super) fn wrong(message: impl Into<String>) -> Stop {
    Stop::Failed { message: message.into() }
}

/// The arguments of a tool that takes none. Its schema names one, because some providers refuse an object without
/// properties. Clients that add a parameter to such tools send it (Cursor's is `random_string`).
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {
    /// Ignored. Leave it out.
    #[serde(default, rename = "note")]
    #[schemars(with = "Option<String>")]
    _note: IgnoredAny,
    #[serde(default, rename = "random_string")]
    #[schemars(skip)]
    _random_string: IgnoredAny,
    #[serde(default, rename = "dummy")]
    #[schemars(skip)]
    _dummy: IgnoredAny,
    #[serde(default, rename = "_placeholder")]
    #[schemars(skip)]
    _placeholder: IgnoredAny,
}

/// An optional argument: some models write an absent one as null or as an empty text.
pub(super) fn optional<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Option<T>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        given => T::deserialize(given).map(Some).map_err(D::Error::custom),
    }
}

/// A number as written, as a JSON number or in a string; [`foundation::typed`] parses it. It is read from the text,
/// never as floating point. `None` if it is null or an empty text.
pub(super) fn written<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let json = Box::<RawValue>::deserialize(from)?;
    let text = match json.get() {
        "null" => return Ok(None),
        text if text.starts_with('"') => serde_json::from_str(text).map_err(D::Error::custom)?,
        text if text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) => text.to_owned(),
        _ => return Err(D::Error::custom("a number is expected, or a string that holds one")),
    };
    Ok(Some(text).filter(|text| !text.trim().is_empty()))
}

/// Parses the arguments. An empty text means no arguments, as some models write it.
pub(super) fn parse<T: DeserializeOwned>(arguments: &str) -> Result<T, Stop> {
    let text = match arguments.trim() {
        "" | "null" => "{}",
        text => text,
    };
    foundation::json::read(text.as_bytes()).map_err(|error| {
        // Removes the position in the text, which doesn't help a model.
        let error = error.to_string();
        let error = error.split(" at line ").next().unwrap_or_default();
        // The known fields include those that are ignored. The schema names the others.
        let error = if error.starts_with("unknown field") { error.split(", ").next().unwrap_or(error) } else { error };
        wrong(tr!(
            format!(
                "The arguments don't fit this tool: {error}. Send one JSON object with the arguments that the tool's \
                 schema names, and no others."
            ),
            format!(
                "Die Argumente passen nicht zu diesem Werkzeug: {error}. Nötig ist ein JSON-Objekt mit den Argumenten \
                 seines Schemas, und keinen anderen."
            )
        ))
    })
}

/// Reads a symbol in any case and trims it; refuses lookalike letters.
pub(super) fn symbol(text: &str) -> Result<Symbol, Stop> {
    let text = text.trim().to_ascii_uppercase();
    text.parse().map_err(|wrong_with| {
        let text = quoted(&text);
        wrong(tr!(
            format!("{text} is not a stock's symbol: {wrong_with}. search_stocks finds symbols by name."),
            format!("{text} ist kein Symbol einer Aktie. search_stocks findet Symbole nach dem Namen.")
        ))
    })
}

pub(super) fn side(text: &str) -> Result<Side, Stop> {
    text.trim()
        .to_ascii_uppercase()
        .parse()
        .map_err(|_| wrong(tr!("The side must be \"BUY\" or \"SELL\".", "Die Seite muss „BUY“ oder „SELL“ sein.")))
}

pub(super) fn order(text: &str) -> Result<OrderId, Stop> {
    OrderId::try_from(text.trim().to_owned()).map_err(|_| {
        let text = quoted(text.trim());
        wrong(tr!(
            format!("{text} is not an order's id. Ids begin with \"ord_\"; get_order_history lists them."),
            format!(
                "{text} ist keine Kennung eines Auftrags. Kennungen beginnen mit „ord_“; get_order_history nennt sie."
            )
        ))
    })
}

/// The agent's message, fit to be shown: inert, and at most 300 characters.
pub(super) fn words(text: &str) -> Option<String> {
    let words: String = inert(text).chars().take(300).collect();
    (!words.is_empty()).then_some(words)
}

/// Input to quote in an answer: short and on one line.
pub(super) fn quoted(text: &str) -> String {
    let short: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    format!("\"{short}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_31_words_of_the_agent_are_made_inert() {
        assert_eq!(words("You asked\n\tfor  it").as_deref(), Some("You asked for it"));
        assert_eq!(words("a\u{202e}b\u{200b}c\u{0007}").as_deref(), Some("abc"));
        assert_eq!(words(" \u{2066} "), None);
        assert_eq!(words(&"x".repeat(10_000)).map(|words| words.len()), Some(300));
    }

    #[test]
    fn symbols_are_read_in_any_case_but_not_in_other_alphabets() {
        assert_eq!(symbol(" wayne ").ok().map(|symbol| symbol.to_string()).as_deref(), Some("WAYNE"));
        for text in ["", "WAYNΕ", "WAY NE", "WAYNE; DROP TABLE", "WAYNE\u{202e}", "../orders"] {
            assert!(symbol(text).is_err(), "{text}");
        }
    }
}
