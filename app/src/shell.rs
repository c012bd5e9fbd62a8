//! The document around every page: title, site, styles, scripts, and the policy that goes with them.

use axum::{
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use leptos::prelude::*;

use crate::{
    assets,
    ui::{Glyph, Site, icon},
};

/// What a page says about itself.
#[derive(Clone, Debug)]
pub struct Head {
    pub site: Site,
    /// The page's title with the site's name: `Approvals · Mandate identity`.
    pub title: String,
    /// Whether the page has islands, so that the browser loads their code.
    pub islands: bool,
    /// Static scripts from `public/` besides the theme's: `identity.js`.
    pub scripts: &'static [&'static str],
    /// An address that the page goes on to by itself.
    pub go_on: Option<String>,
}

impl Head {
    /// A page without islands or scripts of its own.
    pub fn new(site: Site, title: impl Into<String>) -> Self {
        Self { site, title: title.into(), islands: false, scripts: &[], go_on: None }
    }
}

/// The whole document as text, for a page without islands. `body` runs inside a reactive owner, so components
/// may be used in it.
pub fn html<V: IntoView + 'static>(head: &Head, body: impl FnOnce() -> V) -> String {
    render(head, None, Box::new(move || body().into_any()))
}

/// The whole answer. With islands the policy lets the loader run (by its nonce) and WebAssembly compile.
pub fn page<V: IntoView + 'static>(status: StatusCode, head: &Head, body: impl FnOnce() -> V) -> Response {
    if !head.islands {
        return (status, Html(html(head, body))).into_response();
    }
    let nonce = foundation::secret::token();
    let policy = foundation::guard::island_policy(&nonce);
    let html = render(head, Some(&nonce), Box::new(move || body().into_any()));
    (status, [(header::CONTENT_SECURITY_POLICY, policy)], Html(html)).into_response()
}

fn render(head: &Head, nonce: Option<&str>, body: Box<dyn FnOnce() -> AnyView + '_>) -> String {
    let owner = Owner::new_root(None);
    let html = owner.with(|| document(head, nonce, body()).to_html());
    owner.unset_with_forced_cleanup();
    // Marks between texts, for hydration: a title would show them, and a page without islands has no use for them.
    // What people wrote holds none, since every `<` of it is escaped.
    match nonce {
        Some(_) => html.replacen("<!></title>", "</title>", 1),
        None => html.replace("<!>", ""),
    }
}

fn document(head: &Head, nonce: Option<&str>, body: AnyView) -> AnyView {
    let assets = assets::current();
    let site = head.site.as_str();
    let islands = nonce.zip(assets.bundle()).map(|(nonce, bundle)| {
        let (script, wasm) = (format!("/pkg/{bundle}.js"), format!("/pkg/{bundle}_bg.wasm"));
        let loader = LOADER.replace("{js}", &script).replace("{wasm}", &wasm);
        view! {
            <link rel="modulepreload" href=script />
            <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
            <script type="module" nonce=nonce.to_owned() inner_html=loader></script>
        }
    });
    let scripts = head.scripts.iter().map(|name| view! { <script defer src=assets.public(name)></script> });
    view! {
        <!DOCTYPE html>
        <html lang="en" data-site=site>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content" />
                <meta name="color-scheme" content="light dark" />
                <title>{head.title.clone()}</title>
                {head.go_on.clone().map(|href| view! { <meta http-equiv="refresh" content=format!("0; url={href}") /> })}
                <link rel="icon" href=assets.public(&format!("favicon-{site}.svg")) type="image/svg+xml" />
                <link rel="stylesheet" href=assets.style(site) />
                <script src=assets.public("theme.js")></script>
                {scripts.collect_view()}
                {islands}
            </head>
            <body>{body}</body>
        </html>
    }
    .into_any()
}

/// Starts the islands of the page as soon as their code is there. (Leptos's own loader waits for an idle moment
/// and walks the whole page; ours has no nested islands.)
///
/// Where that fails, the page says so: until then its buttons would stay dead without a word.
const LOADER: &str = "try {\
        const { default: start, ...islands } = await import('{js}');\
        await start({ module_or_path: '{wasm}' });\
        islands.hydrate();\
        for (const island of document.querySelectorAll('leptos-island')) islands[island.dataset.component]?.(island);\
    } catch (error) {\
        console.error(error);\
        document.getElementById('not-started')?.removeAttribute('hidden');\
    }";

/// What a page with islands says where they don't start.
pub fn not_started() -> AnyView {
    view! {
        <div class="note bad not-started" id="not-started" role="alert" hidden>
            {icon(Glyph::Alert)}
            <p>
                <strong>"This page was not loaded to its end, so its buttons do nothing. "</strong>
                "Nothing is lost. Load it again; if that doesn’t help, see whether the network or the browser holds something back."
            </p>
            <a class="button" href="">{icon(Glyph::Retry)}"Load again"</a>
        </div>
    }
    .into_any()
}
