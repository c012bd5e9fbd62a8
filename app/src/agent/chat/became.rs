//! The outcome of an approved request, at the foot of its card.

use foundation::{lang, tr};
use leptos::prelude::*;
use shared::broker::{Order, Status};

use crate::ui::{Glyph, Tone, icon, pill, time, usd};

/// The outcome's pill, word and foot. `orders` is the address of the person's orders.
pub(super) fn became(order: &Order, now: i64, orders: &str) -> (AnyView, &'static str, AnyView) {
    let (tone, word) = match order.status {
        Status::Filled => (Tone::Good, tr!("Filled", "Ausgeführt")),
        Status::Pending => (Tone::Good, tr!("Placed", "Aufgegeben")),
        Status::Cancelled => (Tone::Quiet, tr!("Cancelled", "Storniert")),
        Status::Rejected => (Tone::Bad, tr!("Rejected", "Zurückgewiesen")),
    };
    (pill(tone, word), word, foot(order, now, orders))
}

/// The same for anything else that was approved and done.
pub(super) fn done(receipt: &str) -> (AnyView, &'static str, AnyView) {
    let foot = view! { <div class="ask-told">{icon(Glyph::Check)}<p>{receipt.to_owned()}</p></div> }.into_any();
    let word = tr!("Done", "Erledigt");
    (pill(Tone::Good, word), word, foot)
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
        .map(|at| view! { <span class="muted small">{tr!("Approved by you, ", "Von dir freigegeben, ")}{time::ago_view(now, at)}</span> });
    view! {
        <div class="ask-told">{icon(glyph)}<div><p>{told(order)}</p>{when}</div></div>
        <a class="button" href=orders.to_owned() target="_blank" rel="noopener">
            {tr!("See the order", "Auftrag ansehen")}{icon(Glyph::External)}<span class="visually-hidden">{tr!("(in a new tab)", "(in einem neuen Tab)")}</span>
        </a>
    }
    .into_any()
}

/// The outcome as a sentence.
fn told(order: &Order) -> String {
    let Order { symbol, quantity, price, status, .. } = order;
    let is_bought = order.side.as_str() == "BUY";
    match status {
        Status::Filled => {
            let (each, all) = (usd(*price), usd(price.times(*quantity)));
            tr!(
                {
                    let done = if is_bought { "Bought" } else { "Sold" };
                    format!("{done} {quantity} {symbol} at {each}, {all} in all.")
                },
                {
                    let done = if is_bought { "gekauft" } else { "verkauft" };
                    format!("{quantity} {symbol} zu {each} {done}, insgesamt {all}.")
                }
            )
        }
        Status::Pending => tr!(
            "The order is with StockTrade and waits at the market.",
            "Der Auftrag ist bei StockTrade und wartet an der Börse."
        )
        .into(),
        Status::Cancelled => tr!("The order was cancelled.", "Der Auftrag wurde storniert.").into(),
        Status::Rejected => match order.why(lang::current()) {
            Some(reason) => tr!(
                format!("StockTrade rejected the order: {reason}"),
                format!("StockTrade hat den Auftrag zurückgewiesen: {reason}")
            ),
            None => tr!("StockTrade rejected the order.", "StockTrade hat den Auftrag zurückgewiesen.").into(),
        },
    }
}
