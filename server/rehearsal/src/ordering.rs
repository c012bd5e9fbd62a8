//! The call for an order.

use foundation::tr;
use serde_json::{Value, json};

use crate::{
    conversation::Plan,
    order::Order,
    words::{inert, money},
};

/// The call for an order, or a question about what is missing.
pub(crate) fn ordering(order: &Order) -> Plan {
    if let Some(unread) = &order.unread {
        let unread = inert(unread);
        return Plan::say(tr!(
            format!("{unread} I didn't ask for that; please write the order again."),
            format!("{unread} Darum habe ich nicht gebeten; bitte schreib den Auftrag noch einmal.")
        ));
    }
    let verb = if order.side == "BUY" { tr!("buy", "kaufen") } else { tr!("sell", "verkaufen") };
    let Some(symbol) = &order.symbol else {
        return Plan::say(match order.quantity {
            Some(_) => tr!(
                "Of which stock? *Which stocks are there?* lists them all.",
                "Von welcher Aktie? *Welche Aktien gibt es?* zeigt alle."
            ),
            None => tr!(
                "Which stock, and how many shares? For example: *Buy 5 WAYNE*.",
                "Welche Aktie, und wie viele? Zum Beispiel: *Kauf 5 WAYNE*."
            ),
        });
    };
    if order.portion.is_some() {
        return Plan::call("get_portfolio", json!({}))
            .first(tr!("I'll look up what you hold. ", "Ich sehe nach, was du hast. "));
    }
    let what = match (order.quantity, &order.total) {
        (Some(quantity), None) => tr!(format!("{verb} {quantity} {symbol}"), format!("{quantity} {symbol} zu {verb}")),
        (Some(quantity), Some(total)) => tr!(
            format!("{verb} {quantity} {symbol} for {} USD in all", money(total)),
            format!("{quantity} {symbol} für insgesamt {} USD zu {verb}", money(total))
        ),
        (None, Some(total)) if order.fitting => tr!(
            format!("{verb} {symbol} for {} USD in all", money(total)),
            format!("{symbol} für insgesamt {} USD zu {verb}", money(total))
        ),
        (None, Some(total)) => {
            let total = money(total);
            let question = tr!(
                format!("How many shares of {symbol}, for {total} USD in all? Or say *as many as it pays for*."),
                format!("Wie viele {symbol}, für insgesamt {total} USD? Oder sag *so viele, wie es reicht*.")
            );
            return Plan::say(question);
        }
        (None, None) => return Plan::say(tr!(format!("How many shares of {symbol}?"), format!("Wie viele {symbol}?"))),
    };
    Plan::call("create_order", arguments(order, symbol, &what))
        .first(tr!(format!("I'll ask for your approval to {what}."), format!("Ich bitte um deine Freigabe, {what}.")))
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
    arguments["reason"] = tr!(
        format!("You wrote in the chat that you want to {what}."),
        format!("Du hast im Chat darum gebeten, {what}.")
    )
    .into();
    arguments
}

fn text(value: &Option<String>) -> Option<Value> {
    value.as_deref().map(Value::from)
}
