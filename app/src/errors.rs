//! What goes wrong before a page's handler is reached (no such address, a part of it that can't be read, a form from
//! elsewhere), as a page of the site: for browsers, which say that they want one. Programs get what they got.

use axum::{
    Router,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{Next, from_fn},
    response::Response,
};
use leptos::prelude::*;

use crate::{
    shell::{self, Head},
    ui::{Glyph, Site, icon, mark, theme_switch},
};

/// The routes of a site, with pages in the place of errors that are none.
pub fn with_error_pages(routes: Router, site: Site) -> Router {
    routes.layer(from_fn(move |request, next| readable(site, request, next)))
}

async fn readable(site: Site, request: Request, next: Next) -> Response {
    let wants_page = contains(request.headers(), &header::ACCEPT, "text/html");
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).map(str::to_owned);
    let response = next.run(request).await;
    let has_words = response.headers().get(header::CONTENT_TYPE).is_some()
        && !contains(response.headers(), &header::CONTENT_TYPE, "text/plain");
    let Some((title, text)) = words(response.status()).filter(|_| wants_page && !has_words) else { return response };
    let html = page(site, host.filter(|_| site == Site::Tenant), title, text);
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    Response::from_parts(parts, html.into())
}

fn contains(headers: &HeaderMap, name: &HeaderName, what: &str) -> bool {
    headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(what))
}

/// What to say to a person; nothing where the answer has to say more than its status does.
fn words(status: StatusCode) -> Option<(&'static str, &'static str)> {
    Some(match status {
        StatusCode::NOT_FOUND => {
            ("Nothing to see here", "There is nothing at this address. Perhaps a part of it is missing or mistyped.")
        }
        StatusCode::METHOD_NOT_ALLOWED => ("Nothing to see here", "This address is not a page that can be opened."),
        StatusCode::FORBIDDEN => (
            "Nothing was changed",
            "This request didn’t come from this site’s own page. Open the page again and repeat it there.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => (
            "That was too much",
            "What was sent is longer than it may be. Nothing was changed; go back and shorten it.",
        ),
        StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::UNPROCESSABLE_ENTITY => (
            "This address can’t be read",
            "A part of it, or of what was sent, is damaged or missing. Nothing was changed. Go back and try again.",
        ),
        _ => return None,
    })
}

fn page(site: Site, host: Option<String>, title: &'static str, text: &'static str) -> String {
    let (name, home, way) = match site {
        Site::Agent => ("Mandate", "/", "Go to the chat"),
        Site::Tenant => ("Mandate identity", "/approvals", "Go to your approvals"),
        Site::Broker => ("StockTrade", "/", "Go to StockTrade"),
    };
    shell::html(&Head::new(site, format!("{title} · {name}")), || {
        view! {
            <header class="topbar">
                <a class="brand" href=home>
                    {mark(site)}
                    <span class="names"><span>{name}</span>" "{host.map(|host| view! { <span class="address">{host}</span> })}</span>
                </a>
                <div class="topbar-end">{theme_switch()}</div>
            </header>
            <main class="page">
                <div class="card">
                    <div class="empty">
                        {icon(Glyph::Alert)}
                        <h1>{title}</h1>
                        <p>{text}</p>
                        <a class="button primary" href=home>{way}</a>
                    </div>
                </div>
            </main>
        }
    })
}

#[cfg(test)]
mod tests {
    use axum::{Json, body::Body, extract::Path, response::IntoResponse, routing::get};
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn ask(path: &str, accept: &str) -> (StatusCode, String) {
        let routes = Router::new()
            .route("/n/{n}", get(|Path(n): Path<u8>| async move { n.to_string() }))
            .route("/gone", get(|| async { (StatusCode::NOT_FOUND, Json("gone")) }))
            .route("/busy", get(|| async { (StatusCode::TOO_MANY_REQUESTS, "in 5 seconds").into_response() }));
        let request = Request::get(path).header("accept", accept).header("host", "id.example").body(Body::empty());
        let response =
            with_error_pages(routes, Site::Tenant).oneshot(request.expect("a request")).await.expect("an answer");
        let status = response.status();
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    #[tokio::test]
    async fn a_browser_gets_a_page_where_nothing_is_and_a_program_what_it_got() {
        for (path, status) in [("/nothing", StatusCode::NOT_FOUND), ("/n/x", StatusCode::BAD_REQUEST)] {
            let (got, page) = ask(path, "text/html,*/*;q=0.8").await;
            assert_eq!(got, status);
            for part in ["<h1>", "Mandate identity", "id.example", "Go to your approvals", "data-site=\"tenant\""] {
                assert!(page.contains(part), "{path}: {part} in {page}");
            }
            let (got, text) = ask(path, "*/*").await;
            assert_eq!((got, text.contains("<h1>")), (status, false));
        }
        // What works, and what says more than its status, stays as it is.
        for (path, body) in [("/n/5", "5"), ("/gone", "\"gone\""), ("/busy", "in 5 seconds")] {
            assert_eq!(ask(path, "text/html").await.1, body);
        }
    }
}
