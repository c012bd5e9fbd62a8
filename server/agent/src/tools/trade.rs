//! `create_order`, `cancel_order`: prepared here, approved by the person, placed by `approval.rs`. No call of these
//! tools changes anything by itself (security.md line 44).

use schemars::JsonSchema;
use serde::Deserialize;
use wire::{
    broker::{Order, Status, Stock},
    chat::View,
    details::{Currency, Detail, StockOrder, StockOrderCancellation},
    money::{Money, Side},
};

use super::{Answer, Caller, Definition, Prepared, Stop, access, input, market, orders, output, schema};
use crate::Agent;

/// `trade:read` too: whether an order was placed is asked before it is ever said that it wasn't.
const SCOPES: &[&str] = &["trade:read", "trade:write"];

/// An order.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Create {
    /// The stock's symbol, such as WAYNE.
    symbol: String,
    /// BUY or SELL.
    #[schemars(extend("enum" = ["BUY", "SELL"]))]
    side: String,
    /// How many shares: a whole number from 1 to 10000.
    #[schemars(range(min = 1, max = 10_000))]
    quantity: i64,
    /// The worst price a share in US dollars, such as "105.49". Only where the person named one; left out, it is
    /// set at 2 % beside the market.
    #[serde(default, deserialize_with = "input::optional")]
    limit: Option<String>,
    /// Why, in a sentence that the person reads as yours on the approval page; at most 300 characters.
    #[serde(default, deserialize_with = "input::optional")]
    reason: Option<String>,
}

/// An order to cancel.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Cancel {
    /// The order's id, which begins with "ord_".
    order: String,
    /// Why, in a sentence that the person reads as yours on the approval page; at most 300 characters.
    #[serde(default, deserialize_with = "input::optional")]
    reason: Option<String>,
}

pub(super) fn create() -> Definition {
    Definition {
        name: "create_order",
        title: "Place an order",
        description: "Prepares an order to buy or sell a stock at StockTrade and asks the person to approve it on a \
                      page of their own. Nothing is placed until they do; the answer says what became of it. If \
                      they deny it, don't ask again unless they say so.",
        input: schema::input::<Create>(),
        output: schema::output::<output::Order>(),
        scopes: SCOPES,
        approval: true,
        read_only: false,
        destructive: true,
        idempotent: false,
        open_world: true,
        run: |agent, caller, arguments| Box::pin(prepare(agent, caller, arguments)),
    }
}

pub(super) fn cancel() -> Definition {
    Definition {
        name: "cancel_order",
        title: "Cancel an order",
        description: "Asks the person to approve that one of their orders, which still waits at the market, is \
                      cancelled. Nothing is cancelled until they do.",
        input: schema::input::<Cancel>(),
        idempotent: true,
        run: |agent, caller, arguments| Box::pin(prepare_cancellation(agent, caller, arguments)),
        ..create()
    }
}

async fn prepare(agent: &Agent, caller: &Caller, arguments: &str) -> Result<Answer, Stop> {
    let wanted: Create = input::parse(arguments)?;
    let symbol = input::symbol(&wanted.symbol)?;
    let side = input::side(&wanted.side)?;
    let quantity = input::quantity(wanted.quantity)?;
    let named = wanted.limit.as_deref().map(input::price).transpose()?;
    // Whether it may be asked for at all comes first: no approval is asked for an order that could not be placed.
    access::token(agent, caller, SCOPES).await?;
    let stock = market::stock(agent, &symbol).await?;
    let limit = match named {
        Some(limit) => limit,
        None => beside(side, stock.price).ok_or_else(|| input::wrong("The price is out of range."))?,
    };
    let order = StockOrder { symbol, side, quantity, limit, currency: Currency::Usd };
    let facts = facts(agent, &order, &stock, named.is_some());
    let names = vec![order.symbol.to_string(), stock.name];
    let detail = Detail::StockOrder(order);
    let agent_message = wanted.reason.as_deref().and_then(input::words);
    Err(Stop::Approval(Box::new(Prepared { title: detail.title(), detail, facts, agent_message, names })))
}

