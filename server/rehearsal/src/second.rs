//! Second steps, after the list of orders or the portfolio was read: for "cancel my order" or "sell all my WAYNE".

use foundation::tr;
use serde_json::{Value, json};
use shared::money::Money;

use crate::{
    conversation::{Found, Plan},
    intent::Intent,
    order::{Order, Portion},
    ordering::ordering,
    words::{line, word},
};

/// The tool whose result a request needs for its second step.
pub(crate) fn first_step(asked: &Intent) -> Option<&'static str> {
    match asked {
        Intent::CancelOrder(None) | Intent::OrderStatus(None) => Some("get_order_history"),
        Intent::Order(Order { portion: Some(_), .. }) => Some("get_portfolio"),
        _ => None,
    }
}

/// The step after the first one: a call, or the answer.
pub(crate) fn second_step(asked: &Intent, found: &[Found<'_>]) -> Option<Plan> {
    let first = found.iter().find(|found| first_step(asked) == Some(found.tool) && found.status == "ok")?;
    let done = |tool: &str, symbol: Option<&str>| {
        found.iter().any(|found| found.tool == tool && symbol.is_none_or(|symbol| found.arguments["symbol"] == symbol))
    };
    let orders = first.data["orders"].as_array().map(Vec::as_slice).unwrap_or_default();
    match asked {
        Intent::CancelOrder(None) if done("cancel_order", None) => None,
        Intent::CancelOrder(None) => {
            let pending = orders.iter().find(|order| order["status"] == "PENDING");
            Some(match pending.and_then(|order| order["id"].as_str()) {
                Some(id) => Plan::call("cancel_order", json!({ "order": id })),
                None => Plan::say(tr!(
                    "None of your orders waits any more, so there is nothing to cancel.",
                    "Keiner deiner Aufträge wartet mehr, es gibt also nichts zu stornieren."
                )),
            })
        }
        Intent::OrderStatus(None) => Some(Plan::say(match orders.first() {
            Some(order) => {
                tr!(format!("Your last order: {}.", line(order)), format!("Dein letzter Auftrag: {}.", line(order)))
            }
            None => tr!("You have no orders yet.", "Du hast noch keine Aufträge.").into(),
        })),
        Intent::Order(order) if done("create_order", order.symbol.as_deref()) => None,
        Intent::Order(order) => Some(of_holdings(order, order.portion?, &first.data)),
        _ => None,
    }
}

/// The order for a portion of the shares, or of the cash, that this portfolio has.
fn of_holdings(order: &Order, portion: Portion, portfolio: &Value) -> Plan {
    let part = |whole: i64| if portion == Portion::Half { whole / 2 } else { whole };
    let mut order = Order { portion: None, ..order.clone() };
    if order.side == "BUY" {
        let cash = word(portfolio, "cashBalance").parse::<Money>().map_or(0, Money::cents);
        order.total = Money::from_cents(part(cash)).map(|total| total.to_string());
        order.fitting = true;
        return ordering(&order);
    }
    let symbol = order.symbol.as_deref().unwrap_or_default();
    let mut holdings = portfolio["holdings"].as_array().into_iter().flatten();
    let shares = holdings.find(|holding| holding["symbol"] == symbol).and_then(|holding| holding["shares"].as_i64());
    match shares.map(part) {
        Some(quantity @ 1..) => {
            order.quantity = Some(quantity);
            ordering(&order)
        }
        Some(_) => Plan::say(tr!(
            format!("You hold one share of {symbol}, and I can't sell a part of a share."),
            format!("Du hast eine Aktie von {symbol}, und einen Teil davon kann ich nicht verkaufen.")
        )),
        None => Plan::say(tr!(
            format!("You hold no shares of {symbol}, so there is nothing to sell."),
            format!("Du hast keine Aktien von {symbol}, es gibt also nichts zu verkaufen.")
        )),
    }
}
