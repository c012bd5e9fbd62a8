//! Pages with one message: what happened, what was kept, what to do.

use ::agent::{
    Error,
    page::{Frame, Message},
};
use axum::http::StatusCode;
use foundation::tr;
use leptos::prelude::*;

use super::topbar::{person, ways};
use crate::{
    shell::{self, Head},
    ui::{Glyph, Site, escaped, foot, icon, mark, skip, theme_switch},
};

/// The message as a whole document. Implements the agent's [`::agent::page::Render`].
pub fn render(message: &Message) -> String {
    let mut head = Head::new(Site::Agent, format!("{} · Mandate", message.title));
    head.scripts = &["drafts.js"];
    head.go_on = message.go_on.clone();
    shell::html(&head, || page(message))
}

/// The message for an error.
pub(super) fn of(error: &Error, frame: Frame) -> Message {
    let status = error.status();
    let (title, back) = match error {
        Error::LoginNeeded | Error::LoginExpired => (
            tr!("Log in to see this page", "Melde dich an, um diese Seite zu sehen"),
            ("/auth/login?returnTo=/", tr!("Log in", "Anmelden")),
        ),
        _ => {
            let title = match status {
                StatusCode::NOT_FOUND => tr!("Page not found", "Seite nicht gefunden"),
                StatusCode::TOO_MANY_REQUESTS => tr!("Too much at once", "Zu viel auf einmal"),
                StatusCode::BAD_GATEWAY => {
                    tr!("Part of Mandate can’t be reached", "Ein Teil von Mandate ist nicht erreichbar")
                }
                _ => tr!("That didn’t work", "Das ging nicht"),
            };
            (title, ("/", tr!("Go to the chat", "Zum Chat")))
        }
    };
    Message {
        frame,
        status: status.as_u16(),
        title: title.into(),
        text: error.message(),
        back: (back.0.into(), back.1.into()),
        go_on: None,
    }
}

/// The message for a visitor at the address of a chat that may be theirs.
pub(super) fn of_a_visitor(frame: Frame, status: StatusCode, path: &str) -> Message {
    Message {
        frame,
        status: status.as_u16(),
        title: tr!("Log in to see this chat", "Melde dich an, um diesen Chat zu sehen").into(),
        text: tr!(
            "You aren’t logged in, and this chat wasn’t started in this browser. If it is yours, log in to see it as you \
             left it.",
            "Du bist nicht angemeldet, und dieser Chat begann nicht in diesem Browser. Wenn er deiner ist, melde dich an, \
             dann siehst du ihn, wie du ihn verlassen hast."
        )
        .into(),
        back: (format!("/auth/login?returnTo={}", escaped(path)), tr!("Log in", "Anmelden").into()),
        go_on: None,
    }
}

fn page(message: &Message) -> AnyView {
    let (href, words) = message.back.clone();
    let glyph = if message.status < 400 { Glyph::Info } else { Glyph::Alert };
    // A page that redirects by itself needs no buttons.
    let leads_on = message.go_on.is_some();
    view! {
        {skip()}
        <header class="topbar with-ways">
            <a class="brand" href="/">{mark(Site::Agent)}<span>"Mandate"</span></a>
            {(!leads_on).then(|| ways(&message.frame))}
            <div class="topbar-end">{(!leads_on).then(|| person(&message.frame, "/"))} {theme_switch()}</div>
        </header>
        <main id="content" class="page" tabindex="-1">
            <div class="card">
                <div class="empty">
                    {icon(glyph)}
                    <h1>{message.title.clone()}</h1>
                    <p>{message.text.clone()}</p>
                    <a class="button primary" href=href>{words}</a>
                </div>
            </div>
        </main>
        {(!leads_on).then(foot)}
    }
    .into_any()
}
