//! The document around every page: title, site, styles, scripts, and the matching policy.

use axum::{extract::Request, http::header, response::Response};
use foundation::{guard, lang, tr};
use leptos::{
    nonce::{Nonce, use_nonce},
    prelude::*,
};
use leptos_axum::ResponseOptions;

use crate::{
    assets,
    ui::{Glyph, Site, icon},
};

/// The head of a page.
#[derive(Clone, Debug)]
pub struct Head {
    pub site: Site,
    /// The page's title with the site's name: `Approvals · Mandate identity`.
    pub title: String,
    /// Static scripts from `public/`, in addition to the theme's: `identity.js`.
    pub scripts: &'static [&'static str],
    /// An address to which the page redirects.
    pub go_on: Option<String>,
    /// A style sheet in addition to the site's.
    pub sheet: Option<&'static str>,
}

impl Head {
    /// The head of a page without islands or scripts of its own.
    pub fn new(site: Site, title: impl Into<String>) -> Self {
        Self { site, title: title.into(), scripts: &[], go_on: None, sheet: None }
    }
}

/// The whole document as text, for a page without islands. `body` runs inside a reactive owner, so it may use
/// components.
pub fn html<V: IntoView + 'static>(head: &Head, body: impl FnOnce() -> V) -> String {
    let owner = Owner::new_root(None);
    let html = owner.with(|| shell(head, None, body().into_any()).to_html());
    owner.unset_with_forced_cleanup();
    // Drops hydration markers, which this page doesn't need. Text from people contains none, because every `<` in it is
    // escaped.
    html.replace("<!>", "")
}

/// Part of a page as text, without hydration markers.
pub(crate) fn fragment(view: AnyView) -> String {
    view.to_html().replace("<!>", "")
}

/// Answers with a page that has islands, rendered by leptos_axum. The page reads its `data` with [`expect_context`].
/// The policy allows the loader (by its nonce) and WebAssembly.
pub async fn with_islands<D, V>(request: Request, head: Head, data: D, page: fn() -> V) -> Response
where
    D: Clone + Send + Sync + 'static,
    V: IntoView + 'static,
{
    // May be set once for each process. Later calls change nothing.
    let _ = any_spawner::Executor::init_tokio();
    let context = move || {
        provide_context(data.clone());
        let nonce = use_nonce().expect("leptos_axum makes a nonce for each answer");
        expect_context::<ResponseOptions>()
            .insert_header(header::CONTENT_SECURITY_POLICY, guard::island_policy(&nonce));
    };
    let reader = lang::reader();
    let app = move || lang::as_reader(reader.clone(), || shell(&head, use_nonce(), page().into_any()));
    leptos_axum::render_app_async_with_context(context, app)(request).await
}

/// The document. With a nonce, the browser starts its islands.
fn shell(head: &Head, nonce: Option<Nonce>, body: AnyView) -> AnyView {
    let assets = assets::current();
    let site = head.site.as_str();
    // As a text node it would get a hydration marker, which a title can't contain.
    let title = head.title.replace('&', "&amp;").replace('<', "&lt;");
    let islands = nonce.zip(assets.bundle()).map(|(nonce, bundle)| {
        let (script, wasm) = (format!("/pkg/{bundle}.js"), format!("/pkg/{bundle}_bg.wasm"));
        let loader = LOADER.replace("{js}", &script).replace("{wasm}", &wasm);
        view! {
            <link rel="modulepreload" href=script />
            <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
            <script type="module" nonce=nonce inner_html=loader></script>
        }
    });
    let no_html = (!head.scripts.contains(&"html.js"))
        .then(|| view! { <meta http-equiv="content-security-policy" content=guard::NO_HTML /> });
    let scripts = head.scripts.iter().map(|name| view! { <script defer src=assets.public(name)></script> });
    view! {
        <!DOCTYPE html>
        <html lang=lang::current().tag() data-site=site>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover, interactive-widget=resizes-content" />
                <meta name="color-scheme" content="light dark" />
                <meta name="description" content=head.site.description() />
                {no_html}
                <title inner_html=title></title>
                {head.go_on.clone().map(|href| view! { <meta http-equiv="refresh" content=format!("0; url={href}") /> })}
                <link rel="icon" href=assets.public(&format!("favicon-{site}.svg")) type="image/svg+xml" />
                <link rel="stylesheet" href=assets.style(site) />
                {head.sheet.map(|name| view! { <link rel="stylesheet" href=assets.style(name) /> })}
                <script src=assets.public("theme.js")></script>
                {scripts.collect_view()}
                {islands}
            </head>
            <body>{body}</body>
        </html>
    }
    .into_any()
}

/// Starts the page's islands as soon as their code is loaded. (Leptos's own loader waits for an idle moment and walks
/// the whole page. Ours needs no nested islands.)
///
/// If that fails, the page says so, because its buttons stay dead.
const LOADER: &str = "try {\
        const { default: start, ...islands } = await import('{js}');\
        await start({ module_or_path: '{wasm}' });\
        islands.hydrate();\
        for (const island of document.querySelectorAll('leptos-island')) islands[island.dataset.component]?.(island);\
    } catch (error) {\
        console.error(error);\
        document.getElementById('not-started')?.removeAttribute('hidden');\
    }";

/// The message of a page whose islands don't start.
pub fn not_started() -> AnyView {
    view! {
        <div class="note bad not-started" id="not-started" role="alert" hidden>
            {icon(Glyph::Alert)}
            <p>
                <strong>{tr!("This page didn’t finish loading, so its buttons don’t work yet. ", "Diese Seite wurde nicht fertig geladen, deshalb gehen ihre Knöpfe noch nicht. ")}</strong>
                {tr!(
                    "Nothing is lost. Load it again. If that doesn’t help, check your network connection and your browser’s extensions.",
                    "Nichts ist verloren. Lade sie noch einmal. Wenn das nicht hilft, prüfe deine Verbindung und die Erweiterungen deines Browsers."
                )}
            </p>
            <a class="button" href="">{icon(Glyph::Retry)}{tr!("Load again", "Neu laden")}</a>
        </div>
    }
    .into_any()
}
