//! The inbox: waiting requests, decided requests, and blocked agents.

use identity::page::{Approval, Receipt, State, What};
use leptos::prelude::*;

use super::approval::{asked_by, state, state_pill};
use crate::ui::{Glyph, csrf_field, icon, plain, time};

/// All requests, the waiting ones first.
pub(super) fn inbox(waiting: &[Approval], past: &[Approval], now: i64) -> AnyView {
    // What the list shows; the page's script takes it anew only where this has changed.
    let short = |one: &Approval| came(one).unwrap_or_default();
    let shows = waiting.iter().chain(past).map(|one| format!("{}{:?}{} ", one.id, state(one, now), short(one)));
    let shows: String = shows.collect();
    let on_its_way = past.iter().any(|one| matches!(one.receipt, Receipt::OnItsWay));
    let notice = match waiting.len() {
        0 => "Nothing waits for you".to_owned(),
        1 => "1 request waits for you".to_owned(),
        many => format!("{many} requests wait for you"),
    };
    view! {
        <div class="page-head"><h1>"Approvals"</h1><p>"What your agents ask you before they do it. Nothing happens until you decide."</p></div>
        <p class="visually-hidden" role="status" data-announce=""></p>
        <div class="inbox" data-live=shows data-announcement=notice data-again=on_its_way.then_some("600")>
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
            <p>"When an agent needs your approval, it asks here. This page shows it by itself."</p>
        </div>
    }
    .into_any()
}

fn list(approvals: &[Approval], now: i64) -> AnyView {
    let rows: Vec<_> = approvals.iter().map(|one| row(one, now)).collect();
    view! { <ul class="requests">{rows}</ul> }.into_any()
}

fn row(approval: &Approval, now: i64) -> AnyView {
    let happened = happened(approval, state(approval, now));
    let code = match approval.message.clone() {
        Some(message) => view! { <span>"“"<bdi>{message}</bdi>"”"</span> }.into_any(),
        None => view! { <span class="nowrap">"code "<span class="code-inline">{approval.code.clone()}</span></span> }
            .into_any(),
    };
    let at = match state(approval, now) {
        State::Waiting => approval.asked_at,
        State::Expired => approval.expires_at,
        _ => approval.decided_at.unwrap_or(approval.asked_at),
    };
    view! {
        <li id=format!("row-{}", approval.id)>
            <a class="request" href=format!("/approvals/{}", approval.id)>
                <span class="what">{approval.title.clone()}</span>
                <span>{state_pill(approval, now)}</span>
                <span class="more-of-it">
                    {asked_by(approval)}", "{time::ago_view(now, at)}", "{code}
                </span>
                <span class="more-of-it nowrap">{happened}</span>
            </a>
        </li>
    }
    .into_any()
}

/// What became of a request. While it may still be used, the most that it allows; for one without an amount, the code
/// that it names.
fn happened(approval: &Approval, state: State) -> Option<String> {
    let code = || approval.sheet.rows.iter().find(|row| row.what == What::Code)?.words.clone();
    match state {
        State::Waiting | State::Approved => approval.bound.clone().or_else(code),
        State::Used => came(approval).or_else(|| {
            let words = if matches!(approval.receipt, Receipt::OnItsWay) { "on its way" } else { "used" };
            Some(words.into())
        }),
        State::Ended | State::Denied | State::Withdrawn | State::Expired => {
            Some(approval.undone.trim_end_matches('.').to_owned())
        }
    }
}

/// The outcome of an approval, in a few words: `paid 499.25 USD`.
fn came(approval: &Approval) -> Option<String> {
    match &approval.receipt {
        Receipt::Came { short, .. } => short.as_deref().map(plain),
        Receipt::None | Receipt::OnItsWay => None,
    }
}

/// The apps that the person has blocked.
pub(super) fn blocked(clients: &[(String, String)], csrf_token: &str) -> AnyView {
    let rows: Vec<_> = clients
        .iter()
        .map(|(id, name)| {
            view! {
                <li>
                    <strong><bdi>{name.clone()}</bdi></strong>
                    <form method="post" action="/approvals/unblock">
                        {csrf_field(csrf_token)}
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
