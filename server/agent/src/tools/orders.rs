//! `get_order_history`, `get_order_status`: the person's orders.

use foundation::{
    lang::{self, Lang},
    tr,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::{
    broker::{Order, Orders, Status},
    chat::View,
    scope,
};

use super::{
    access,
    answer::{Answer, Stop},
    caller::Caller,
    definition::Definition,
    input,
    order::OrderId,
    output, schema,
};
use crate::{
    broker::{self, API},
    state::Agent,
};

const SCOPES: [&str; 1] = [scope::TRADE_READ];

/// How many orders.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct List {
    /// The maximum number of orders to return, from 1 to 50. Without it: 20.
    #[serde(default, deserialize_with = "input::optional")]
    limit: Option<i64>,
}

/// Which order.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Which {
    /// The order's id, as get_order_history returns it. It begins with "ord_".
    order: String,
}

/// The orders, the newest first.
#[derive(Serialize, JsonSchema)]
struct Listed {
    orders: Vec<output::Order>,
}

pub(super) fn history(at: &str) -> Definition {
    Definition {
        name: "get_order_history".into(),
        title: "Orders".into(),
        description: format!(
            "Returns the person's orders at {at}, the newest first: side, stock, quantity, price, status, and who placed \
             each. Use it for questions about past or pending orders, and to find an order's id. Needs the account to be \
             connected."
        ),
        input: schema::input::<List>(),
        output: schema::output::<Listed>(),
        api: Some(API.into()),
        scopes: SCOPES.map(str::to_owned).to_vec(),
        approval: false,
        read_only: true,
        destructive: false,
        idempotent: true,
    }
}

pub(super) fn status(at: &str) -> Definition {
    Definition {
        name: "get_order_status".into(),
        title: "One order".into(),
        description: format!(
            "Returns one of the person's orders at {at} with its status: pending, filled, cancelled or rejected, and why. \
             Use it for what became of an order. Needs the order's id, which get_order_history has, and the account to be \
             connected."
        ),
        input: schema::input::<Which>(),
        output: schema::output::<output::Order>(),
        ..history(at)
    }
}

pub(super) async fn list(agent: &Agent, caller: &Caller, arguments: &str) -> Result<Answer, Stop> {
    let List { limit } = input::parse(arguments)?;
    let limit = match limit {
        None => 20,
        Some(limit) => usize::try_from(limit).ok().filter(|limit| (1..=50).contains(limit)).ok_or_else(|| {
            input::wrong(tr!(
                "The limit must be a whole number from 1 to 50.",
                "Die Anzahl muss eine ganze Zahl von 1 bis 50 sein."
            ))
        })?,
    };
    let token = access::token(agent, caller, API, &SCOPES).await?;
    let Orders { mut orders } = broker::get(agent, &["orders"], &[], Some(&token)).await?;
    let all = orders.len();
    orders.truncate(limit);
    let summary = match (all, orders.len()) {
        (0, _) => tr!("No orders yet", "Noch keine Aufträge").to_owned(),
        (1, _) => tr!("1 order", "1 Auftrag").to_owned(),
        (all, shown) if all > shown => {
            tr!(format!("the newest {shown} of {all} orders"), format!("die neuesten {shown} von {all} Aufträgen"))
        }
        (all, _) => tr!(format!("{all} orders"), format!("{all} Aufträge")),
    };
    let listed = Listed { orders: orders.iter().map(Into::into).collect() };
    Ok(Answer { summary, output: output::json(&listed), view: Some(View::Orders { orders }) })
}

pub(super) async fn one(agent: &Agent, caller: &Caller, arguments: &str) -> Result<Answer, Stop> {
    let Which { order } = input::parse(arguments)?;
    let id = input::order(&order)?;
    let token = access::token(agent, caller, API, &SCOPES).await?;
    let order = find(agent, &id, &token).await?;
    let output = output::json(&output::Order::from(&order));
    Ok(Answer { summary: line(&order), output, view: Some(View::Orders { orders: vec![order] }) })
}

/// The person's order with this id. Another person's order counts as missing (THREATS.md line 46).
pub(super) async fn find(agent: &Agent, id: &OrderId, token: &foundation::SecretString) -> Result<Order, Stop> {
    broker::get(agent, &["orders", id.as_str()], &[], Some(token)).await.map_err(|error| {
        if error.is_not_found() {
            let id = id.as_str();
            input::wrong(tr!(
                format!("The person has no order {id}. get_order_history lists the orders."),
                format!("Einen Auftrag {id} gibt es nicht. get_order_history nennt die Aufträge.")
            ))
        } else {
            error.into()
        }
    })
}

/// `Bought 5 WAYNE at 103.42 USD`
pub(super) fn line(order: &Order) -> String {
    let what = format!("{} {}", order.quantity, order.symbol);
    let price = order.price.grouped_in(lang::current());
    let is_bought = order.side == shared::money::Side::Buy;
    if lang::current() == Lang::De {
        return line_in_german(order, &what, &price, is_bought);
    }
    let (did, verb) = if is_bought { ("Bought", "Buy") } else { ("Sold", "Sell") };
    match order.status {
        Status::Filled => format!("{did} {what} at {price} USD"),
        Status::Pending => format!("{verb} {what} at {price} USD: waiting at the market"),
        Status::Cancelled => format!("{verb} {what}: cancelled"),
        Status::Rejected => {
            let reason = order.reason.as_deref().unwrap_or("no reason given");
            format!("{verb} {what}: rejected, {reason}")
        }
    }
}

fn line_in_german(order: &Order, what: &str, price: &str, is_bought: bool) -> String {
    let (did, verb) = if is_bought { ("gekauft", "kaufen") } else { ("verkauft", "verkaufen") };
    match order.status {
        Status::Filled => format!("{what} zu {price} USD {did}"),
        Status::Pending => format!("{what} zu {price} USD {verb}: wartet an der Börse"),
        Status::Cancelled => format!("{what} {verb}: storniert"),
        Status::Rejected => {
            let reason = order.why(Lang::De).unwrap_or_else(|| "kein Grund genannt".into());
            format!("{what} {verb}: zurückgewiesen. {reason}")
        }
    }
}
