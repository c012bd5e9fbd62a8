//! `/accounts`: the connected accounts, what the agent may do with each, and how to disconnect it.

use ::agent::page::Accounts;
use foundation::tr;
use leptos::prelude::*;
use shared::chat::ConnectedAccount;

use super::frame::{Place, frame};
use crate::ui::{Glyph, Tone, csrf_field, icon, note, pill, plain, time};

/// `/accounts`, from the page's data in the context.
#[component]
pub fn AccountsPage() -> impl IntoView {
    let Accounts { frame: around, accounts, available, notice, back, unavailable, now } = expect_context();
    let content = match (&around.person, unavailable) {
        (None, _) => visitor(),
        (Some(_), Some(why)) => out_of_reach(why),
        (Some(_), None) => listed(accounts, available, &around.csrf_token, now),
    };
    let content = view! {
        <div class="accounts">
            <p class="muted">{tr!("What the agent may use on your behalf. Each account was connected by you, with your consent at its provider; orders still need your approval one by one.", "Was der Agent für dich benutzen darf. Jedes Konto hast du verbunden, mit deiner Zustimmung bei seinem Anbieter; jeden Auftrag gibst du weiterhin einzeln frei.")}</p>
            {notice.map(|notice| note(Tone::Accent, notice))}
            {back.map(|href| view! { <p><a class="button" href=href.clone()>{icon(Glyph::Back)}{back_to(&href)}</a></p> })}
            {content}
        </div>
    };
    frame(around, Place::Accounts, tr!("Connected accounts", "Verbundene Konten").into(), now, content.into_any())
}

fn back_to(address: &str) -> &'static str {
    if address.starts_with("/workshop") {
        tr!("Back to the workshop", "Zurück zum Workshop")
    } else {
        tr!("Back to the chat", "Zurück zum Chat")
    }
}

fn visitor() -> AnyView {
    view! {
        <div class="card"><div class="empty">
            {icon(Glyph::Person)}
            <h2>{tr!("Log in to connect an account", "Melde dich an, um ein Konto zu verbinden")}</h2>
            <p>{tr!("Connected accounts belong to a person. Log in, and what you connected is listed here.", "Verbundene Konten gehören zu einer Person. Melde dich an, dann steht hier, was du verbunden hast.")}</p>
            <a class="button primary" href="/auth/login?returnTo=/accounts">{tr!("Log in", "Anmelden")}</a>
        </div></div>
    }
    .into_any()
}

fn out_of_reach(why: String) -> AnyView {
    view! {
        {note(Tone::Bad, why)}
        <p><a class="button" href="/accounts">{icon(Glyph::Retry)}{tr!("Try again", "Noch einmal")}</a></p>
    }
    .into_any()
}

fn listed(
    accounts: Vec<ConnectedAccount>,
    available: Vec<(String, Vec<String>, String)>,
    csrf_token: &str,
    now: i64,
) -> AnyView {
    let none = accounts.is_empty();
    let first_offer = if none { "primary" } else { "" };
    let cards = accounts.into_iter().map(|account| connected(account, csrf_token, now)).collect_view();
    let offers = available
        .into_iter()
        .enumerate()
        .map(|(at, (name, scopes, href))| offer(name, scopes, href, if at == 0 { first_offer } else { "" }))
        .collect_view();
    view! {
        {none.then(|| view! {
            <div class="empty accounts-none">
                {icon(Glyph::Link)}
                <h2>{tr!("Nothing connected yet", "Noch nichts verbunden")}</h2>
                <p>{tr!("Connect an account, and the agent can answer questions about it and prepare orders for you to approve.", "Verbinde ein Konto, dann kann der Agent Fragen dazu beantworten und Aufträge vorbereiten, die du freigibst.")}</p>
            </div>
        })}
        {cards}
        {offers}
    }
    .into_any()
}

fn connected(account: ConnectedAccount, csrf_token: &str, now: i64) -> AnyView {
    let ConnectedAccount { id, name, account, scopes, connected_at, .. } = account;
    let account = account.map(|account| view! { <strong><bdi>{plain(&account)}</bdi></strong>", " });
    let question = tr!(format!("Disconnect {name}?"), format!("{name} trennen?"));
    let action = format!("/accounts/{id}/disconnect");
    let [label, heading] = [name.clone(), name.clone()];
    view! {
        <section class="card account" aria-label=label>
            <div class="card-head">
                <div class="row"><h2>{heading}</h2>{pill(Tone::Good, tr!("Connected", "Verbunden"))}</div>
                <span class="muted small">{account}{tr!("connected ", "verbunden ")}{time::ago_view(now, connected_at)}</span>
            </div>
            <div class="card-part">
                <p class="label">{tr!("The agent may", "Der Agent darf")}</p>
                {ticks(scopes)}
            </div>
            <div class="card-foot">
                <details class="more disconnect">
                    <summary>{icon(Glyph::Chevron)}{tr!("Disconnect", "Trennen")}</summary>
                    <form method="post" action=action class="disconnect-ask">
                        {csrf_field(csrf_token)}
                        <p>
                            <strong>{question}</strong>
                            {tr!(
                                " The agent can no longer read it or prepare orders, and its access is revoked at the provider too. Orders that were placed stay. You can connect it again.",
                                " Der Agent kann es nicht mehr lesen und keine Aufträge mehr vorbereiten, und sein Zugriff wird auch beim Anbieter widerrufen. Aufgegebene Aufträge bleiben. Du kannst es wieder verbinden."
                            )}
                        </p>
                        <button type="submit" class="button danger">{tr!(format!("Disconnect {name}"), format!("{name} trennen"))}</button>
                    </form>
                </details>
            </div>
        </section>
    }
    .into_any()
}

fn offer(name: String, scopes: Vec<String>, href: String, class: &'static str) -> AnyView {
    let label = tr!(format!("Connect {name}"), format!("{name} verbinden"));
    let act = label.clone();
    let [heading, place] = [name.clone(), name];
    view! {
        <section class="card account" aria-label=label>
            <div class="card-head"><div class="row"><h2>{heading}</h2>{pill(Tone::Quiet, tr!("Not connected", "Nicht verbunden"))}</div></div>
            <div class="card-part">
                <p class="label">{tr!("The agent could then", "Der Agent dürfte dann")}</p>
                {ticks(scopes)}
            </div>
            <div class="card-foot row spread">
                <span class="muted small">{tr!(
                    format!("{place} asks you whether to allow it. You can disconnect at any time."),
                    format!("{place} fragt dich, ob du es erlaubst. Du kannst es jederzeit trennen.")
                )}</span>
                <a class=format!("button {class}") href=href>{act}</a>
            </div>
        </section>
    }
    .into_any()
}

fn ticks(scopes: Vec<String>) -> AnyView {
    let rows = scopes.into_iter().map(|scope| view! { <li>{icon(Glyph::Check)}<span>{scope}</span></li> });
    view! { <ul class="ticks">{rows.collect_view()}</ul> }.into_any()
}
