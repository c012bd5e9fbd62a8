//! The inbox: what waits for the person, what was decided, and which agents may not ask.

use identity::page::{Approval, Receipt, State};
use leptos::prelude::*;
use shared::{broker::Status, details::Detail, money::Side};

use super::approval::{asked_by, state, state_pill};
use crate::ui::{Glyph, csrf_field, icon, money::usd, time};

/// All requests, those that wait first.
pub(super) fn inbox(waiting: &[Approval], past: &[Approval], now: i64) -> AnyView {
    // What the list shows; the page's script takes it anew only where this has changed.
    let came = |one: &Approval| paid(one).unwrap_or_default();
    let shows = waiting.iter().chain(past).map(|one| format!("{}{:?}{} ", one.id, state(one, now), came(one)));
    let shows: String = shows.collect();
    let on_its_way = past.iter().any(|one| matches!(one.receipt, Receipt::OnItsWay));
    let told = match waiting.len() {
        0 => "Nothing waits for you".to_owned(),
        1 => "1 request waits for you".to_owned(),
        many => format!("{many} requests wait for you"),
    };
    view! {
        <div class="page-head"><h1>"Approvals"</h1><p>"What your agents ask you before they do it. Nothing happens until you decide."</p></div>
        <p class="visually-hidden" role="status" data-told=""></p>
        <div class="inbox" data-live=shows data-told-now=told data-again=on_its_way.then_some("600")>
            <section aria-labelledby="waiting">
                <h2 id="waiting">"Waiting for you"</h2>
                <div class="card">{if waiting.is_empty() { nothing_waits() } else { list(waiting, now) }}</div>
            </section>
            {(!past.is_empty()).then(|| view! {
                <section aria-labelledby="past">
                    <h2 id="past">"Past"</h2>
                    <div class="card">{list(past, now)}</div>
                </section>
            })}
        </div>
        <p class="aside"><a href="/approvals/blocked">"Blocked apps"</a></p>
    }
    .into_any()
}

fn nothing_waits() -> AnyView {
    view! {
        <div class="empty">
            {icon(Glyph::Inbox)}
            <p><strong>"Nothing waits for you"</strong></p>
            <p>"When an agent wants to place an order for you, it asks here. This page shows it by itself."</p>
        </div>
    }
    .into_any()
}

fn list(approvals: &[Approval], now: i64) -> AnyView {
    let rows: Vec<_> = approvals.iter().map(|one| row(one, now)).collect();
    view! { <ul class="requests">{rows}</ul> }.into_any()
}

fn row(approval: &Approval, now: i64) -> AnyView {
    let bound = match &approval.detail {
        Detail::StockOrder(order) => {
            let word = if order.side == Side::Buy { "at most" } else { "at least" };
            format!("{word} {}", usd(order.bound()))
        }
        Detail::StockOrderCancellation(cancellation) => cancellation.order.as_str().to_owned(),
    };
    let bound = match approval.detail {
        Detail::StockOrder(_) => paid(approval).unwrap_or(bound),
        Detail::StockOrderCancellation(_) => bound,
    };
    let at = match state(approval, now) {
        State::Waiting => approval.asked_at,
        State::Expired => approval.expires_at,
        _ => approval.decided_at.unwrap_or(approval.asked_at),
    };
    view! {
        <li id=format!("row-{}", approval.id)>
            <a class="request" href=format!("/approvals/{}", approval.id)>
                <span class="what">{approval.detail.title()}</span>
                <span>{state_pill(approval, now)}</span>
                <span class="more-of-it">
                    {asked_by(approval)}", "{time::ago_view(now, at)}", "<span class="nowrap">"code "<span class="code-inline">{approval.code.clone()}</span></span>
                </span>
                <span class="more-of-it nowrap">{bound}</span>
            </a>
        </li>
    }
    .into_any()
}

/// The amount that an approved order really cost or brought in.
fn paid(approval: &Approval) -> Option<String> {
    let Receipt::Order { order, .. } = &approval.receipt else { return None };
    let all = usd(order.price.times(order.quantity));
    Some(match (order.status, order.side) {
        (Status::Filled, Side::Buy) => format!("paid {all}"),
        (Status::Filled, Side::Sell) => format!("got {all}"),
        (Status::Pending, _) => "waits at the market".into(),
        (Status::Cancelled, _) => "cancelled, nothing paid".into(),
        (Status::Rejected, Side::Buy) => "not bought, nothing paid".into(),
        (Status::Rejected, Side::Sell) => "not sold".into(),
    })
}

/// The apps that the person has blocked.
pub(super) fn blocked(clients: &[(String, String)], proof: &str) -> AnyView {
    let rows: Vec<_> = clients
        .iter()
        .map(|(id, name)| {
            view! {
                <li>
                    <strong><bdi>{name.clone()}</bdi></strong>
                    <form method="post" action="/approvals/unblock">
                        {csrf_field(proof)}
                        <input type="hidden" name="client" value=id.clone() />
                        <button class="button" aria-label=format!("Unblock {name}")>"Unblock"</button>
                    </form>
                </li>
            }
        })
        .collect();
    let list = if rows.is_empty() {
        view! { <div class="empty">{icon(Glyph::Check)}<p>"No app is blocked: each may ask you for approval."</p></div> }
            .into_any()
    } else {
        view! { <ul class="requests blocked">{rows}</ul> }.into_any()
    };
    view! {
        <a class="way-back" href="/approvals">{icon(Glyph::Back)}"Approvals"</a>
        <div class="page-head"><h1>"Blocked apps"</h1><p>"They can’t ask you for approval. What you approved for them before stays ended."</p></div>
        <div class="card">{list}</div>
    }
    .into_any()
}
