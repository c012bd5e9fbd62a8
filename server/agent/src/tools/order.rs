//! The authorization details (RFC 9396) of the approvals that StockTrade's tools ask for.

use foundation::{lang, tr};
use serde::{Deserialize, Serialize};
use shared::{
    limit::Limit,
    money::{Invalid, Money, Quantity, Side, Symbol},
};

/// An entry of `authorization_details`. Unknown, missing and duplicate members are refused.
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
        let [limit, price_now] = [self.limit.money(), price].map(|amount| amount.grouped_in(lang::current()));
        (worse.saturating_mul(10) > price.cents()).then(|| match self.side {
            Side::Buy => tr!(
                format!("This lets it pay up to {limit} USD a share. The price now is {price_now} USD."),
                format!("Damit darf er bis zu {limit} USD je Stück zahlen. Der Preis ist jetzt {price_now} USD.")
            ),
            Side::Sell => tr!(
                format!("This lets it sell for as little as {limit} USD a share. The price now is {price_now} USD."),
                format!("Damit darf er schon für {limit} USD je Stück verkaufen. Der Preis ist jetzt {price_now} USD.")
            ),
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
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let well_formed = text
            .strip_prefix("ord_")
            .is_some_and(|rest| (1..=40).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric()));
        if well_formed { Ok(Self(text)) } else { Err(Invalid("an order's id begins with \"ord_\"")) }
    }
}

impl From<OrderId> for String {
    fn from(id: OrderId) -> Self {
        id.0
    }
}

impl Detail {
    /// The action in a few words: `Buy 5 WAYNE`.
    pub fn title(&self) -> String {
        match self {
            Self::StockOrder(order) => {
                format!("{} {} {}", order.side.word(), order.quantity, order.symbol)
            }
            Self::StockOrderCancellation(_) => "Cancel an order".into(),
        }
    }
}
