//! The bar above the agent's pages without the chat's sidebar: navigation, person, theme.

use ::agent::page::Frame;
use foundation::tr;
use leptos::prelude::*;

use crate::ui::{Glyph, Site, csrf_field, escaped, icon, mark, skip, theme_switch, waits};

/// The bar of the page at `path`.
pub(super) fn topbar(frame: &Frame, path: &str) -> AnyView {
    view! {
        {skip()}
        <header class="topbar with-ways">
            <a class="brand" href="/">{mark(Site::Agent)}<span>"Mandate"</span></a>
            {ways(frame)}
            <div class="topbar-end">
                {person(frame, path)}
                {theme_switch()}
            </div>
        </header>
    }
    .into_any()
}

pub(super) fn ways(frame: &Frame) -> AnyView {
    let own = frame.person.is_some().then(|| {
        let (approvals, apps) = at_identity(frame);
        view! {
            <li><a href=approvals>{tr!("Approvals", "Freigaben")}{waits(frame.waiting)}</a></li>
            <li><a href=apps>{tr!("Apps with access", "Apps mit Zugriff")}</a></li>
        }
    });
    view! {
        <nav class="topbar-ways" aria-label="Mandate">
            <ul class="ways">
                <li><a href="/">"Chat"</a></li>
                {own}
                <li><a href="/accounts">{tr!("Connected accounts", "Verbundene Konten")}</a></li>
                <li><a href="/workshop">"Workshop"</a></li>
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

/// The logged-in person with a logout button, or the login link.
pub(super) fn person(frame: &Frame, path: &str) -> AnyView {
    let Some(name) = frame.person.clone() else {
        let href = format!("/auth/login?returnTo={}", escaped(path));
        return view! { <a class="button quiet" href=href>{tr!("Log in", "Anmelden")}</a> }.into_any();
    };
    view! {
        <bdi class="person">{name}</bdi>
        <form method="post" action="/auth/logout">
            {csrf_field(&frame.csrf_token)}
            <button class="button quiet">{icon(Glyph::Door)}<span class="at-width">{tr!("Log out", "Abmelden")}</span></button>
        </form>
    }
    .into_any()
}
