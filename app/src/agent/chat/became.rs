//! The outcome of an approved order, at the foot of its card.

use leptos::prelude::*;
use shared::broker::{Order, Status};

use crate::ui::{Glyph, Tone, icon, pill, time, usd};

/// The outcome's pill, word and foot. `orders` is the address of the person's orders.
pub(super) fn became(order: &Order, now: i64, orders: &str) -> (AnyView, &'static str, AnyView) {
    let (tone, word) = match order.status {
        Status::Filled => (Tone::Good, "Filled"),
        Status::Pending => (Tone::Good, "Placed"),
        Status::Cancelled => (Tone::Quiet, "Cancelled"),
        Status::Rejected => (Tone::Bad, "Rejected"),
    };
    (pill(tone, word), word, foot(order, now, orders))
}

/// The same for anything else that was approved and done.
pub(super) fn done(receipt: &str) -> (AnyView, &'static str, AnyView) {
    let foot = view! { <div class="ask-told">{icon(Glyph::Check)}<p>{receipt.to_owned()}</p></div> }.into_any();
    (pill(Tone::Good, "Done"), "Done", foot)
}

/// The outcome, with a link to the order.
fn foot(order: &Order, now: i64, orders: &str) -> AnyView {
    let glyph = match order.status {
        Status::Filled | Status::Pending => Glyph::Check,
        Status::Rejected => Glyph::Alert,
        Status::Cancelled => Glyph::Ban,
    };
    let when = order
        .placed_by
        .approved_at
        .as_deref()
        .and_then(time::parse)
        .map(|at| view! { <span class="muted small">"Approved by you, "{time::ago_view(now, at)}</span> });
    view! {
        <div class="ask-told">{icon(glyph)}<div><p>{told(order)}</p>{when}</div></div>
        <a class="button" href=orders.to_owned() target="_blank" rel="noopener">
            "See the order"{icon(Glyph::External)}<span class="visually-hidden">"(in a new tab)"</span>
        </a>
    }
    .into_any()
}

/// The outcome as a sentence.
fn told(order: &Order) -> String {
    let Order { symbol, quantity, price, status, .. } = order;
    let done = if order.side.as_str() == "BUY" { "Bought" } else { "Sold" };
    match status {
        Status::Filled => {
            format!("{done} {quantity} {symbol} at {}, {} in all.", usd(*price), usd(price.times(*quantity)))
        }
        Status::Pending => "The order is with StockTrade and waits at the market.".into(),
        Status::Cancelled => "The order was cancelled.".into(),
        Status::Rejected => match &order.reason {
            Some(reason) => format!("StockTrade rejected the order: {reason}"),
            None => "StockTrade rejected the order.".into(),
        },
    }
}
