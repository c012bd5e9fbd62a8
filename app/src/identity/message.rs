//! Pages with one message and a way on: errors, redirects, logout.

use foundation::tr;
use leptos::prelude::*;

use crate::ui::{Glyph, csrf_field, icon};

fn card(content: impl IntoAny) -> AnyView {
    view! { <div class="card"><div class="card-part message">{content.into_any()}</div></div> }.into_any()
}

fn way_on(way: Option<&(String, String)>) -> AnyView {
    way.map(|(href, words)| view! { <a class="button primary" href=href.clone()>{words.clone()}</a> }).into_any()
}

/// The error page's text: the problem, what was kept, and what to do.
pub(super) fn error(title: &str, text: &str, back: Option<&(String, String)>) -> AnyView {
    card(view! {
        <h1>{title.to_owned()}</h1>
        <p dir="auto">{text.to_owned()}</p>
        {way_on(back)}
    })
}

/// Continues to another site automatically. The link is for browsers that don't.
pub(super) fn go_on(href: &str, text: &str) -> AnyView {
    card(view! {
        <div role="status"><h1>{text.to_owned()}</h1></div>
        <p class="muted">{tr!("You are being redirected. If nothing happens, continue here.", "Du wirst weitergeleitet. Wenn nichts geschieht, geht es hier weiter.")}</p>
        <a class="button primary" href=href.to_owned()>{tr!("Continue", "Weiter")}{icon(Glyph::Arrow)}</a>
    })
}

/// Asks for confirmation before logging out.
pub(super) fn log_out(site: &str, csrf_token: &str, request: &str) -> AnyView {
    card(view! {
        <h1>{tr!(format!("Log out of {site}?"), format!("Bei {site} abmelden?"))}</h1>
        <p>{tr!("Your connected accounts stay connected, and requests for your approval keep waiting.", "Deine verbundenen Konten bleiben verbunden, und Anfragen um deine Freigabe warten weiter.")}</p>
        <form method="post" action="/oidc/logout">
            {csrf_field(csrf_token)}
            <input type="hidden" name="request" value=request.to_owned() />
            <button class="button primary">{tr!("Log out", "Abmelden")}</button>
        </form>
    })
}

/// The page after logging out.
pub(super) fn logged_out(site: &str, back: Option<&(String, String)>) -> AnyView {
    card(view! {
        <h1>{tr!("You are logged out", "Du bist abgemeldet")}</h1>
        <p>{tr!(format!("{site} will ask you to log in next time. Your connected accounts stay connected."), format!("{site} bittet dich das nächste Mal um die Anmeldung. Deine verbundenen Konten bleiben verbunden."))}</p>
        {way_on(back)}
    })
}
