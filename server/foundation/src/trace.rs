//! Traces (W3C Trace Context): one id for a request and all calls between sites to answer it, a log line with it for
//! each request, and a recorder for people who want to see their own requests.

mod current;
mod layer;
mod record;
mod recorder;
mod shown;

use std::{sync::Arc, time::Instant};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};

use crate::{secret, site::Site};
use current::Current;
pub(crate) use current::browser;
pub use current::person;
pub use layer::recorded;
use layer::{STATE, VENDOR};
pub use record::Record;
pub use recorder::{LASTS, Recorder};
pub use shown::{Named, Shown, Token};

const HEADER: HeaderName = HeaderName::from_static("traceparent");

/// The longest path that is logged whole, in characters.
const PATH: usize = 200;

/// A layer over all of a site's routes: takes the caller's trace id or makes one, and logs the request at debug when
/// its answer begins. Never logs the query, a header or a body: they can hold codes and tokens.
pub(crate) async fn follow(State(site): State<Arc<Site>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let current = Current::new(id_of(request.headers()), None);
    let trace = current.trace().to_owned();
    let (method, path) = (request.method().clone(), request.uri().path().chars().take(PATH).collect::<String>());
    let response = current.scope(next.run(request)).await;
    let (site, status, ms) = (site.origin(), response.status().as_u16(), began.elapsed().as_millis());
    tracing::debug!(site, %method, path, status, ms, trace, "answered");
    response
}

/// The trace id of `traceparent` (W3C Trace Context §3.2.2). Anybody may send one, so no decision depends on it.
fn id_of(headers: &HeaderMap) -> Option<String> {
    let mut parts = headers.get(HEADER)?.to_str().ok()?.split('-');
    let (version, trace, parent) = (parts.next()?, parts.next()?, parts.next()?);
    let is_hex =
        |text: &str, length| text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let is_id = |text: &str, length| is_hex(text, length) && text.bytes().any(|b| b != b'0');
    (is_hex(version, 2) && version != "ff" && is_id(trace, 32) && is_id(parent, 16)).then(|| trace.to_owned())
}

/// Adds the trace of the request being answered, and the calling site, to a call made for that request.
pub(crate) fn pass_on(headers: &mut HeaderMap) {
    let Some(current) = Current::of_task() else { return };
    let span = &secret::id("")[..16];
    if let Ok(value) = HeaderValue::try_from(format!("00-{}-{span}-00", current.trace())) {
        headers.insert(HEADER, value);
    }
    if let Some(Ok(value)) = current.site().map(|site| HeaderValue::try_from(format!("{VENDOR}{}", site.as_str()))) {
        headers.insert(STATE, value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, PoisonError};

    use axum::{Router, body::Body, routing::get};
    use tower::ServiceExt;

    use super::*;
    use crate::{guard, http::Http};

    const GIVEN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn site(name: &str) -> Site {
        Site::new(format!("http://{name}.example").parse().expect("a URL")).expect("a site")
    }

    #[tokio::test]
    async fn calls_for_a_request_carry_its_trace() {
        let (http, seen) = (Http::new(), Arc::new(Mutex::new(Vec::new())));
        for (name, next) in [("a", "b"), ("b", "")] {
            let (calls, seen) = (http.clone(), seen.clone());
            let ask = move |headers: HeaderMap| async move {
                seen.lock().unwrap_or_else(PoisonError::into_inner).push(headers.get(HEADER).cloned());
                if !next.is_empty() {
                    let asked = calls.send(calls.client().get(format!("http://{next}.example/"))).await;
                    assert!(asked.is_ok(), "{asked:?}");
                }
            };
            http.mount(&site(name), guard::site(Router::new().route("/", get(ask)), &site(name)));
        }
        http.send(http.client().get("http://a.example/").header(HEADER, GIVEN)).await.expect("an answer");
        let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let texts: Vec<_> = seen.iter().flatten().filter_map(|value| value.to_str().ok()).collect();
        assert_eq!((texts.len(), texts[0]), (2, GIVEN), "{texts:?}");
        assert!(texts[1].starts_with("00-0af7651916cd43dd8448eb211c80319c-") && texts[1] != GIVEN, "{texts:?}");
    }

    #[tokio::test]
    async fn request_without_a_trace_gets_one() {
        let ask = || async {
            let mut headers = HeaderMap::new();
            pass_on(&mut headers);
            assert!(id_of(&headers).is_some(), "{headers:?}");
        };
        let routes = guard::site(Router::new().route("/", get(ask)), &site("a"));
        let request = Request::get("/").header("host", "a.example").body(Body::empty()).expect("a request");
        assert_eq!(routes.oneshot(request).await.expect("an answer").status(), 200);
        let mut outside = HeaderMap::new();
        pass_on(&mut outside);
        assert!(outside.is_empty());
    }

    #[test]
    fn malformed_trace_is_ignored() {
        let read = |text: &str| {
            id_of(&HeaderMap::from_iter([(HEADER, HeaderValue::from_str(text).expect("a header's value"))]))
        };
        assert_eq!(read(GIVEN).as_deref(), Some("0af7651916cd43dd8448eb211c80319c"));
        assert!(read(&format!("{}-more", GIVEN.replacen("00", "01", 1))).is_some(), "a later version");
        for wrong in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331-01",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
