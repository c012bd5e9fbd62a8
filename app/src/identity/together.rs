//! The page of a request. Waiting requests that an agent made together share one form, with a tick at each. A decided
//! one lists the states of the others below it.

use std::collections::BTreeSet;

use foundation::tr;
use identity::page::{Approval, Receipt, State};
use leptos::prelude::*;

use super::{
    approval::{self, state, state_pill},
    facts,
};
use crate::ui::{Fact, Glyph, Tone, csrf_field, facts as table, icon, note};

/// The data of the page.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a> {
    pub(super) approval: &'a Approval,
    pub(super) together: &'a [Approval],
    pub(super) totals: &'a [String],
    pub(super) csrf_token: &'a str,
    pub(super) now: i64,
    pub(super) notice: Option<&'a str>,
}

/// The page of a request, with the other waiting ones of its group.
pub(super) fn page(shown: &Shown<'_>) -> AnyView {
    let Shown { approval, together, totals, csrf_token, now, notice } = *shown;
    let its_state = state(approval, now);
    let several = waiting(approval, together, now);
    let (card, others) = match &several {
        Some(several) => (several_card(several, &approval.id, totals, csrf_token, now), None),
        None => (approval::card(approval, its_state, csrf_token, now), others(together, now)),
    };
    let states = std::iter::once(approval).chain(together).map(|one| approval::live(one, state(one, now)));
    let states = states.collect::<Vec<_>>().join(" ");
    view! {
        <a class="way-back" href="/approvals">{icon(Glyph::Back)}{tr!("Approvals", "Freigaben")}</a>
        <div
            data-live=states
            data-now=now.to_string()
            data-announcement=announcement(approval, its_state, several.is_some())
            data-again=matches!(approval.receipt, Receipt::OnItsWay).then_some("600")
            id=approval.id.clone()
        >
            {notice.map(|notice| view! { <div class="notice">{note(Tone::Waiting, notice.to_owned())}</div> })}
            {card}
            {others}
            {(its_state == State::Waiting).then(|| approval::block(approval, csrf_token))}
        </div>
    }
    .into_any()
}

/// The waiting requests of the group, if there are several and the page's own is one of them.
pub(super) fn waiting<'a>(approval: &'a Approval, together: &'a [Approval], now: i64) -> Option<Vec<&'a Approval>> {
    let waits = |one: &&Approval| state(one, now) == State::Waiting;
    let mut all: Vec<_> = std::iter::once(approval).chain(together).filter(waits).collect();
    all.sort_by_key(|one| (one.asked_at, &one.id));
    (state(approval, now) == State::Waiting && all.len() > 1).then_some(all)
}

/// The screen reader's announcement after a change.
fn announcement(approval: &Approval, state: State, is_several: bool) -> String {
    match approval.extended_at {
        Some(_) if is_several => tr!("They wait 5 minutes longer.", "Sie warten 5 Minuten länger.").into(),
        _ => approval::announcement(approval, state),
    }
}

/// `2 requests together`
pub(super) fn title(several: &[&Approval]) -> String {
    let count = several.len();
    tr!(format!("{count} requests together"), format!("{count} Anfragen zusammen"))
}

/// The card of several requests. Its form decides exactly the ones that it shows.
fn several_card(several: &[&Approval], id: &str, totals: &[String], csrf_token: &str, now: i64) -> AnyView {
    let Some(first) = several.iter().min_by_key(|one| one.expires_at) else { return ().into_any() };
    let total = (!totals.is_empty()).then(|| {
        let rows = totals.iter().map(|total| Fact::new(tr!("All together", "Alle zusammen"), total.clone()).strong());
        view! { <div class="card-part stack">{table(rows)}</div> }
    });
    let words: BTreeSet<_> = several.iter().filter_map(|one| one.agent_message.as_deref()).collect();
    let words: Vec<_> = words.into_iter().filter_map(|said| approval::words(&first.app, said)).collect();
    let requests: Vec<_> = several.iter().map(|one| request(one, now)).collect();
    view! {
        <article class="card">
            {approval::head(first, &title(several), now)}
            {approval::more_time(several, id, csrf_token, now)}
            {approval::code_or_message(first, State::Waiting)}
            <form method="post" action=format!("/approvals/{id}")>
                {csrf_field(csrf_token)}
                {requests}
                {total}
                {words}
                <div class="card-part">
                    <div class="decision">
                        <button class="button decide" name="decision" value="deny">{tr!("Deny all", "Alle ablehnen")}</button>
                        {several.iter().any(|one| one.may_approve).then(|| view! {
                            <button class="button primary decide" name="decision" value="approve">{tr!("Approve what is ticked", "Angekreuzte freigeben")}</button>
                        })}
                    </div>
                    <p class="good-for">{tr!("What isn’t ticked is denied. Each approval is good once, as above.", "Was nicht angekreuzt ist, wird abgelehnt. Jede Freigabe gilt einmal, wie oben.")}</p>
                </div>
            </form>
        </article>
    }
    .into_any()
}

/// One request of the card: its tick, facts and warnings.
fn request(one: &Approval, now: i64) -> AnyView {
    let heading = format!("title-{}", one.id);
    let (tick, may_not) = if one.may_approve {
        let tick = view! { <input type="checkbox" name="approve" value=one.id.clone() checked="" /> };
        (Some(tick), None)
    } else {
        let why = approval::may_not(&one.account);
        (None, Some(note(Tone::Waiting, why)))
    };
    view! {
        <section class="card-part stack one-of-several" aria-labelledby=heading.clone()>
            <input type="hidden" name="shown" value=one.shown() />
            <h2 id=heading.clone()><label class="tick">{tick}{one.title.clone()}</label></h2>
            {facts::table(one, now)}
            <div class="warnings">{may_not}{facts::warnings(one, now)}</div>
        </section>
    }
    .into_any()
}

/// The others of a group, each with its state and a link to its page.
fn others(together: &[Approval], now: i64) -> Option<AnyView> {
    let rows: Vec<_> = together
        .iter()
        .map(|one| {
            view! {
                <li>
                    <a href=format!("/approvals/{}", one.id)>{one.title.clone()}</a>
                    {state_pill(one, now)}
                </li>
            }
        })
        .collect();
    (!rows.is_empty()).then(|| {
        view! {
            <section class="asked-with" aria-labelledby="asked-with">
                <h2 id="asked-with">{tr!("Asked together with", "Zusammen angefragt mit")}</h2>
                <ul>{rows}</ul>
            </section>
        }
        .into_any()
    })
}
