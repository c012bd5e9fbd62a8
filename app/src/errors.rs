//! Error pages for browsers (clients that ask for HTML), when an error occurs before a page's handler: no such address,
//! an unreadable part of it, a form from another site. Programs get the error unchanged, or if it has no text, one in
//! JSON or as a line of text.

use std::{pin::Pin, sync::Arc};

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderMap, HeaderName, StatusCode, header},
    middleware::{Next, from_fn},
    response::{Html, IntoResponse, Response},
};
use foundation::{
    lang::{self, Lang},
    tr,
};
use serde_json::{Value, json};

use crate::ui::Site;

/// The content of an error page.
#[derive(Clone, Debug)]
pub struct Said {
    pub status: StatusCode,
    pub title: &'static str,
    pub text: String,
}

/// Renders an error page of a site, in its frame, for the browser that sent these headers.
pub type ErrorPage = Arc<dyn Fn(HeaderMap, Said) -> Pin<Box<dyn Future<Output = String> + Send>> + Send + Sync>;

/// The longest text of an answer that its error page repeats, in bytes.
const TEXT: usize = 4_096;

/// Adds error pages to the routes of a site.
pub fn with_error_pages(routes: Router, site: Site, page: ErrorPage) -> Router {
    routes.layer(from_fn(move |request, next| readable(site, page.clone(), request, next)))
}

