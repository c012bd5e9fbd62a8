//! The inbox: waiting requests, decided requests, and blocked agents.

use foundation::tr;
use identity::page::{Approval, Receipt, State, What};
use leptos::prelude::*;

use super::approval::{asked_by, state, state_pill};
use crate::ui::{Glyph, csrf_field, icon, plain, quoted, time};

/// All requests, the waiting ones first.
pub(super) fn inbox(waiting: &[Approval], past: &[Approval], now: i64) -> AnyView {
    // The list's content in short: the page's script replaces the list only if this has changed.
    let short = |one: &Approval| came(one).unwrap_or_default();
    let shows = waiting.iter().chain(past).map(|one| format!("{}{:?}{} ", one.id, state(one, now), short(one)));
    let shows: String = shows.collect();
    let on_its_way = past.iter().any(|one| matches!(one.receipt, Receipt::OnItsWay));
    let notice = match waiting.len() {
        0 => tr!("Nothing waits for you", "Nichts wartet auf dich").to_owned(),
        1 => tr!("1 request waits for you", "1 Anfrage wartet auf dich").to_owned(),
        many => tr!(format!("{many} requests wait for you"), format!("{many} Anfragen warten auf dich")),
    };
    view! {
        <div class="page-head"><h1>{tr!("Approvals", "Freigaben")}</h1><p>{tr!("What your agents ask you before they do it. Nothing happens until you decide.", "Was deine Agenten dich fragen, bevor sie es tun. Nichts geschieht, bis du entscheidest.")}</p></div>
        <div class="inbox" data-live=shows data-now=now.to_string() data-announcement=notice data-again=on_its_way.then_some("600")>
            <section aria-labelledby="waiting">
                <h2 id="waiting">{tr!("Waiting for you", "Wartet auf dich")}</h2>
                <div class="card">{if waiting.is_empty() { nothing_waits() } else { list(waiting, now) }}</div>
            </section>
            {(!past.is_empty()).then(|| view! {
                <section aria-labelledby="past">
                    <h2 id="past">{tr!("Past", "Vergangen")}</h2>
                    <div class="card">{list(past, now)}</div>
                </section>
            })}
        </div>
        <p class="aside"><a href="/approvals/blocked">{tr!("Blocked apps", "Blockierte Apps")}</a></p>
    }
    .into_any()
}

fn nothing_waits() -> AnyView {
    view! {
        <div class="empty">
            {icon(Glyph::Inbox)}
            <p><strong>{tr!("Nothing waits for you", "Nichts wartet auf dich")}</strong></p>
            <p>{tr!("When an agent needs your approval, it asks here. This page shows it by itself.", "Wenn ein Agent deine Freigabe braucht, fragt er hier. Diese Seite zeigt es von selbst.")}</p>
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
        Some(message) => view! { <span>{quoted(&message)}</span> }.into_any(),
        None => view! { <span class="nowrap">{tr!("code ", "Code ")}<span class="code-inline">{approval.code.clone()}</span></span> }
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

/// The outcome of a request. While it may still be used, the highest amount that it allows, or without an amount its
/// binding code.
fn happened(approval: &Approval, state: State) -> Option<String> {
    let code = || approval.sheet.rows.iter().find(|row| row.what == What::Code)?.words.clone();
    match state {
        State::Waiting | State::Approved => approval.bound.clone().or_else(code),
        State::Used => came(approval).or_else(|| {
            let words = if matches!(approval.receipt, Receipt::OnItsWay) {
                tr!("on its way", "unterwegs")
            } else {
                tr!("used", "benutzt")
            };
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
                        <button class="button" aria-label=tr!(format!("Unblock {name}"), format!("{name} entsperren"))>{tr!("Unblock", "Entsperren")}</button>
                    </form>
                </li>
            }
        })
        .collect();
    let list = if rows.is_empty() {
        view! { <div class="empty">{icon(Glyph::Check)}<p>{tr!("No app is blocked: each may ask you for approval.", "Keine App ist blockiert: Jede darf dich um Freigabe bitten.")}</p></div> }
            .into_any()
    } else {
        view! { <ul class="requests blocked">{rows}</ul> }.into_any()
    };
    view! {
        <a class="way-back" href="/approvals">{icon(Glyph::Back)}{tr!("Approvals", "Freigaben")}</a>
        <div class="page-head"><h1>{tr!("Blocked apps", "Blockierte Apps")}</h1><p>{tr!("They can’t ask you for approval. What you approved for them before stays ended.", "Sie können dich nicht um Freigabe bitten. Was du ihnen vorher freigegeben hast, bleibt beendet.")}</p></div>
        <div class="card">{list}</div>
    }
    .into_any()
}
