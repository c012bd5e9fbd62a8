//! Guards in front of every site: its own address, shadowed cookies, the origin of changes, and the headers of every
//! answer.

use std::sync::Arc;

use crate::tr;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Redirect, Response},
};
use futures::FutureExt;

use crate::{
    compress, deadline, secret, shadowing,
    site::{Site, is_file},
    trace,
};

/// Adds the guards that every request to a site passes: the site's own address, a body limit of 64 kB, expiry of
/// shadowing cookies, compression of pages, an answer with an id when a handler panics, safe headers, which the other
/// guards' answers get too, and a log line with the request's trace.
pub fn site(routes: Router, site: &Site) -> Router {
    let state = Arc::new(site.clone());
    routes
        .layer(from_fn(compress::pages))
        .layer(from_fn(deadline::keep))
        .layer(DefaultBodyLimit::max(64 * 1024))
        .layer(from_fn_with_state(state.clone(), own_address))
        .layer(from_fn(shadowing::expire))
        .layer(from_fn(no_panic))
        .layer(from_fn(safe_headers))
        .layer(from_fn_with_state(state, trace::follow))
}

/// Answers 500 with an id when a handler of these routes panics. [`site`] does the same for its guards, but not with a
/// page.
pub fn without_panics(routes: Router) -> Router {
    routes.layer(from_fn(no_panic))
}

/// Guards routes that a cookie authenticates: a request that changes something must come from the site's own pages
/// (THREATS.md line 9).
pub fn own_origin(routes: Router, site: &Site) -> Router {
    routes.layer(from_fn_with_state(Arc::new(site.clone()), require_own_origin))
}

/// Whether a request comes from this site's own pages: `Origin` is exactly this site's (never `null`), and
/// `Sec-Fetch-Site`, if the browser sends it, is `same-origin`.
pub fn is_own_origin(headers: &HeaderMap, site: &Site) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let own =
        origins.next().is_some_and(|origin| origin.as_bytes() == site.origin().as_bytes()) && origins.next().is_none();
    own && headers.get("sec-fetch-site").is_none_or(|fetch| fetch == "same-origin")
}

async fn require_own_origin(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || is_own_origin(request.headers(), &site) {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, tr!(
            "This request didn’t come from this site’s own page, so nothing was changed. Open the page again and repeat it there.\n",
            "Diese Anfrage kam nicht von einer Seite von hier, deshalb wurde nichts geändert. Öffne die Seite neu, und mach es dort noch einmal.\n"
        )).into_response()
    }
}

/// Redirects another name of this machine to the configured address, and refuses a foreign `Host` (DNS rebinding).
async fn own_address(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let Some(host) = only_host(&request) else {
        let text = "A request names exactly one host: one Host header, and none but that in the request line.\n";
        return (StatusCode::BAD_REQUEST, NO_STORE, text).into_response();
    };
    // A load balancer may probe under any host name, and learns only that the site is up.
    if host.eq_ignore_ascii_case(&site.host()) || matches!(request.uri().path(), "/healthz" | "/readyz") {
        return next.run(request).await;
    }
    let name = host
        .rsplit_once(':')
        .filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
        .map_or(host, |(name, _)| name);
    let this_machine = matches!(name, "127.0.0.1" | "[::1]" | "localhost");
    if this_machine && site.is_loopback() && matches!(*request.method(), Method::GET | Method::HEAD) {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        return Redirect::temporary(&site.at(path)).into_response();
    }
    let text = format!("This address belongs to no site here. Open {} instead.\n", site.issuer());
    // RFC 9110 §15.5.20; at `/mcp` the MCP transport's clients expect 403 (THREATS.md line 43).
    let status = if request.uri().path().trim_end_matches('/') == "/mcp" {
        StatusCode::FORBIDDEN
    } else {
        StatusCode::MISDIRECTED_REQUEST
    };
    (status, NO_STORE, text).into_response()
}

/// The one host that a request names. If it names two, two readers may each believe a different one (RFC 9112 §3.2).
fn only_host(request: &Request) -> Option<&str> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return None };
    let host = host.to_str().ok()?;
    let same = request.uri().authority().is_none_or(|line| line.as_str().eq_ignore_ascii_case(host));
    same.then_some(host)
}

