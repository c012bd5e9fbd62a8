//! A person's orders as a table.

use leptos::prelude::*;
use shared::broker::{Order, Status};

use crate::ui::{Tone, pill, time, usd};

pub(super) fn orders(orders: &[Order], now: i64) -> Option<AnyView> {
    if orders.is_empty() {
        return None;
    }
    let rows = orders.iter().map(|order| row(order, now));
    let table = view! {
        <div class="card data">
            <table class="table">
                <caption class="visually-hidden">"Orders"</caption>
                <thead><tr><th scope="col">"Order"</th><th scope="col" class="number">"State"</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    };
    Some(table.into_any())
}

fn row(order: &Order, now: i64) -> AnyView {
    let (tone, word) = match order.status {
        Status::Filled => (Tone::Good, "Filled"),
        Status::Pending => (Tone::Waiting, "At the market"),
        Status::Cancelled => (Tone::Quiet, "Cancelled"),
        Status::Rejected => (Tone::Bad, "Rejected"),
    };
    let title = format!("{} {} {}", order.side.word(), order.quantity, order.symbol);
    let placed_by = &order.placed_by;
    let who = match (&placed_by.name, placed_by.who.as_str()) {
        (_, "you") => "You".to_owned(),
        (Some(name), _) => name.clone(),
        (None, who) => who.to_owned(),
    };
    let who = match &placed_by.asked_by {
        Some(client) => format!("{client} through {who}"),
        None => who,
    };
    let code = placed_by.code.clone().map(|code| view! { ", code "<span class="code-inline">{code}</span> });
    let when = time::parse(&order.created_at).map(|at| view! { " · "{time::ago_view(now, at)} });
    let amount = match order.status {
        Status::Filled => usd(order.price.times(order.quantity)),
        _ => format!("limit {}", usd(order.price)),
    };
    view! {
        <tr>
            <th scope="row"><span class="cell-title">{title}</span><span class="cell-more">{who}{code}{when}</span></th>
            <td class="number">{pill(tone, word)}<span class="cell-more">{amount}</span></td>
        </tr>
    }
    .into_any()
}
