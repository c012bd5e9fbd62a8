//! `/accounts`: the connected accounts, what the agent may do with each, and how to disconnect it.

use ::agent::page::Accounts;
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
            <p class="muted">"What the agent may use on your behalf. Each account was connected by you, with your consent at its provider; orders still need your approval one by one."</p>
            {notice.map(|notice| note(Tone::Accent, notice))}
            {back.map(|href| view! { <p><a class="button" href=href>{icon(Glyph::Back)}"Back to the chat"</a></p> })}
            {content}
        </div>
    };
    frame(around, Place::Accounts, "Connected accounts".into(), now, content.into_any())
}

fn visitor() -> AnyView {
    view! {
        <div class="card"><div class="empty">
            {icon(Glyph::Person)}
            <h2>"Log in to connect an account"</h2>
            <p>"Connected accounts belong to a person. Log in, and what you connected is listed here."</p>
            <a class="button primary" href="/auth/login?returnTo=/accounts">"Log in"</a>
        </div></div>
    }
    .into_any()
}

fn out_of_reach(why: String) -> AnyView {
    view! {
        {note(Tone::Bad, why)}
        <p><a class="button" href="/accounts">{icon(Glyph::Retry)}"Try again"</a></p>
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
                <h2>"Nothing connected yet"</h2>
                <p>"Connect an account, and the agent can answer questions about it and prepare orders for you to approve."</p>
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
    let question = format!("Disconnect {name}?");
    let action = format!("/accounts/{id}/disconnect");
    let [label, heading] = [name.clone(), name.clone()];
    view! {
        <section class="card account" aria-label=label>
            <div class="card-head">
                <div class="row"><h2>{heading}</h2>{pill(Tone::Good, "Connected")}</div>
                <span class="muted small">{account}"connected "{time::ago_view(now, connected_at)}</span>
            </div>
            <div class="card-part">
                <p class="label">"The agent may"</p>
                {ticks(scopes)}
            </div>
            <div class="card-foot">
                <details class="more disconnect">
                    <summary>{icon(Glyph::Chevron)}"Disconnect"</summary>
                    <form method="post" action=action class="disconnect-ask">
                        {csrf_field(csrf_token)}
                        <p>
                            <strong>{question}</strong>
                            " The agent can no longer read it or prepare orders, and its access is revoked at the provider too. Orders that were placed stay. You can connect it again."
                        </p>
                        <button type="submit" class="button danger">"Disconnect "{name}</button>
                    </form>
                </details>
            </div>
        </section>
    }
    .into_any()
}

fn offer(name: String, scopes: Vec<String>, href: String, class: &'static str) -> AnyView {
    let label = format!("Connect {name}");
    let [heading, place] = [name.clone(), name.clone()];
    view! {
        <section class="card account" aria-label=label>
            <div class="card-head"><div class="row"><h2>{heading}</h2>{pill(Tone::Quiet, "Not connected")}</div></div>
            <div class="card-part">
                <p class="label">"The agent could then"</p>
                {ticks(scopes)}
            </div>
            <div class="card-foot row spread">
                <span class="muted small">"You choose at "{place}", and can disconnect at any time."</span>
                <a class=format!("button {class}") href=href>"Connect "{name}</a>
            </div>
        </section>
    }
    .into_any()
}

fn ticks(scopes: Vec<String>) -> AnyView {
    let rows = scopes.into_iter().map(|scope| view! { <li>{icon(Glyph::Check)}<span>{scope}</span></li> });
    view! { <ul class="ticks">{rows.collect_view()}</ul> }.into_any()
}
