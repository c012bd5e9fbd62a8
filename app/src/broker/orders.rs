//! `/orders`: all orders, each with who placed it. A new one is confirmed at the top.

use broker::page::OrdersPage;
use foundation::{lang, tr};
use leptos::prelude::*;
use shared::{
    broker::{Order, Status},
    money::Side,
};

use super::frame::{Way, document, head};
use crate::{
    shell,
    ui::{
        Glyph, Tone, icon,
        money::{amount, usd},
        note, order, time,
    },
};

pub(crate) fn page(page: &OrdersPage) -> String {
    shell::html(&head(tr!("Orders", "Aufträge")), || {
        let placed = page.placed.as_ref().and_then(|id| page.orders.iter().find(|order| order.id == *id));
        let orders = if page.orders.is_empty() {
            view! {
                <div class="card">
                    <div class="empty">
                        {icon(Glyph::Inbox)}
                        <p><strong>{tr!("No orders yet", "Noch keine Aufträge")}</strong></p>
                        <p>{tr!("Each order is listed with who placed it: you, or an agent under an approval.", "Hier siehst du zu jedem Auftrag, wer ihn aufgegeben hat: du oder ein Agent mit deiner Freigabe.")}</p>
                        <a class="button primary" href="/#market">{tr!("See the market", "Zum Markt")}</a>
                    </div>
                </div>
            }
            .into_any()
        } else {
            view! { <div class="card">{list(&page.orders, page.now)}</div> }.into_any()
        };
        let content = view! {
            <div class="page middle">
                <div class="page-head"><h1>{tr!("Orders", "Aufträge")}</h1></div>
                <div class="stack">{placed.map(confirmation)}{orders}</div>
            </div>
        };
        document(&page.frame, Way::Orders, content)
    })
}

/// The outcome of the order that was just placed.
fn confirmation(order: &Order) -> AnyView {
    let shares = lang::count(order.quantity.get(), tr!("share", "Aktie"), tr!("shares", "Aktien"));
    let symbol = &order.symbol;
    match order.status {
        Status::Filled => {
            let (price, all) = (usd(order.price), usd(order.price.times(order.quantity)));
            let is_bought = order.side == Side::Buy;
            let text = tr!(
                {
                    let verb = if is_bought { "bought" } else { "sold" };
                    format!("You {verb} {shares} of {symbol} at {price}, {all} in all.")
                },
                {
                    let verb = if is_bought { "gekauft" } else { "verkauft" };
                    format!("Du hast {shares} von {symbol} zu {price} {verb}, insgesamt {all}.")
                }
            );
            note(
                Tone::Good,
                view! { <strong>{tr!("Order filled. ", "Auftrag ausgeführt. ")}</strong>{text} }.into_any(),
            )
        }
        Status::Rejected => {
            let reason = order
                .why(lang::current())
                .unwrap_or_else(|| tr!("The market didn’t take it.", "Die Börse nahm ihn nicht an.").into());
            let text = format!("{} {}", sentence(&reason), tr!("Nothing was traded.", "Nichts wurde gehandelt."));
            note(
                Tone::Bad,
                view! { <strong>{tr!("Order rejected. ", "Auftrag zurückgewiesen. ")}</strong>{text} }.into_any(),
            )
        }
        Status::Pending => {
            note(Tone::Waiting, tr!("Your order waits at the market.", "Dein Auftrag wartet an der Börse."))
        }
        Status::Cancelled => note(
            Tone::Quiet,
            tr!(
                "Your order was cancelled. Nothing was traded.",
                "Dein Auftrag wurde storniert. Nichts wurde gehandelt."
            ),
        ),
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
    let reason = order.why(lang::current()).filter(|_| order.status == Status::Rejected);
    let each = match order.status {
        Status::Filled => format!("{} × {}", order.quantity, amount(order.price)),
        _ => format!("Limit {}", amount(order.limit.unwrap_or(order.price))),
    };
    let sum = usd(order.price.times(order.quantity));
    view! {
        <li class="order" id=order.id.clone()>
            <span class="what">
                {tr!(format!("{} {} ", order.side.word(), order.quantity), format!("{} ", order.quantity))}
                <a href=format!("/stocks/{}", order.symbol)>{order.symbol.to_string()}</a>
                {tr!("", if order.side == Side::Buy { " kaufen" } else { " verkaufen" })}
            </span>
            <span>{order::state(order.status)}</span>
            <span class="more-of-it">{who(order, now)}{reason.map(|reason| view! { " · "{sentence(&reason)} })}</span>
            <span class="more-of-it"><span class="sum">{sum}</span><span class="each">{each}</span></span>
        </li>
    }
    .into_any()
}

/// The person or app that placed the order, and the time: `You, 11:40`, or `Mandate chat, approved by you 14:02 · code K7 QD`.
fn who(order: &Order, now: i64) -> AnyView {
    let by = &order.placed_by;
    let placed = time::parse(&order.created_at);
    if by.who == "you" {
        return view! { {tr!("You", "Du")}{placed.map(|at| view! { ", "{time::ago_view(now, at)} })} }.into_any();
    }
    let name = by.name.clone().unwrap_or_else(|| by.who.clone());
    let when = match by.approved_at.as_deref().and_then(time::parse) {
        Some(at) => {
            Some(view! { {tr!(", approved by you ", ", von dir freigegeben ")}{time::ago_view(now, at)} }.into_any())
        }
        None => placed.map(|at| {
            view! { ", "{time::ago_view(now, at)}{tr!(", without an approval", ", ohne Freigabe")} }.into_any()
        }),
    };
    let code = by
        .code
        .clone()
        .map(|code| view! { " · "<span class="nowrap">{tr!("code ", "Code ")}<span class="code-inline">{code}</span></span> });
    // The MCP client that asked through the agent comes first, because the person knows it by name.
    let caller = by.asked_by.clone().map(|caller| view! { <bdi>{caller}</bdi>{tr!(" through ", " über ")} });
    view! { {caller}<bdi>{name}</bdi>{when}{code} }.into_any()
}
