//! One address for each route: redirects a path that differs only in a trailing slash or in meaningless case.

use axum::{
    Router,
    body::Body,
    extract::{MatchedPath, Request},
    http::{StatusCode, Uri},
    middleware::{Next, from_fn},
    response::{IntoResponse, Redirect, Response},
};
use tower::ServiceExt;

/// Marks a request that only finds the route of a path. The handler isn't run.
#[derive(Clone, Copy)]
struct Probe;

/// The pattern of the route that answered.
#[derive(Clone)]
struct Pattern(String);

/// Redirects (308, with the same method) a path without a route to the canonical path that has one.
pub fn redirecting(routes: Router) -> Router {
    let routes = routes.layer(from_fn(probe));
    Router::new().fallback(move |request: Request| answer(routes.clone(), request))
}

async fn probe(request: Request, next: Next) -> Response {
    let pattern = request.extensions().get::<MatchedPath>().cloned();
    let mut response = if request.extensions().get::<Probe>().is_some() {
        StatusCode::NOT_FOUND.into_response()
    } else {
        next.run(request).await
    };
    if let Some(pattern) = pattern {
        response.extensions_mut().insert(Pattern(pattern.as_str().to_owned()));
    }
    response
}

async fn answer(routes: Router, request: Request) -> Response {
    let uri = request.uri().clone();
    let response = ask(&routes, request).await;
    let is_known = response.extensions().get::<Pattern>().is_some_and(|Pattern(path)| !is_catch_all(path));
    if response.status() != StatusCode::NOT_FOUND || is_known {
        return response;
    }
    let Some(path) = canonical(&routes, uri.path()).await.filter(|path| path != uri.path()) else { return response };
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    Redirect::permanent(&format!("{path}{query}")).into_response()
}

/// The canonical form of a path: its route's spelling, without trailing slashes.
async fn canonical(routes: &Router, path: &str) -> Option<String> {
    let path = path.trim_end_matches('/');
    let lower =
        Uri::builder().path_and_query(format!("/{}", path.trim_start_matches('/').to_ascii_lowercase())).build();
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = lower.ok()?;
    request.extensions_mut().insert(Probe);
    let response = ask(routes, request).await;
    let Pattern(pattern) = response.extensions().get()?;
    if is_catch_all(pattern) || path.starts_with("//") {
        return None;
    }
    // A parameter keeps its case, which may matter.
    let segments = pattern
        .split('/')
        .zip(path.split('/'))
        .map(|(of_route, of_path)| if of_route.starts_with('{') { of_path } else { of_route });
    let path = segments.collect::<Vec<_>>().join("/");
    Some(if path.is_empty() { "/".into() } else { path })
}

/// Whether the pattern matches everything below a path. Such a route answers unknown paths, too.
fn is_catch_all(pattern: &str) -> bool {
    pattern.contains("{*")
}

async fn ask(routes: &Router, request: Request) -> Response {
    routes.clone().oneshot(request).await.unwrap_or_else(|never| match never {})
}

#[cfg(test)]
mod tests {
    use axum::{
        extract::Path,
        http::Method,
        routing::{any, get, post},
    };

    use super::*;

    #[tokio::test]
    async fn slash_or_case_that_means_nothing_redirects() {
        let routes = Router::new()
            .route("/", get(|| async { "home" }))
            .route("/accounts", get(|| async { "accounts" }))
            .route("/t/{thread}", get(|Path(thread): Path<String>| async move { thread }))
            .route("/gone/{id}", get(|| async { StatusCode::NOT_FOUND }))
            .route("/api/orders", post(|| async { "posted" }))
            .route("/api/{*rest}", any(|| async { StatusCode::NOT_FOUND }))
            .route("/pkg/{*file}", get(|Path(file): Path<String>| async move { file }));
        let routes = redirecting(routes);
        let ask = async |method: Method, path: &str| {
            let request = Request::builder().method(method).uri(path).body(Body::empty()).expect("a request");
            let response = ask(&routes, request).await;
            let location = response.headers().get("location").map(|to| to.to_str().expect("text").to_owned());
            (response.status().as_u16(), location.unwrap_or_default())
        };
        for (path, to) in [
            ("/accounts/", "/accounts"),
            ("/accounts//", "/accounts"),
            ("/Accounts", "/accounts"),
            ("/ACCOUNTS/?a=B", "/accounts?a=B"),
            ("/t/AbC/", "/t/AbC"),
            ("/T/AbC", "/t/AbC"),
            ("/api/orders/", "/api/orders"),
            ("/API/Orders", "/api/orders"),
            ("/Gone/x", "/gone/x"),
        ] {
            for method in [Method::GET, Method::POST] {
                assert_eq!(ask(method, path).await, (308, to.to_owned()), "{path}");
            }
        }
        for (path, status) in [
            ("/", 200),
            ("/accounts", 200),
            ("/t/AbC", 200),
            ("/gone/x", 404),
            ("/gone/X/", 308),
            ("/nothing/", 404),
            ("/Nothing", 404),
            ("/api/nothing/", 404),
            ("/API/nothing", 404),
            ("/pkg/Mandate.js", 200),
            ("/PKG/Mandate.js", 404),
            ("//accounts/", 404),
            ("//evil.example/accounts/", 404),
            ("/%2fevil.example/", 404),
        ] {
            assert_eq!(ask(Method::GET, path).await.0, status, "{path}");
        }
    }
}