async fn prepare_cancellation(agent: &Agent, caller: &Caller, arguments: &str) -> Result<Answer, Stop> {
    let wanted: Cancel = input::parse(arguments)?;
    let id = input::order(&wanted.order)?;
    let token = access::token(agent, caller, SCOPES).await?;
    let order = orders::find(agent, &id, &token).await?;
    if order.status != Status::Pending {
        return Err(input::wrong(format!(
            "This order no longer waits, so there is nothing to cancel: {}.",
            orders::line(&order)
        )));
    }
    let facts = vec![
        ("Order".into(), id.as_str().to_owned()),
        ("What it is".into(), format!("{} {} {}", order.side.word(), order.quantity, order.symbol)),
        ("Limit".into(), usd(order.limit.unwrap_or(order.price))),
        ("Account".into(), agent.config.connection.1.clone()),
    ];
    let mut names = vec![id.as_str().to_owned(), order.symbol.to_string()];
    // Its name is one more word for it: without, there are the others.
    names.extend(market::stock(agent, &order.symbol).await.ok().map(|stock| stock.name));
    let detail = Detail::StockOrderCancellation(StockOrderCancellation { order: id });
    let title = format!("Cancel: {} {} {}", order.side.word(), order.quantity, order.symbol);
    let agent_message = wanted.reason.as_deref().and_then(input::words);
    Err(Stop::Approval(Box::new(Prepared { title, detail, facts, agent_message, names })))
}

/// 2 % beside the market, rounded half up to a cent: above it for a purchase, below it for a sale, and at least
/// one cent. So the order is filled though the price moves a little, and never far from it.
fn beside(side: Side, price: Money) -> Option<Money> {
    let percent = match side {
        Side::Buy => 102,
        Side::Sell => 98,
    };
    Money::from_cents(((price.cents().checked_mul(percent)? + 50) / 100).max(1))
}

fn facts(agent: &Agent, order: &StockOrder, stock: &Stock, named: bool) -> Vec<(String, String)> {
    let (estimated, bound, worst, beside) = match order.side {
        Side::Buy => ("Estimated cost", "At most", "or less", "above"),
        Side::Sell => ("Estimated proceeds", "At least", "or more", "below"),
    };
    let limit = if named {
        format!("{} {worst} a share", usd(order.limit))
    } else {
        format!("{} {worst} a share, 2\u{a0}% {beside} the market", usd(order.limit))
    };
    vec![
        ("Stock".into(), format!("{} ({})", stock.name, stock.symbol)),
        ("Shares".into(), order.quantity.to_string()),
        ("Price now".into(), usd(stock.price)),
        (estimated.into(), format!("about {}", usd(stock.price.times(order.quantity)))),
        ("Limit".into(), limit),
        (bound.into(), usd(order.bound())),
        ("Account".into(), agent.config.connection.1.clone()),
    ]
}

fn usd(amount: Money) -> String {
    format!("{} USD", amount.grouped())
}

/// What became of an approved order.
pub(super) fn placed(order: &Order) -> Answer {
    Answer {
        summary: orders::line(order),
        output: output::json(&output::Order::from(order)),
        view: Some(View::Orders { orders: vec![order.clone()] }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_two_percent_beside_the_market() {
        let limit = |side, cents| Money::from_cents(cents).and_then(|price| beside(side, price)).map(Money::cents);
        assert_eq!(limit(Side::Buy, 10_342), Some(10_549));
        assert_eq!(limit(Side::Sell, 10_342), Some(10_135));
        // 0.25 · 1.02 = 0.255, 0.25 · 0.98 = 0.245: half a cent goes up.
        assert_eq!(limit(Side::Buy, 25), Some(26));
        assert_eq!(limit(Side::Sell, 25), Some(25));
        assert_eq!(limit(Side::Sell, 1), Some(1));
    }
}