/// A guard's answer is about one request, so it must not be cached for the path.
const NO_STORE: [(header::HeaderName, &str); 1] = [(header::CACHE_CONTROL, "no-store")];

/// Sets the headers that every answer has unless its handler set them (THREATS.md lines 10 and 18). They also keep
/// answers with a token out of caches (RFC 6749 §5.1).
async fn safe_headers(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    let headers = response.headers_mut();
    if is_error {
        // An error answers one request and may name a person, even at a public path.
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let mut default = |name: header::HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    default(header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
    default(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(header::X_FRAME_OPTIONS, "DENY");
    default(header::REFERRER_POLICY, "same-origin");
    if !is_file(&path) {
        default(header::CACHE_CONTROL, "no-store");
    }
    response
}

/// The Content-Security-Policy of pages without WebAssembly: only the site's own scripts and styles. Text becomes HTML
/// by the policy `mandate` alone (Trusted Types), which `public/html.js` makes; a page without that script allows none
/// ([`NO_HTML`]).
pub const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'; trusted-types mandate";

/// The policy that a page whose scripts make no HTML adds in its head: forbids creating a Trusted Types policy.
pub const NO_HTML: &str = "trusted-types 'none'";

/// The Content-Security-Policy of pages with islands: allows the loader, which carries a nonce, and WebAssembly.
///
/// # Panics
/// When the nonce isn't visible ASCII.
pub fn island_policy(nonce: &str) -> HeaderValue {
    let source = format!("script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'");
    HeaderValue::try_from(PAGE_POLICY.replace("script-src 'self'", &source)).expect("the policy is visible ASCII")
}

/// Answers 500 with an id when a handler panics. Other requests continue.
async fn no_panic(request: Request, next: Next) -> Response {
    let uri: Uri = request.uri().clone();
    let run = std::panic::AssertUnwindSafe(next.run(request)).catch_unwind();
    match run.await {
        Ok(response) => response,
        Err(_) => {
            let id = secret::id("");
            tracing::error!(id, path = uri.path(), "a request panicked");
            let text = tr!(
                format!(
                    "Something went wrong on our side; nothing was changed. If it happens again, tell the operator this id: {id}\n"
                ),
                format!(
                    "Bei uns ist etwas schiefgegangen; nichts wurde geändert. Wenn es wieder geschieht, sag dem Betreiber diese Kennung: {id}\n"
                )
            );
            (StatusCode::INTERNAL_SERVER_ERROR, NO_STORE, text).into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    /// THREATS.md lines 10 and 48: the guards' own answers have the headers of every answer.
    #[tokio::test]
    async fn line_10_48_foreign_host_and_panic_get_safe_headers() {
        use axum::{body::Body, routing::get};
        use tower::ServiceExt;

        async fn panics() -> &'static str {
            panic!("a fault of ours")
        }
        let own = Site::new("http://localhost:3001".parse().expect("a URL")).expect("a site");
        let table = Router::new().route("/", get(|| async { "fine" })).route("/pkg/panics", get(panics));
        let app = site(table, &own);
        for (host, path, status) in [
            ("localhost:3001", "/", StatusCode::OK),
            ("localhost:3001", "/pkg/panics", StatusCode::INTERNAL_SERVER_ERROR),
            ("evil.example", "/", StatusCode::MISDIRECTED_REQUEST),
            ("evil.example", "/pkg/mandate.js", StatusCode::MISDIRECTED_REQUEST),
            ("evil.example", "/mcp", StatusCode::FORBIDDEN),
            ("127.0.0.1:3001", "/", StatusCode::TEMPORARY_REDIRECT),
        ] {
            let request = Request::builder().uri(path).header("host", host).body(Body::empty()).expect("a request");
            let answer = app.clone().oneshot(request).await.expect("an answer");
            assert_eq!(answer.status(), status, "{host}{path}");
            let headers = answer.headers();
            let is = |name: &str, value: &str| headers.get(name).is_some_and(|it| it == value);
            assert!(is("content-security-policy", PAGE_POLICY), "{host}{path}: {headers:?}");
            assert!(PAGE_POLICY.contains("frame-ancestors 'none'") && is("x-frame-options", "DENY"));
            assert!(is("x-content-type-options", "nosniff") && is("referrer-policy", "same-origin"), "{headers:?}");
            assert!(is("cache-control", "no-store"), "{host}{path}: {headers:?}");
            assert!(status.is_redirection() || is("content-type", "text/plain; charset=utf-8"), "{headers:?}");
        }
    }

    #[tokio::test]
    async fn line_67_a_request_names_exactly_one_host() {
        use axum::{body::Body, routing::get};
        use tower::ServiceExt;

        let own = Site::new("http://localhost:3001".parse().expect("a URL")).expect("a site");
        let app = site(Router::new().route("/", get(|| async { "fine" })), &own);
        for (line, hosts, status) in [
            ("/", &["localhost:3001"][..], StatusCode::OK),
            ("http://localhost:3001/", &["localhost:3001"], StatusCode::OK),
            ("/", &[], StatusCode::BAD_REQUEST),
            ("/", &["localhost:3001", "localhost:3001"], StatusCode::BAD_REQUEST),
            ("/", &["localhost:3001", "evil.example"], StatusCode::BAD_REQUEST),
            ("http://evil.example/", &["localhost:3001"], StatusCode::BAD_REQUEST),
            ("http://localhost:3001/", &["evil.example"], StatusCode::BAD_REQUEST),
            ("http://localhost:3001/", &[], StatusCode::BAD_REQUEST),
        ] {
            let mut request = Request::builder().uri(line).body(Body::empty()).expect("a request");
            for host in hosts {
                request.headers_mut().append(header::HOST, HeaderValue::from_static(host));
            }
            let answer = app.clone().oneshot(request).await.expect("an answer");
            assert_eq!(answer.status(), status, "{line} {hosts:?}");
            assert_eq!(answer.headers()["cache-control"], "no-store");
        }
    }

    #[tokio::test]
    async fn line_10_an_error_is_never_stored_by_a_cache() {
        use axum::{body::Body, routing::get};
        use tower::ServiceExt;

        let own = Site::new("http://localhost:3001".parse().expect("a URL")).expect("a site");
        let public = || [(header::CACHE_CONTROL, "public, max-age=60")];
        let table = Router::new()
            .route("/pkg/ok", get(move || async move { public() }))
            .route("/pkg/error", get(move || async move { (StatusCode::FORBIDDEN, public()) }));
        for (path, expected) in
            [("/pkg/ok", "public, max-age=60"), ("/pkg/error", "no-store"), ("/pkg/nothing", "no-store")]
        {
            let request = Request::builder().uri(path).header("host", "localhost:3001").body(Body::empty());
            let answer = site(table.clone(), &own).oneshot(request.expect("a request")).await.expect("an answer");
            assert_eq!(answer.headers()["cache-control"], expected, "{path}");
        }
    }

    /// `public/html.js` makes that policy; `end2end/tests/policy.spec.ts` tries the browser.
    #[test]
    fn line_10_text_becomes_html_by_one_policy() {
        for policy in [PAGE_POLICY.to_owned(), island_policy("n").to_str().expect("ASCII").to_owned()] {
            let rules: Vec<&str> = policy.split(';').map(str::trim).collect();
            assert!(rules.contains(&"require-trusted-types-for 'script'"), "{policy}");
            assert!(rules.contains(&"trusted-types mandate"), "{policy}");
        }
    }

    /// THREATS.md line 9.
    #[test]
    fn line_9_only_the_own_origin_may_change_something() {
        let site = Site::new("http://localhost:3001".parse().expect("a URL")).expect("a site");
        assert!(is_own_origin(&headers(&[("origin", "http://localhost:3001")]), &site));
        assert!(is_own_origin(
            &headers(&[("origin", "http://localhost:3001"), ("sec-fetch-site", "same-origin")]),
            &site
        ));
        for wrong in [
            &[][..],
            &[("origin", "null")],
            &[("origin", "http://localhost:3000")],
            &[("origin", "https://localhost:3001")],
            &[("origin", "http://localhost:30011")],
            &[("origin", "http://localhost:3001"), ("origin", "http://localhost:3001")],
            &[("origin", "http://localhost:3001"), ("sec-fetch-site", "same-site")],
            &[("origin", "http://localhost:3001"), ("sec-fetch-site", "cross-site")],
        ] {
            assert!(!is_own_origin(&headers(wrong), &site), "{wrong:?}");
        }
    }
}
