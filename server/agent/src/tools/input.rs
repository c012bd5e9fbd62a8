//! Arguments as models write them: read into types, with faults told in sentences that a model can act on.

use schemars::JsonSchema;
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error, IgnoredAny},
};
use serde_json::Value;
use wire::{
    details::OrderId,
    money::{Money, Quantity, Side, Symbol},
};

use super::Stop;

/// What is wrong, for the model.
pub(super) fn wrong(message: impl Into<String>) -> Stop {
    Stop::Failed { message: message.into() }
}

/// The arguments of a tool that takes none. Its schema names one, since an object without properties is refused by some
/// providers; clients that give such tools a parameter send that (Cursor's is `random_string`).
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {
    /// Not needed, and not read.
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

/// An optional argument: some models write one that they leave out as null or as an empty text.
pub(super) fn optional<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Option<T>, D::Error> {
    match Value::deserialize(from)? {
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        given => T::deserialize(given).map(Some).map_err(D::Error::custom),
    }
}

/// Reads the arguments. An empty text stands for no arguments, as some models write it.
pub(super) fn parse<T: DeserializeOwned>(arguments: &str) -> Result<T, Stop> {
    let text = match arguments.trim() {
        "" | "null" => "{}",
        text => text,
    };
    base::json::read(text.as_bytes()).map_err(|error| {
        // What it says of a place in the text helps nobody.
        let error = error.to_string();
        let error = error.split(" at line ").next().unwrap_or_default();
        wrong(format!(
            "The arguments don't fit this tool: {error}. Send one JSON object with the arguments that the tool's \
             schema names, and no others."
        ))
    })
}

/// A symbol, in any case and with blanks around it; look-alike letters are refused.
pub(super) fn symbol(text: &str) -> Result<Symbol, Stop> {
    let text = text.trim().to_ascii_uppercase();
    text.parse().map_err(|wrong_with| {
        wrong(format!("{} is not a stock's symbol: {wrong_with}. search_stocks finds symbols by name.", quoted(&text)))
    })
}

pub(super) fn side(text: &str) -> Result<Side, Stop> {
    text.trim().to_ascii_uppercase().parse().map_err(|_| wrong("The side must be \"BUY\" or \"SELL\"."))
}

pub(super) fn quantity(shares: i64) -> Result<Quantity, Stop> {
    u32::try_from(shares)
        .ok()
        .and_then(|shares| Quantity::new(shares).ok())
        .ok_or_else(|| wrong(format!("The quantity must be a whole number of shares from 1 to {}.", Quantity::MOST)))
}

/// A price a share: `105.49`, `105.5` or `105`.
pub(super) fn price(text: &str) -> Result<Money, Stop> {
    let text = text.trim();
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    let canonical = match places.len() {
        0..=2 => format!("{whole}.{places:0<2}"),
        _ => text.to_owned(),
    };
    match canonical.parse::<Money>() {
        Ok(price) if price.cents() > 0 => Ok(price),
        _ => Err(wrong(
            "The limit must be a price a share in US dollars as a decimal string above zero, such as \"105.49\".",
        )),
    }
}

pub(super) fn order(text: &str) -> Result<OrderId, Stop> {
    OrderId::try_from(text.trim().to_owned()).map_err(|_| {
        wrong(format!(
            "{} is not an order's id. Ids begin with \"ord_\"; get_order_history lists them.",
            quoted(text.trim())
        ))
    })
}

/// The agent's own words, fit to be shown: no control characters and none that turn the direction of text,
/// blanks made one, 300 characters at most.
pub(super) fn words(text: &str) -> Option<String> {
    let turns = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{061c}');
    let seen: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !turns(*c)).collect();
    let words = seen.split_whitespace().collect::<Vec<_>>().join(" ");
    let words: String = words.chars().take(300).collect();
    (!words.is_empty()).then_some(words)
}

/// What somebody sent, to be named in an answer: short and on one line.
pub(super) fn quoted(text: &str) -> String {
    let short: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    format!("\"{short}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_may_leave_out_places_that_are_zero() {
        let read = |text| price(text).ok().map(|price| price.to_string());
        assert_eq!(read("105.49").as_deref(), Some("105.49"));
        assert_eq!(read(" 105.5 ").as_deref(), Some("105.50"));
        assert_eq!(read("105").as_deref(), Some("105.00"));
        for text in ["", "0", "0.00", "-5", "100.000", "1e3", "1,000", "five", ".5", "+1"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

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
