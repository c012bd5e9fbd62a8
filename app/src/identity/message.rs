//! Pages with one message and a way on: errors, redirects, logout.

use leptos::prelude::*;

use crate::ui::{Glyph, csrf_field, icon};

fn card(content: impl IntoAny) -> AnyView {
    view! { <div class="card"><div class="card-part message">{content.into_any()}</div></div> }.into_any()
}

fn way_on(way: Option<&(String, String)>) -> AnyView {
    way.map(|(href, words)| view! { <a class="button primary" href=href.clone()>{words.clone()}</a> }).into_any()
}

/// What went wrong, what was kept, what to do.
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
        <h1 role="status">{text.to_owned()}</h1>
        <p class="muted">"You are being redirected. If nothing happens, continue here."</p>
        <a class="button primary" href=href.to_owned()>"Continue"{icon(Glyph::Arrow)}</a>
    })
}

/// Asks for confirmation before logging out.
pub(super) fn log_out(site: &str, csrf_token: &str, request: &str) -> AnyView {
    card(view! {
        <h1>{format!("Log out of {site}?")}</h1>
        <p>"Your connected accounts stay connected, and requests for your approval keep waiting."</p>
        <form method="post" action="/oidc/logout">
            {csrf_field(csrf_token)}
            <input type="hidden" name="request" value=request.to_owned() />
            <button class="button primary">"Log out"</button>
        </form>
    })
}

/// The page after logging out.
pub(super) fn logged_out(site: &str, back: Option<&(String, String)>) -> AnyView {
    card(view! {
        <h1>"You are logged out"</h1>
        <p>{format!("{site} will ask you to log in next time. Your connected accounts stay connected.")}</p>
        {way_on(back)}
    })
}
