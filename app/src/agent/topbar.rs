//! The bar above the agent's pages without the chat's sidebar: navigation, person, theme, and the page's languages.

use ::agent::page::Frame;
use leptos::prelude::*;

use crate::{
    ui::{Glyph, Site, csrf_field, escaped, icon, mark, theme_switch, waits},
    words::{Language, Reading, Ways},
};

/// The bar of the page at `path`. One in a single language has no `reading`.
pub(super) fn topbar(frame: &Frame, path: &str, reading: Option<Reading>) -> AnyView {
    let words = &reading.map_or(Language::English, |reading| reading.language).words().ways;
    view! {
        <a class="skip visually-hidden" href="#content">{words.skip}</a>
        <header class="topbar with-ways">
            <a class="brand" href="/">{mark(Site::Agent)}<span>"Mandate"</span></a>
            {ways(frame, words)}
            <div class="topbar-end">
                {reading.map(|reading| others(path, reading))}
                {person(frame, path, words)}
                {theme_switch()}
            </div>
        </header>
    }
    .into_any()
}

pub(super) fn ways(frame: &Frame, words: &'static Ways) -> AnyView {
    let own = frame.person.is_some().then(|| {
        let (approvals, apps) = at_identity(frame);
        view! {
            <li><a href=approvals>{words.approvals}{waits(frame.waiting)}</a></li>
            <li><a href=apps>{words.apps}</a></li>
        }
    });
    view! {
        <nav class="topbar-ways" aria-label="Mandate">
            <ul class="ways">
                <li><a href="/">{words.chat}</a></li>
                {own}
                <li><a href="/accounts">{words.accounts}</a></li>
                <li><a href="/workshop">{words.workshop}</a></li>
            </ul>
        </nav>
    }
    .into_any()
}

/// The addresses of the person's pages at the identity service: approvals, and apps with access.
pub(super) fn at_identity(frame: &Frame) -> (String, String) {
    let (_, approvals) = frame.approvals.clone();
    let apps = format!("{}/apps", approvals.trim_end_matches("/approvals"));
    (approvals, apps)
}

/// Links to the page in the other languages.
fn others(path: &str, reading: Reading) -> AnyView {
    let others = Language::ALL.into_iter().filter(|language| *language != reading.language);
    others
        .map(|language| {
            let tag = language.tag();
            view! { <a class="button quiet" href=format!("{path}?lang={tag}") lang=tag hreflang=tag>{language.words().name}</a> }
        })
        .collect_view()
        .into_any()
}

/// The logged-in person with a logout button, or the way to log in.
pub(super) fn person(frame: &Frame, path: &str, words: &'static Ways) -> AnyView {
    let Some(name) = frame.person.clone() else {
        let href = format!("/auth/login?returnTo={}", escaped(path));
        return view! { <a class="button quiet" href=href>{words.log_in}</a> }.into_any();
    };
    view! {
        <bdi class="person">{name}</bdi>
        <form method="post" action="/auth/logout">
            {csrf_field(&frame.csrf_token)}
            <button class="button quiet">{icon(Glyph::Door)}<span class="at-width">{words.log_out}</span></button>
        </form>
    }
    .into_any()
}
