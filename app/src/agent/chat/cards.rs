//! The cards that ask the person to log in or to connect an account, and the login button of the others.

use ::agent::page::Around;
use foundation::tr;
use leptos::prelude::*;
use shared::chat::ConnectState;

use super::address::login_address;
use crate::ui::{Glyph, Tone, icon, pill};

/// The login button, shown after an action failed because the login had expired. It leads back to this thread.
pub(super) fn way_in(around: &Around) -> AnyView {
    let href = login_address(around.thread.as_deref());
    view! { <a class="button primary" href=href data-login hidden>{tr!("Log in", "Anmelden")}</a> }.into_any()
}

pub(super) fn login(href: String, done: bool) -> AnyView {
    if done {
        return over(
            tr!("Log in", "Anmelden"),
            pill(Tone::Good, tr!("Logged in", "Angemeldet")),
            tr!("You logged in, and the answer continued.", "Du hast dich angemeldet, und die Antwort ging weiter."),
        );
    }
    view! {
        <article class="card ask" aria-label=tr!("Log in to continue", "Melde dich an, um fortzufahren")>
            <div class="card-head"><div class="row"><h2>{tr!("Log in to continue", "Melde dich an, um fortzufahren")}</h2>{pill(Tone::Waiting, tr!("Waiting for you", "Wartet auf dich"))}</div></div>
            <div class="card-foot ask-foot">
                <span class="muted small">{tr!("This answer continues after you log in.", "Diese Antwort geht weiter, wenn du dich angemeldet hast.")}</span>
                <a class="button primary" href=href>{tr!("Log in", "Anmelden")}</a>
            </div>
        </article>
    }
    .into_any()
}

pub(super) fn connect(name: String, scopes: Vec<String>, href: String, state: ConnectState) -> AnyView {
    let title = tr!(format!("Connect {name}"), format!("{name} verbinden"));
    match state {
        ConnectState::Done => {
            return over(
                &title,
                pill(Tone::Good, tr!("Connected", "Verbunden")),
                tr!("You can end this under Connected accounts.", "Das kannst du unter Verbundene Konten beenden."),
            );
        }
        ConnectState::Given => {
            return over(
                &title,
                pill(Tone::Quiet, tr!("Not connected", "Nicht verbunden")),
                tr!(
                    "Nothing was connected. Ask again when you want to.",
                    "Nichts wurde verbunden. Frag wieder, wenn du willst."
                ),
            );
        }
        ConnectState::Waiting => {}
    }
    let ticks =
        scopes.into_iter().map(|scope| view! { <li>{icon(Glyph::Check)}<span>{scope}</span></li> }).collect_view();
    let (label, heading) = (title.clone(), title.clone());
    view! {
        <article class="card ask" aria-label=label>
            <div class="card-head"><div class="row"><h2>{heading}</h2>{pill(Tone::Waiting, tr!("Waiting for you", "Wartet auf dich"))}</div></div>
            <div class="card-part">
                <p class="label">{tr!(
                    format!("With your consent at {name}, the agent may"),
                    format!("Mit deiner Zustimmung bei {name} darf der Agent")
                )}</p>
                <ul class="ticks">{ticks}</ul>
            </div>
            <div class="card-foot ask-foot">
                <span class="muted small">{tr!("This answer continues after you connect. You can disconnect at any time.", "Diese Antwort geht weiter, wenn du verbunden hast. Du kannst jederzeit trennen.")}</span>
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
