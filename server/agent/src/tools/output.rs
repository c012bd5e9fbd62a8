//! The values that tools return to the model and the MCP client, with their schemas.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use shared::broker;

/// As JSON.
pub(crate) fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// A stock and its price now. Amounts are US dollars as decimal strings.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Quote {
    pub(super) symbol: String,
    pub(super) name: String,
    pub(super) price: String,
    /// The price when the day began (UTC).
    pub(super) open: String,
    /// The change since then, in percent.
    pub(super) change_percent: String,
    pub(super) currency: &'static str,
    /// ISO 8601.
    pub(super) updated_at: String,
}

impl From<&broker::Stock> for Quote {
    fn from(stock: &broker::Stock) -> Self {
        Self {
            symbol: stock.symbol.to_string(),
            name: stock.name.clone(),
            price: stock.price.to_string(),
            open: stock.open.to_string(),
            change_percent: percent(stock.open.cents(), stock.price.cents()),
            currency: "USD",
            updated_at: stock.updated_at.clone(),
        }
    }
}

/// A value at a time.
#[derive(Serialize, JsonSchema)]
pub(super) struct Point {
    /// ISO 8601.
    pub(super) at: String,
    pub(super) value: String,
}

/// A history, thinned out to what a model can read.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct History {
    /// How far back it goes.
    #[schemars(extend("enum" = ["day", "week", "month", "year"]))]
    pub(super) range: &'static str,
    pub(super) currency: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lowest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) highest: Option<String>,
    /// From the first to the last, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) change_percent: Option<String>,
    /// At most 24, the oldest first.
    pub(super) points: Vec<Point>,
}

impl History {
    pub(super) fn of(history: &broker::History, range: broker::Range) -> Self {
        const MOST: usize = 24;
        let points = &history.points;
        let values = || points.iter().map(|point| point.value);
        let (first, last) = (points.first(), points.last());
        // Always the first and the last; the others evenly spaced.
        let picked = |at: usize| (at * points.len().saturating_sub(1)) / (MOST - 1);
        let chosen: Vec<usize> =
            if points.len() <= MOST { (0..points.len()).collect() } else { (0..MOST).map(picked).collect() };
        Self {
            range: range.as_str(),
            currency: "USD",
            lowest: values().min().map(|value| value.to_string()),
            highest: values().max().map(|value| value.to_string()),
            change_percent: first.zip(last).map(|(first, last)| percent(first.value.cents(), last.value.cents())),
            points: chosen
                .into_iter()
                .filter_map(|at| points.get(at))
                .map(|point| Point { at: point.at.clone(), value: point.value.to_string() })
                .collect(),
        }
    }
}

/// The person's account.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Portfolio {
    pub(super) currency: &'static str,
    pub(super) cash_balance: String,
    /// Cash and positions at the market's prices now.
    pub(super) total_value: String,
    pub(super) holdings: Vec<Holding>,
}

/// A position.
#[derive(Serialize, JsonSchema)]
pub(super) struct Holding {
    pub(super) symbol: String,
    pub(super) name: String,
    pub(super) shares: u32,
    /// A share's price now.
    pub(super) price: String,
    /// What all of these shares cost.
    pub(super) cost: String,
    /// What they are worth now.
    pub(super) value: String,
}

impl From<&broker::Portfolio> for Portfolio {
    fn from(portfolio: &broker::Portfolio) -> Self {
        let holding = |holding: &broker::Holding| Holding {
            symbol: holding.symbol.to_string(),
            name: holding.name.clone(),
            shares: holding.shares,
            price: holding.price.to_string(),
            cost: holding.cost.to_string(),
            value: holding.value.to_string(),
        };
        Self {
            currency: "USD",
            cash_balance: portfolio.cash_balance.to_string(),
            total_value: portfolio.total_value.to_string(),
            holdings: portfolio.holdings.iter().map(holding).collect(),
        }
    }
}

/// An order.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order {
    pub(super) id: String,
    pub(super) symbol: String,
    /// BUY or SELL.
    #[schemars(extend("enum" = ["BUY", "SELL"]))]
    pub(super) side: &'static str,
    pub(super) quantity: u32,
    /// A share's price: what was paid where it was filled, otherwise the limit.
    pub(super) price: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limit: Option<String>,
    /// PENDING, FILLED, CANCELLED or REJECTED.
    #[schemars(extend("enum" = ["PENDING", "FILLED", "CANCELLED", "REJECTED"]))]
    pub(super) status: &'static str,
    /// Why it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reason: Option<String>,
    pub(super) currency: &'static str,
    /// Who placed it: "you", or an agent.
    pub(super) placed_by: String,
    /// The code that stood on the approval, where an agent placed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) approval_code: Option<String>,
    /// ISO 8601.
    pub(super) created_at: String,
    pub(super) updated_at: String,
}

impl From<&broker::Order> for Order {
    fn from(order: &broker::Order) -> Self {
        Self {
            id: order.id.clone(),
            symbol: order.symbol.to_string(),
            side: order.side.as_str(),
            quantity: order.quantity.get(),
            price: order.price.to_string(),
            limit: order.limit.map(|limit| limit.to_string()),
            status: order.status.as_str(),
            reason: order.reason.clone(),
            currency: "USD",
            placed_by: order.placed_by.name.clone().unwrap_or_else(|| order.placed_by.who.clone()),
            approval_code: order.placed_by.code.clone(),
            created_at: order.created_at.clone(),
            updated_at: order.updated_at.clone(),
        }
    }
}

/// The change between two amounts in percent, with a sign and two decimal places: `+0.84`, `-1.20`, `0.00`.
pub(super) fn percent(from: i64, to: i64) -> String {
    if from == 0 {
        return "0.00".into();
    }
    let (from, to) = (i128::from(from), i128::from(to));
    // In hundredths of a percent, rounded half away from zero.
    let twice = (to - from) * 20_000 / from;
    let hundredths = (twice + twice.signum()) / 2;
    let sign = match hundredths.signum() {
        1 => "+",
        -1 => "-",
        _ => "",
    };
    format!("{sign}{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_percent_with_two_places() {
        assert_eq!(percent(10_000, 10_084), "+0.84");
        assert_eq!(percent(10_000, 9_880), "-1.20");
        assert_eq!(percent(10_000, 10_000), "0.00");
        assert_eq!(percent(30_000, 30_001), "0.00");
        assert_eq!(percent(3, 1), "-66.67");
        assert_eq!(percent(0, 5), "0.00");
    }

    #[test]
    fn a_long_history_keeps_its_ends() {
        let points = (0..1_000)
            .map(|at| broker::Point {
                at: at.to_string(),
                value: shared::money::Money::from_cents(10_000 + at).unwrap_or_default(),
            })
            .collect();
        let history = History::of(&broker::History { points }, broker::Range::Year);
        assert_eq!((history.range, history.points.len()), ("year", 24));
        assert_eq!(history.points.first().map(|point| point.at.as_str()), Some("0"));
        assert_eq!(history.points.last().map(|point| point.at.as_str()), Some("999"));
        assert_eq!(history.lowest.as_deref(), Some("100.00"));
        assert_eq!(history.highest.as_deref(), Some("109.99"));
        assert_eq!(history.change_percent.as_deref(), Some("+9.99"));
        assert!(History::of(&broker::History { points: vec![] }, broker::Range::Day).points.is_empty());
    }
}
