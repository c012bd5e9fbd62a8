//! Reads the approved details in a token: StockTrade's own reader of its types of `authorization_details` (RFC 9396).

use serde::Deserialize;
use serde_json::value::RawValue;
use shared::{
    limit::Limit,
    money::{Invalid, Quantity, Side, Symbol},
};

/// One entry of `authorization_details`. Refuses unknown, missing and duplicate members, so that it can't be read
/// differently from the page on which it was approved. Parse it from the original text, not from a
/// [`serde_json::Value`], which has already dropped the first of two equal keys.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Detail {
    StockOrder(StockOrder),
    StockOrderCancellation(StockOrderCancellation),
}

/// Buy or sell stock, at `limit` or better.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StockOrder {
    pub(crate) symbol: Symbol,
    pub(crate) side: Side,
    pub(crate) quantity: Quantity,
    /// The worst acceptable price per share.
    pub(crate) limit: Limit,
    pub(crate) currency: Currency,
}

/// Cancel a pending order.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StockOrderCancellation {
    /// The order's id, `ord_…`.
    pub(crate) order: OrderId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Currency {
    #[serde(rename = "USD")]
    Usd,
}

/// The id of an order: `ord_` and 1 to 40 ASCII letters or digits.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct OrderId(String);

impl OrderId {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for OrderId {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let well_formed = text
            .strip_prefix("ord_")
            .is_some_and(|rest| (1..=40).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric()));
        if well_formed { Ok(Self(text)) } else { Err(Invalid("an order's id begins with \"ord_\"")) }
    }
}

impl Detail {
    /// Parses the `authorization_details` parameter, which must hold exactly one entry of a known type.
    ///
    /// # Errors
    /// An explanation for the client's developer.
    pub(crate) fn parse_one(text: &str) -> Result<Self, String> {
        if text.len() > 16 * 1024 {
            return Err("authorization_details is longer than 16 kB".into());
        }
        let wrong = |wrong| format!("authorization_details: {wrong}");
        let entries: Vec<&RawValue> = serde_json::from_str(text).map_err(wrong)?;
        let [entry] = entries.as_slice() else {
            return Err("authorization_details must hold exactly one entry".into());
        };
        // serde would also read a tagged enum from an array.
        if !entry.get().starts_with('{') {
            return Err("authorization_details must hold an object".into());
        }
        serde_json::from_str(entry.get()).map_err(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &str =
        r#"{"type":"stock_order","symbol":"WAYNE","side":"BUY","quantity":5,"limit":"105.49","currency":"USD"}"#;

    #[test]
    fn an_order_is_read() {
        let detail = Detail::parse_one(&format!("[{ORDER}]"));
        let Ok(Detail::StockOrder(order)) = detail else { panic!("{detail:?}") };
        assert_eq!((order.quantity.get(), order.limit.to_string()), (5, "105.49".into()));
    }

    /// THREATS.md line 31, and the end of line 33.
    #[test]
    fn line_31_33_68_ambiguous_details_are_refused() {
        let swap = |from: &str, to: &str| ORDER.replace(from, to);
        for wrong in [
            swap("\"quantity\":5", "\"quantity\":5.0"),
            swap("\"quantity\":5", "\"quantity\":\"5\""),
            swap("\"quantity\":5", "\"quantity\":5,\"quantity\":6"),
            swap("\"quantity\":5", "\"quantity\":0"),
            swap("\"quantity\":5", "\"quantity\":10001"),
            swap("\"quantity\":5,", ""),
            swap("105.49", "100.000"),
            swap("\"105.49\"", "105.49"),
            swap("105.49", "0.00"),
            swap("105.49", "-5.00"),
            swap("105.49", "1000000.00"),
            swap("WAYNE", "WAYNΕ"),
            swap("WAYNE", "WAYNE\\u202e"),
            swap("WAYNE", "<b>W</b>"),
            swap("\"USD\"", "\"USD\",\"note\":\"free\""),
            swap("\"USD\"", "\"EUR\""),
            swap("stock_order", "payment"),
            swap("\"type\":\"stock_order\",", ""),
            swap("\"type\":\"stock_order\",", "\"type\":\"stock_order\",\"type\":\"stock_order\","),
        ] {
            assert!(Detail::parse_one(&format!("[{wrong}]")).is_err(), "{wrong}");
        }
        assert!(Detail::parse_one("[]").is_err());
        assert!(Detail::parse_one(r#"[["stock_order","WAYNE","BUY",5,"105.49","USD"]]"#).is_err());
        assert!(Detail::parse_one(r#"[{"stock_order":["WAYNE","BUY",5,"105.49","USD"]}]"#).is_err());
        assert!(Detail::parse_one(&format!("[{ORDER},{ORDER}]")).is_err());
        assert!(Detail::parse_one(&format!("[{ORDER}{}]", " ".repeat(17_000))).is_err());
    }
}
