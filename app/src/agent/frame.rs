//! The frame around every page of the agent: the sidebar with threads and person, and the page's header.

use ::agent::page::Frame;
use foundation::tr;
use leptos::prelude::*;

use super::{threads, topbar};
use crate::{
    assets,
    shell::not_started,
    ui::{Glyph, Site, csrf_field, icon, language_switch, mark, skip, theme_switch, waits},
};

/// The current page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place<'a> {
    NewChat,
    Thread(&'a str),
    Accounts,
    Search,
    Chats,
    Keys,
    Settings,
}

impl Place<'_> {
    /// The page's path, to return to after a login.
    fn path(self) -> String {
        match self {
            Self::NewChat => "/".into(),
            Self::Thread(id) => format!("/t/{id}"),
            Self::Accounts => "/accounts".into(),
            Self::Search => "/search".into(),
            Self::Chats => "/chats".into(),
            Self::Keys => "/keys".into(),
            Self::Settings => "/settings".into(),
        }
    }
}

/// The whole page. On phones the sidebar is a popover drawer, which opens, closes and manages the focus without
/// JavaScript.
pub(super) fn frame(frame: Frame, place: Place<'_>, title: String, now: i64, content: AnyView) -> AnyView {
    let rehearsal = (frame.rehearsal && matches!(place, Place::NewChat | Place::Thread(_))).then(rehearsal);
    let edit = edit(place);
    let commands = crate::assets::current().public("slash.js");
    let command_words = tr!("Commands\n{} command\n{} commands", "Befehle\n{} Befehl\n{} Befehle");
    // The sidebar's link is in the drawer on phones.
    let inbox = frame.person.is_some().then(|| {
        let words = waits(frame.waiting);
        let (_, href) = frame.approvals.clone();
        view! { <a class="button quiet chat-inbox" href=href title=tr!("Approvals", "Freigaben")>{icon(Glyph::Inbox)}<span class="visually-hidden">{tr!("Approvals", "Freigaben")}</span>{words}</a> }
    });
    // On phones the sidebar's login button is hidden in the drawer, so the header has one, too.
    let log_in = frame
        .person
        .is_none()
        .then(|| view! { <a class="button quiet chat-login" href=login(place)>{tr!("Log in", "Anmelden")}</a> });
    let menu = tr!("Chats and accounts", "Chats und Konten");
    view! {
        {skip()}
        <div class="chat-frame">
            {sidebar(frame, place, now)}
            <div class="chat-page">
                <header class="chat-head">
                    <button type="button" class="button quiet icon-only chat-menu" popovertarget="sidebar" title=menu>
                        {icon(Glyph::Menu)}
                        <span class="visually-hidden">{menu}</span>
                    </button>
                    <h1 class="chat-title" id="chat-title" dir="auto">{title}</h1>
                    {edit}
                    {rehearsal}
                    {inbox}
                    {theme_switch()}
                    {log_in}
                </header>
                {not_started()}
                <main id="content" class="chat-main" tabindex="-1" data-commands=commands data-command-words=command_words>{content}</main>
            </div>
        </div>
    }
    .into_any()
}

/// The link to renaming and deleting the chat. A new chat has none until its first message is accepted.
fn edit(place: Place<'_>) -> Option<AnyView> {
    let href = match place {
        Place::Accounts | Place::Search | Place::Chats | Place::Keys | Place::Settings => return None,
        Place::NewChat => String::new(),
        Place::Thread(id) => format!("/t/{id}/edit"),
    };
    let words = tr!("Rename or delete", "Umbenennen oder löschen");
    let dialog = assets::current().public("dialog.js");
    let link = view! {
        <a class="button quiet icon-only" id="chat-edit" data-key="e" hidden=href.is_empty() href=href data-use=dialog title=words>
            {icon(Glyph::Pencil)}
            <span class="visually-hidden">{words}</span>
        </a>
    };
    Some(link.into_any())
}

