//! The cards that ask the person to log in or to connect an account, and the login button of the others.

use ::agent::page::Around;
use leptos::prelude::*;
use shared::chat::ConnectState;

use super::address::login_address;
use crate::ui::{Glyph, Tone, icon, pill};

/// The login button, shown after an action failed because the login had expired. It leads back to this thread.
pub(super) fn way_in(around: &Around) -> AnyView {
    let href = login_address(around.thread.as_deref());
    view! { <a class="button primary" href=href data-login hidden>"Log in"</a> }.into_any()
}

pub(super) fn login(href: String, done: bool) -> AnyView {
    if done {
        return over("Log in", pill(Tone::Good, "Logged in"), "You logged in, and the answer continued.");
    }
    view! {
        <article class="card ask" aria-label="Log in to continue">
            <div class="card-head"><div class="row"><h2>"Log in to continue"</h2>{pill(Tone::Waiting, "Waiting for you")}</div></div>
            <div class="card-foot ask-foot">
                <span class="muted small">"This answer continues after you log in."</span>
                <a class="button primary" href=href>"Log in"</a>
            </div>
        </article>
    }
    .into_any()
}

pub(super) fn connect(name: String, scopes: Vec<String>, href: String, state: ConnectState) -> AnyView {
    let title = format!("Connect {name}");
    match state {
        ConnectState::Done => {
            return over(&title, pill(Tone::Good, "Connected"), "You can end this under Connected accounts.");
        }
        ConnectState::Given => {
            return over(
                &title,
                pill(Tone::Quiet, "Not connected"),
                "Nothing was connected. Ask again when you want to.",
            );
        }
        ConnectState::Waiting => {}
    }
    let ticks =
        scopes.into_iter().map(|scope| view! { <li>{icon(Glyph::Check)}<span>{scope}</span></li> }).collect_view();
    let (label, heading) = (title.clone(), title.clone());
    view! {
        <article class="card ask" aria-label=label>
            <div class="card-head"><div class="row"><h2>{heading}</h2>{pill(Tone::Waiting, "Waiting for you")}</div></div>
            <div class="card-part">
                <p class="label">"With your consent at "{name.clone()}", the agent may"</p>
                <ul class="ticks">{ticks}</ul>
            </div>
            <div class="card-foot ask-foot">
                <span class="muted small">"This answer continues after you connect. You can disconnect at any time."</span>
                <a class="button primary" href=href>{title}</a>
            </div>
        </article>
    }
    .into_any()
}

/// A card that no longer asks for anything.
fn over(title: &str, state: AnyView, text: &'static str) -> AnyView {
    view! {
        <article class="card ask over" aria-label=title.to_owned()>
            <div class="card-head"><div class="row"><h2>{title.to_owned()}</h2>{state}</div><span class="muted small">{text}</span></div>
        </article>
    }
    .into_any()
}
