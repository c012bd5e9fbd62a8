//! A person's orders as a table.

use foundation::tr;
use leptos::prelude::*;
use shared::broker::{Order, Status};

use crate::ui::{order, time, usd};

pub(super) fn orders(orders: &[Order], now: i64) -> Option<AnyView> {
    if orders.is_empty() {
        return None;
    }
    let rows = orders.iter().map(|order| row(order, now));
    let table = view! {
        <div class="card data">
            <table class="table">
                <caption class="visually-hidden">{tr!("Orders", "Aufträge")}</caption>
                <thead><tr><th scope="col">{tr!("Order", "Auftrag")}</th><th scope="col" class="number">{tr!("State", "Stand")}</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    };
    Some(table.into_any())
}

fn row(order: &Order, now: i64) -> AnyView {
    let title = order::title(order.side, order.quantity, &order.symbol);
    let placed_by = &order.placed_by;
    let who = match (&placed_by.name, placed_by.who.as_str()) {
        (_, "you") => tr!("You", "Du").to_owned(),
        (Some(name), _) => name.clone(),
        (None, who) => who.to_owned(),
    };
    let who = match &placed_by.asked_by {
        Some(client) => format!("{client}{}{who}", tr!(" through ", " über ")),
        None => who,
    };
    let code = placed_by.code.clone();
    let code = code.map(|code| view! { {tr!(", code ", ", Code ")}<span class="code-inline">{code}</span> });
    let when = time::parse(&order.created_at).map(|at| view! { " · "{time::ago_view(now, at)} });
    let amount = match order.status {
        Status::Filled => usd(order.price.times(order.quantity)),
        _ => format!("Limit {}", usd(order.price)),
    };
    view! {
        <tr>
            <th scope="row"><span class="cell-title">{title}</span><span class="cell-more">{who}{code}{when}</span></th>
            <td class="number">{order::state(order.status)}<span class="cell-more">{amount}</span></td>
        </tr>
    }
    .into_any()
}