fn sidebar(frame: Frame, place: Place<'_>, now: i64) -> AnyView {
    let current = match place {
        Place::Thread(id) => Some(id.to_owned()),
        _ => None,
    };
    let accounts = (place == Place::Accounts).then_some("page");
    let stream = (!frame.csrf_token.is_empty()).then_some("/api/threads/events");
    let search = (place == Place::Search).then_some("page");
    let dialog = assets::current().public("dialog.js");
    let keys = (place == Place::Keys).then_some("page");
    let ways = frame.person.is_some().then(|| at_identity(&frame));
    let settings = (place == Place::Settings).then_some("page");
    let person = person(&frame, place);
    let close = tr!("Close", "Schließen");
    view! {
        <aside class="sidebar" id="sidebar" popover="auto" aria-label=tr!("Chats and accounts", "Chats und Konten")>
            <div class="sidebar-top">
                <a class="brand" href="/">{mark(Site::Agent)}<span>"Mandate"</span></a>
                <button type="button" class="button quiet icon-only chat-menu" popovertarget="sidebar" popovertargetaction="hide" title=close>
                    {icon(Glyph::Close)}
                    <span class="visually-hidden">{close}</span>
                </button>
            </div>
            <a class="button wide new-chat" href="/" data-key="n">{icon(Glyph::Plus)}{tr!("New chat", "Neuer Chat")}</a>
            <a class="sidebar-way" href="/search" data-key="/" aria-current=search>{icon(Glyph::Search)}{tr!("Search chats", "Chats durchsuchen")}</a>
            <nav class="threads" id="threads" aria-label="Chats" data-stream=stream data-days=threads::days().join("\n")>
                {threads::groups(&frame.threads, current.as_deref(), now)}
            </nav>
            <nav class="sidebar-ways" aria-label=tr!("Settings", "Einstellungen")>
                {ways}
                <a class="sidebar-way" href="/accounts" data-key="c" aria-current=accounts>{icon(Glyph::Link)}{tr!("Connected accounts", "Verbundene Konten")}</a>
                <a class="sidebar-way" href="/settings" data-key="g" aria-current=settings>{icon(Glyph::Settings)}{tr!("Settings", "Einstellungen")}</a>
                <a class="sidebar-way" href="/workshop" data-key="o" data-back=tr!("back to step {}", "zurück zu Schritt {}")>{icon(Glyph::Tool)}"Workshop"</a>
                <a class="sidebar-way" href="/keys" data-key="?" data-use=dialog aria-current=keys>{icon(Glyph::Keyboard)}{tr!("Keyboard shortcuts", "Tastenkürzel")}</a>
            </nav>
            {language_switch()}
            {person}
        </aside>
    }
    .into_any()
}

/// The person's pages at the identity service. The count is kept current by `public/list.js`.
fn at_identity(frame: &Frame) -> AnyView {
    let (approvals, apps) = topbar::at_identity(frame);
    view! {
        <a class="sidebar-way" href=approvals data-key="w">{icon(Glyph::Inbox)}{tr!("Approvals", "Freigaben")}{waits(frame.waiting)}</a>
        <a class="sidebar-way" href=apps data-key="a">{icon(Glyph::Shield)}{tr!("Apps with access", "Apps mit Zugriff")}</a>
    }
    .into_any()
}

/// The address of a login that returns to this page.
fn login(place: Place<'_>) -> String {
    format!("/auth/login?returnTo={}", place.path())
}

/// The logged-in person with a logout button, or a login button.
fn person(frame: &Frame, place: Place<'_>) -> AnyView {
    let Some(name) = frame.person.clone() else {
        return view! {
            <div class="sidebar-person">
                <a class="button wide" href=login(place)>{icon(Glyph::Person)}{tr!("Log in", "Anmelden")}</a>
            </div>
        }
        .into_any();
    };
    let initial = name.chars().next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    let email = frame.email.clone();
    view! {
        <div class="sidebar-person">
            <span class="avatar" aria-hidden="true">{initial}</span>
            <span class="sidebar-name"><bdi class="person" title=email>{name}</bdi></span>
            <form method="post" action="/auth/logout">
                {csrf_field(&frame.csrf_token)}
                <button type="submit" class="button quiet">{tr!("Log out", "Abmelden")}</button>
            </form>
        </div>
    }
    .into_any()
}

fn rehearsal() -> AnyView {
    view! {
        <button type="button" class="pill accent rehearsal" popovertarget="rehearsal"><span>{tr!("Rehearsal", "Probe")}<span class="at-width">{tr!(" model", "modell")}</span></span></button>
        <div class="explained" id="rehearsal" popover="auto">
            <h2>{tr!("A rehearsal model answers", "Ein Probemodell antwortet")}</h2>
            <p>
                {tr!(
                    "No language model is set up here, so a small stand-in answers. It recognises what people ask in this demo and makes real tool calls; logins, approvals and orders are the real thing.",
                    "Hier ist kein Sprachmodell eingerichtet, deshalb antwortet ein kleiner Ersatz. Er erkennt, was in dieser Demo gefragt wird, und ruft die Werkzeuge wirklich auf; Anmeldung, Freigaben und Aufträge sind echt."
                )}
            </p>
            <p>
                {tr!("To talk to a language model, start Mandate with ", "Um mit einem Sprachmodell zu reden, starte Mandate mit ")}
                <code>"OPENAI_API_KEY"</code>{tr!(" or ", " oder ")}<code>"OPENAI_BASE_URL"</code>"."
            </p>
        </div>
    }
    .into_any()
}