async fn readable(site: Site, page: ErrorPage, request: Request, next: Next) -> Response {
    let headers = request.headers().clone();
    let wants_page = contains(&headers, &header::ACCEPT, "text/html");
    let wants_json = contains(&headers, &header::ACCEPT, "application/json") || is_for_programs(request.uri().path());
    let response = next.run(request).await;
    let has_words = response.headers().get(header::CONTENT_TYPE).is_some()
        && !contains(response.headers(), &header::CONTENT_TYPE, "text/plain");
    let said = if wants_page { words(response.status()) } else { lang::within(Lang::En, || words(response.status())) };
    let Some((title, text)) = said.filter(|_| !has_words) else { return response };
    let is_empty = response.headers().get(header::CONTENT_TYPE).is_none();
    if !wants_page && !is_empty {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let status = parts.status;
    let answer = if wants_page {
        let text = if tells_more(status) { own_text(body).await } else { None }.unwrap_or_else(|| text.to_owned());
        Html(page(headers, Said { status, title, text }).await).into_response()
    } else if wants_json {
        Json(error(site, status, text)).into_response()
    } else {
        format!("{text}\n").into_response()
    };
    let (said, body) = answer.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.extend(said.headers);
    Response::from_parts(parts, body)
}

/// Whether only the answer's own text has a detail that the person needs: the id of a fault, or when to try again.
fn tells_more(status: StatusCode) -> bool {
    matches!(status, StatusCode::INTERNAL_SERVER_ERROR | StatusCode::TOO_MANY_REQUESTS)
}

async fn own_text(body: Body) -> Option<String> {
    let text = String::from_utf8(to_bytes(body, TEXT).await.ok()?.to_vec()).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Whether only programs use this path, whatever their `Accept` says.
fn is_for_programs(path: &str) -> bool {
    ["/api/", "/oauth/", "/oidc/", "/.well-known/", "/me/"].iter().any(|start| path.starts_with(start))
}

/// The error in the form of the site's other errors: the chat API's, or OAuth's (RFC 6749 §5.2).
fn error(site: Site, status: StatusCode, text: &str) -> Value {
    let code = match status {
        StatusCode::NOT_FOUND => "not_found",
        StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
        StatusCode::SERVICE_UNAVAILABLE if site == Site::Agent => "unavailable",
        StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
        _ => "invalid_request",
    };
    let words = if site == Site::Agent { "message" } else { "error_description" };
    json!({ "error": code, words: text })
}

fn contains(headers: &HeaderMap, name: &HeaderName, what: &str) -> bool {
    headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(what))
}

/// The title and text for a person. `None` if the handler's own answer has to say more.
fn words(status: StatusCode) -> Option<(&'static str, &'static str)> {
    Some(match status {
        StatusCode::NOT_FOUND => (
            tr!("Page not found", "Seite nicht gefunden"),
            tr!(
                "There is nothing at this address. Part of it may be missing or mistyped.",
                "Unter dieser Adresse gibt es nichts. Vielleicht fehlt ein Teil, oder sie ist vertippt."
            ),
        ),
        StatusCode::METHOD_NOT_ALLOWED => (
            tr!("This page can’t be opened", "Diese Seite lässt sich nicht öffnen"),
            tr!(
                "This address is not a page that can be opened. It only accepts forms from other pages. Nothing was changed.",
                "Diese Adresse ist keine Seite zum Öffnen. Sie nimmt nur Formulare anderer Seiten an. Nichts wurde geändert."
            ),
        ),
        StatusCode::FORBIDDEN => (
            tr!("Nothing was changed", "Nichts wurde geändert"),
            tr!(
                "This request didn’t come from this site’s own page. Open the page again and repeat it there.",
                "Diese Anfrage kam nicht von einer Seite von hier. Öffne die Seite neu, und mach es dort noch einmal."
            ),
        ),
        StatusCode::PAYLOAD_TOO_LARGE => (
            tr!("That was too much", "Das war zu viel"),
            tr!(
                "Your input is too long. Nothing was changed. Go back and shorten it.",
                "Deine Eingabe ist zu lang. Nichts wurde geändert. Geh zurück, und kürze sie."
            ),
        ),
        StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::UNPROCESSABLE_ENTITY => (
            tr!("This address can’t be read", "Diese Adresse ist nicht lesbar"),
            tr!(
                "Part of the address, or of the form, is damaged or missing. Nothing was changed. Go back and try again.",
                "Ein Teil der Adresse oder des Formulars ist beschädigt oder fehlt. Nichts wurde geändert. Geh zurück, und versuch es noch einmal."
            ),
        ),
        StatusCode::SERVICE_UNAVAILABLE => (
            tr!("Not available right now", "Gerade nicht erreichbar"),
            tr!(
                "The database doesn’t answer. If you changed something, it may have been saved or not, so check before you repeat it. Try again in a moment.",
                "Die Datenbank antwortet nicht. Wenn du etwas geändert hast, ist es vielleicht gespeichert, vielleicht nicht: Sieh nach, bevor du es wiederholst. Versuch es gleich noch einmal."
            ),
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            tr!("Too much at once", "Zu viel auf einmal"),
            tr!(
                "Too many requests came from your network. Nothing was changed. Try again in a moment.",
                "Aus deinem Netz kamen zu viele Anfragen. Nichts wurde geändert. Versuch es gleich noch einmal."
            ),
        ),
        StatusCode::INTERNAL_SERVER_ERROR => (
            tr!("Something went wrong", "Etwas ist schiefgegangen"),
            tr!(
                "That’s on our side. Check what was saved before you repeat it.",
                "Das liegt an uns. Sieh nach, was gespeichert ist, bevor du es wiederholst."
            ),
        ),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use axum::{
        body::Body,
        extract::Path,
        routing::{get, post},
    };
    use http_body_util::BodyExt;
    use tower::ServiceExt;

    use super::*;

    async fn ask(path: &str, accept: &str) -> (StatusCode, String) {
        let routes = Router::new()
            .route("/post", post(|| async {}))
            .route("/n/{n}", get(|Path(n): Path<u8>| async move { n.to_string() }))
            .route("/gone", get(|| async { (StatusCode::NOT_FOUND, Json("gone")) }))
            .route("/busy", get(|| async { (StatusCode::TOO_MANY_REQUESTS, "in 5 seconds").into_response() }))
            .route("/panics", get(|| async { panic!("a fault of ours") as &str }))
            .route("/fault", get(|| async { (StatusCode::INTERNAL_SERVER_ERROR, "the id is 5").into_response() }));
        let request = Request::get(path).header("accept", accept).header("host", "id.example").body(Body::empty());
        let page: ErrorPage = Arc::new(|headers, said| {
            let host = format!("{:?}", headers["host"]);
            Box::pin(async move { format!("<h1>{}</h1>{} {host} {}", said.title, said.text, said.status) })
        });
        let site = with_error_pages(foundation::guard::without_panics(routes), Site::Identity, page);
        let response = site.oneshot(request.expect("a request")).await.expect("an answer");
        let status = response.status();
        let body = response.into_body().collect().await.expect("a body").to_bytes();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    #[tokio::test]
    async fn not_found_is_a_page_only_for_browsers() {
        for (path, status) in [("/nothing", StatusCode::NOT_FOUND), ("/n/x", StatusCode::BAD_REQUEST)] {
            let (got, page) = ask(path, "text/html,*/*;q=0.8").await;
            assert_eq!(got, status);
            for part in ["<h1>", "id.example", status.as_str(), "missing"] {
                assert!(page.contains(part), "{path}: {part} in {page}");
            }
            let (got, text) = ask(path, "*/*").await;
            assert_eq!((got, text.contains("<h1>"), text.is_empty()), (status, false, false));
        }
        // Programs that accept JSON get JSON.
        for (path, accept) in [("/nothing", "application/json"), ("/oauth/nothing", "*/*"), ("/.well-known/x", "*/*")] {
            let (got, text) = ask(path, accept).await;
            let error: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {text}"));
            assert_eq!((got, &error["error"]), (StatusCode::NOT_FOUND, &json!("not_found")), "{path}");
            assert!(error["error_description"].as_str().is_some_and(|text| text.contains("nothing at this address")));
        }
        // A browser opens an address that only takes a form.
        let (got, page) = ask("/post", "text/html").await;
        assert_eq!(got, StatusCode::METHOD_NOT_ALLOWED);
        assert!(page.contains("<h1>") && page.contains("not a page that can be opened"), "{page}");
        // Successful answers, and errors with a text of their own, stay as they are.
        for (path, accept, body) in
            [("/n/5", "text/html", "5"), ("/gone", "text/html", "\"gone\""), ("/busy", "*/*", "in 5 seconds")]
        {
            assert_eq!(ask(path, accept).await.1, body);
        }
        // The page repeats a text that only this answer has.
        for (path, text) in
            [("/busy", "in 5 seconds"), ("/fault", "the id is 5"), ("/panics", "tell the operator this id")]
        {
            let (_, page) = ask(path, "text/html").await;
            assert!(page.contains("<h1>") && page.contains(text), "{page}");
        }
    }
}
