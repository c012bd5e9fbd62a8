//! `/orders`: all orders, each with who placed it. A new one is confirmed at the top.

use broker::page::OrdersPage;
use leptos::prelude::*;
use shared::{
    broker::{Order, Status},
    money::Side,
};

use super::frame::{Way, document, head};
use crate::{
    shell,
    ui::{Glyph, Tone, icon, money::usd, note, pill, time},
};

pub(crate) fn page(page: &OrdersPage) -> String {
    shell::html(&head("Orders"), || {
        let placed = page.placed.as_ref().and_then(|id| page.orders.iter().find(|order| order.id == *id));
        let orders = if page.orders.is_empty() {
            view! {
                <div class="card">
                    <div class="empty">
                        {icon(Glyph::Inbox)}
                        <p><strong>"No orders yet"</strong></p>
                        <p>"Each order is listed with who placed it: you, or an agent under an approval."</p>
                        <a class="button primary" href="/#market">"See the market"</a>
                    </div>
                </div>
            }
            .into_any()
        } else {
            view! { <div class="card">{list(&page.orders, page.now)}</div> }.into_any()
        };
        let content = view! {
            <div class="page middle">
                <div class="page-head"><h1>"Orders"</h1></div>
                <div class="stack">{placed.map(confirmation)}{orders}</div>
            </div>
        };
        document(&page.frame, Way::Orders, content)
    })
}

/// The outcome of the order that was just placed.
fn confirmation(order: &Order) -> AnyView {
    let shares = if order.quantity.get() == 1 { "share" } else { "shares" };
    let (quantity, symbol) = (order.quantity, &order.symbol);
    match order.status {
        Status::Filled => {
            let verb = if order.side == Side::Buy { "bought" } else { "sold" };
            let text = format!(
                "You {verb} {quantity} {shares} of {symbol} at {}, {} in all.",
                usd(order.price),
                usd(order.price.times(quantity))
            );
            note(Tone::Good, view! { <strong>"Order filled. "</strong>{text} }.into_any())
        }
        Status::Rejected => {
            let reason = order.reason.clone().unwrap_or_else(|| "The market didn’t take it.".into());
            let text = format!("{} Nothing was traded.", sentence(&reason));
            note(Tone::Bad, view! { <strong>"Order rejected. "</strong>{text} }.into_any())
        }
        Status::Pending => note(Tone::Waiting, "Your order waits at the market."),
        Status::Cancelled => note(Tone::Quiet, "Your order was cancelled. Nothing was traded."),
    }
}

/// Turns a phrase into a sentence: a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.trim().trim_end_matches('.').chars();
    chars.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), chars.as_str()))
}

/// A list of orders, newest first.
pub(super) fn list(orders: &[Order], now: i64) -> AnyView {
    let rows: Vec<_> = orders.iter().map(|order| row(order, now)).collect();
    view! { <ul class="orders">{rows}</ul> }.into_any()
}

fn row(order: &Order, now: i64) -> AnyView {
    let reason = order.reason.clone().filter(|_| order.status == Status::Rejected);
    let each = match order.status {
        Status::Filled => format!("{} × {}", order.quantity, order.price.grouped()),
        _ => format!("limit {}", order.limit.unwrap_or(order.price).grouped()),
    };
    let sum = usd(order.price.times(order.quantity));
    view! {
        <li class="order" id=order.id.clone()>
            <span class="what">
                {format!("{} {} ", order.side.word(), order.quantity)}
                <a href=format!("/stocks/{}", order.symbol)>{order.symbol.to_string()}</a>
            </span>
            <span>{status(order.status)}</span>
            <span class="more-of-it">{who(order, now)}{reason.map(|reason| format!(" · {}", sentence(&reason)))}</span>
            <span class="more-of-it"><span class="sum">{sum}</span><span class="each">{each}</span></span>
        </li>
    }
    .into_any()
}

pub(super) fn status(status: Status) -> AnyView {
    match status {
        Status::Filled => pill(Tone::Good, "Filled"),
        Status::Pending => pill(Tone::Waiting, "Waiting"),
        Status::Cancelled => pill(Tone::Quiet, "Cancelled"),
        Status::Rejected => pill(Tone::Bad, "Rejected"),
    }
}

/// The person or app that placed the order, and the time: `You, 11:40`, or `Mandate chat, approved by you 14:02 · code K7 QD`.
fn who(order: &Order, now: i64) -> AnyView {
    let by = &order.placed_by;
    let placed = time::parse(&order.created_at);
    if by.who == "you" {
        return view! { "You"{placed.map(|at| view! { ", "{time::ago_view(now, at)} })} }.into_any();
    }
    let name = by.name.clone().unwrap_or_else(|| by.who.clone());
    let when = match by.approved_at.as_deref().and_then(time::parse) {
        Some(at) => Some(view! { ", approved by you "{time::ago_view(now, at)} }.into_any()),
        None => placed.map(|at| view! { ", "{time::ago_view(now, at)}", without an approval" }.into_any()),
    };
    let code = by
        .code
        .clone()
        .map(|code| view! { " · "<span class="nowrap">"code "<span class="code-inline">{code}</span></span> });
    // The MCP client that asked through the agent comes first, because the person knows it by name.
    let caller = by.asked_by.clone().map(|caller| view! { <bdi>{caller}</bdi>" through " });
    view! { {caller}<bdi>{name}</bdi>{when}{code} }.into_any()
}
