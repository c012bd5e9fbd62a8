//! Money, stock symbols and quantities: types that can't hold an invalid value.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::lang::Lang;

/// An amount of US dollars in whole cents. On the wire, a decimal string with exactly two places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, example = "103.42"))]
pub struct Money(i64);

impl Money {
    /// The limit in cents on either side of zero, so that sums of a few amounts never overflow.
    const MOST: i64 = 1_000_000_000_000_000;

    /// From whole cents. `None` beyond ten trillion dollars.
    pub fn from_cents(cents: i64) -> Option<Self> {
        (-Self::MOST..=Self::MOST).contains(&cents).then_some(Self(cents))
    }

    /// The amount in whole cents.
    pub fn cents(self) -> i64 {
        self.0
    }

    /// This amount for each of `quantity` shares.
    pub fn times(self, quantity: Quantity) -> Self {
        Self(self.0.saturating_mul(i64::from(quantity.get())))
    }

    /// With the separators of a language: `10,214.86`, `−84.20`; `10.214,86`.
    pub fn grouped_in(self, lang: Lang) -> String {
        let (_, decimal) = lang.separators();
        let sign = if self.0 < 0 { "−" } else { "" };
        format!("{sign}{}{decimal}{:02}", lang.whole((self.0 / 100).abs()), (self.0 % 100).abs())
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}.{:02}", (self.0 / 100).abs(), (self.0 % 100).abs())
    }
}

/// An explanation of an invalid value, fit for the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invalid(pub &'static str);

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Invalid {}

impl FromStr for Money {
    type Err = Invalid;

    /// Accepts only the canonical form: no plus sign, no leading zeros, exactly two places.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        const WRONG: Invalid = Invalid("an amount is a decimal string with two places, such as \"105.49\"");
        let (whole, places) = text.split_once('.').ok_or(WRONG)?;
        if whole.len() > 16 || places.len() != 2 {
            return Err(WRONG);
        }
        let money = format!("{whole}{places}").parse::<i64>().ok().and_then(Self::from_cents).ok_or(WRONG)?;
        if money.to_string() == text { Ok(money) } else { Err(WRONG) }
    }
}

/// The symbol of a stock: one to eight capital ASCII letters, which excludes look-alikes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String, pattern = "^[A-Z]{1,8}$", example = "WAYNE"))]
pub struct Symbol(String);

impl Symbol {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Symbol {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if (1..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid("a symbol is one to eight capital letters, such as \"WAYNE\""))
        }
    }
}

/// A number of shares: an integer from 1 to 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = u32, minimum = 1, maximum = 10000, example = 5))]
pub struct Quantity(u32);

impl Quantity {
    pub const MOST: u32 = 10_000;

    pub fn new(shares: u32) -> Result<Self, Invalid> {
        if (1..=Self::MOST).contains(&shares) {
            Ok(Self(shares))
        } else {
            Err(Invalid("a quantity is a whole number from 1 to 10000"))
        }
    }

    pub fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(self.0)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // u32's own deserializer refuses a float (5.0) and a string ("5").
        Self::new(u32::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

macro_rules! text_on_the_wire {
    ($($name:ident),*) => {$(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

text_on_the_wire!(Money, Symbol);

/// Buy or sell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Side {
    Buy,
    Sell,
}

impl Side {
    /// As on the wire: `BUY` or `SELL`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Buy => "BUY",
            Self::Sell => "SELL",
        }
    }

    /// For people: `Buy` or `Sell`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Buy => "Buy",
            Self::Sell => "Sell",
        }
    }
}

impl FromStr for Side {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text {
            "BUY" => Ok(Self::Buy),
            "SELL" => Ok(Self::Sell),
            _ => Err(Invalid("a side is \"BUY\" or \"SELL\"")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_form_of_an_amount_is_read() {
        for text in ["0.00", "105.49", "-84.20", "10000.00"] {
            assert_eq!(text.parse::<Money>().map(|money| money.to_string()), Ok(text.into()));
        }
        for text in [
            "",
            "5",
            "5.0",
            "100.000",
            "+1.00",
            "01.00",
            ".50",
            "1,000.00",
            "-0.00",
            "1e2.00",
            " 1.00",
            "99999999999999999.00",
        ] {
            assert!(text.parse::<Money>().is_err(), "{text}");
        }
    }

    #[test]
    fn amounts_for_people_are_grouped() {
        let shown = |cents| Money::from_cents(cents).map(|money| money.grouped_in(Lang::En));
        assert_eq!(shown(1_021_486).as_deref(), Some("10,214.86"));
        assert_eq!(shown(-8420).as_deref(), Some("−84.20"));
        assert_eq!(shown(7).as_deref(), Some("0.07"));
        assert_eq!(shown(12_345_678_900).as_deref(), Some("123,456,789.00"));
    }

    #[test]
    fn look_alike_letters_and_lower_case_are_no_symbols() {
        assert!("WAYNE".parse::<Symbol>().is_ok());
        for text in ["", "wayne", "WAYNΕ", "WAY NE", "WAYNEWAYNE", "WAYNE\u{202e}", "WAYNE1"] {
            assert!(text.parse::<Symbol>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_quantity_is_an_integer_within_its_range() {
        assert!(serde_json::from_str::<Quantity>("5").is_ok());
        for text in ["0", "10001", "-1", "5.0", "\"5\"", "5.5", "null"] {
            assert!(serde_json::from_str::<Quantity>(text).is_err(), "{text}");
        }
    }
}
