//! The call for an order.

use serde_json::{Value, json};

use crate::{
    conversation::Plan,
    order::Order,
    words::{inert, money},
};

/// The call for an order, or a question about what is missing.
pub(crate) fn ordering(order: &Order) -> Plan {
    if let Some(unread) = &order.unread {
        return Plan::say(format!("{} I didn't ask for that; please write the order again.", inert(unread)));
    }
    let verb = if order.side == "BUY" { "buy" } else { "sell" };
    let Some(symbol) = &order.symbol else {
        return Plan::say(match order.quantity {
            Some(_) => "Of which stock? *Which stocks are there?* lists them all.",
            None => "Which stock, and how many shares? For example: *Buy 5 WAYNE*.",
        });
    };
    if order.portion.is_some() {
        return Plan::call("get_portfolio", json!({})).first("I'll look up what you hold. ");
    }
    let what = match (order.quantity, &order.total) {
        (Some(quantity), None) => format!("{verb} {quantity} {symbol}"),
        (Some(quantity), Some(total)) => format!("{verb} {quantity} {symbol} for {} USD in all", money(total)),
        (None, Some(total)) if order.fitting => format!("{verb} {symbol} for {} USD in all", money(total)),
        (None, Some(total)) => {
            let total = money(total);
            let question =
                format!("How many shares of {symbol}, for {total} USD in all? Or say *as many as it pays for*.");
            return Plan::say(question);
        }
        (None, None) => return Plan::say(format!("How many shares of {symbol}?")),
    };
    Plan::call("create_order", arguments(order, symbol, &what)).first(format!("I'll ask for your approval to {what}."))
}

fn arguments(order: &Order, symbol: &str, what: &str) -> Value {
    let mut arguments = json!({ "symbol": symbol, "side": order.side });
    for (name, value) in
        [("quantity", order.quantity.map(Value::from)), ("total", text(&order.total)), ("limit", text(&order.limit))]
    {
        if let Some(value) = value {
            arguments[name] = value;
        }
    }
    arguments["reason"] = format!("You wrote in the chat that you want to {what}.").into();
    arguments
}

fn text(value: &Option<String>) -> Option<Value> {
    value.as_deref().map(Value::from)
}
