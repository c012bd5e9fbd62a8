//! Pages that say what went wrong, what was kept and what to do.

use ::agent::Error;
use axum::http::StatusCode;
use leptos::prelude::*;

use crate::ui::{Glyph, Site, icon, mark, theme_switch};

/// A page's message, and the way on from it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) title: &'static str,
    text: String,
    href: &'static str,
    words: &'static str,
}

pub(super) fn of(error: &Error) -> Told {
    let text = error.message();
    match error {
        Error::LoginNeeded | Error::LoginExpired => {
            Told { title: "Log in to see this page", text, href: "/auth/login?returnTo=/accounts", words: "Log in" }
        }
        _ => {
            let title = match error.status() {
                StatusCode::NOT_FOUND => "Nothing to see here",
                StatusCode::TOO_MANY_REQUESTS => "Too much at once",
                StatusCode::BAD_GATEWAY => "Part of Mandate can’t be reached",
                _ => "That didn’t work",
            };
            Told { title, text, href: "/", words: "Go to the chat" }
        }
    }
}

pub(super) fn page(told: Told) -> AnyView {
    view! {
        <header class="topbar">
            <a class="brand" href="/">{mark(Site::Agent)}<span>"Mandate"</span></a>
            <div class="topbar-end">{theme_switch()}</div>
        </header>
        <main class="page">
            <div class="card">
                <div class="empty">
                    {icon(Glyph::Info)}
                    <h1>{told.title}</h1>
                    <p>{told.text}</p>
                    <a class="button primary" href=told.href>{told.words}</a>
                </div>
            </div>
        </main>
    }
    .into_any()
}
