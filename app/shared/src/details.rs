//! The registered types of `authorization_details` (RFC 9396) that a person can approve.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{
    limit::Limit,
    money::{Money, Quantity, Side, Symbol},
};

/// One entry of `authorization_details`. Unknown, missing and duplicate members are refused, so that page, signer and
/// broker read the same value. Parse it from the original text, not from a [`serde_json::Value`], which has already
/// dropped the first of two equal keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Detail {
    StockOrder(StockOrder),
    StockOrderCancellation(StockOrderCancellation),
}

/// Buy or sell stock, at `limit` or better.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StockOrder {
    pub symbol: Symbol,
    pub side: Side,
    pub quantity: Quantity,
    /// The worst acceptable price per share.
    pub limit: Limit,
    pub currency: Currency,
}

impl StockOrder {
    /// The most that a purchase can cost, or the least that a sale can yield.
    pub fn bound(&self) -> Money {
        self.limit.times(self.quantity)
    }

    /// The warning for a limit that is more than 10 % worse than the current price.
    pub fn worse_than(&self, price: Money) -> Option<String> {
        let worse = match self.side {
            Side::Buy => self.limit.cents() - price.cents(),
            Side::Sell => price.cents() - self.limit.cents(),
        };
        let (limit, price_now) = (self.limit.money().grouped(), price.grouped());
        (worse.saturating_mul(10) > price.cents()).then(|| match self.side {
            Side::Buy => format!("This lets it pay up to {limit} USD a share. The price now is {price_now} USD."),
            Side::Sell => {
                format!("This lets it sell for as little as {limit} USD a share. The price now is {price_now} USD.")
            }
        })
    }
}

/// Cancel a pending order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StockOrderCancellation {
    /// The order's id, `ord_…`.
    pub order: OrderId,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Currency {
    #[serde(rename = "USD")]
    Usd,
}

/// The id of an order: `ord_` and 1 to 40 ASCII letters or digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrderId(String);

impl OrderId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for OrderId {
    type Error = crate::money::Invalid;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let well_formed = text
            .strip_prefix("ord_")
            .is_some_and(|rest| (1..=40).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric()));
        if well_formed { Ok(Self(text)) } else { Err(crate::money::Invalid("an order's id begins with \"ord_\"")) }
    }
}

impl From<OrderId> for String {
    fn from(id: OrderId) -> Self {
        id.0
    }
}

impl Detail {
    /// The type's registered name.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::StockOrder(_) => "stock_order",
            Self::StockOrderCancellation(_) => "stock_order_cancellation",
        }
    }

    /// The scope needed to carry it out.
    pub fn scope(&self) -> &'static str {
        crate::scope::TRADE_WRITE
    }

    /// The action in a few words: `Buy 5 WAYNE`.
    pub fn title(&self) -> String {
        match self {
            Self::StockOrder(order) => {
                format!("{} {} {}", order.side.word(), order.quantity, order.symbol)
            }
            Self::StockOrderCancellation(_) => "Cancel an order".into(),
        }
    }

    /// Whether both ask for the same, apart from the limit.
    pub fn is_same_as(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::StockOrder(one), Self::StockOrder(two)) => {
                (&one.symbol, one.side, one.quantity) == (&two.symbol, two.side, two.quantity)
            }
            _ => self == other,
        }
    }

    /// Parses the `authorization_details` parameter, which must hold exactly one entry of a known type.
    ///
    /// # Errors
    /// An explanation for the client's developer.
    pub fn parse_one(text: &str) -> Result<Self, String> {
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
    fn an_order_is_read_and_bounded() {
        let detail = Detail::parse_one(&format!("[{ORDER}]"));
        let Ok(Detail::StockOrder(order)) = detail else { panic!("{detail:?}") };
        assert_eq!(order.bound().to_string(), "527.45");
    }

    /// THREATS.md line 31, and the end of line 33.
    #[test]
    fn line_31_33_details_that_can_be_read_two_ways_are_refused() {
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
