//! Time limits along a chain of calls between sites. Each call gets less time than its caller has left, so that a site
//! whose neighbour hangs can still answer, and name it, before its own caller gives up.

use std::time::Duration;

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tokio::time::Instant;

/// How long the caller waits, in milliseconds. Anyone may send this header: it only shortens the work of its own
/// request.
const HEADER: HeaderName = HeaderName::from_static("request-timeout-ms");

/// The time that a site keeps for its own answer after a call timed out.
const SHARE: Duration = Duration::from_millis(500);

/// The least time that a call gets, enough for a healthy site, even when little of the chain's time is left.
pub const LEAST: Duration = Duration::from_millis(100);

tokio::task_local! {
    static DEADLINE: Instant;
}

/// Middleware over all routes of a site: calls made by a handler end before the caller's time does.
pub(crate) async fn keep(request: Request, next: Next) -> Response {
    let given = request.headers().get(HEADER).and_then(|value| value.to_str().ok()?.parse().ok());
    match given.map(Duration::from_millis).and_then(|given| Instant::now().checked_add(given)) {
        Some(deadline) => DEADLINE.scope(deadline, next.run(request)).await,
        None => next.run(request).await,
    }
}

/// Runs work whose calls to other sites share this time.
pub async fn within<T>(limit: Duration, work: impl Future<Output = T>) -> T {
    let own = Instant::now() + limit;
    let deadline = DEADLINE.try_with(|outer| own.min(*outer)).unwrap_or(own);
    DEADLINE.scope(deadline, work).await
}

/// The time left for the calls of this work, where it is limited.
pub fn left() -> Option<Duration> {
    DEADLINE.try_with(|deadline| deadline.saturating_duration_since(Instant::now())).ok()
}

/// The timeout of a call that would otherwise get `own`. Also sends the called site its share in a header.
pub(crate) fn shorten(own: Duration, headers: &mut HeaderMap) -> Duration {
    let timeout = left().map_or(own, |left| left.clamp(LEAST, own.max(LEAST)));
    let theirs = timeout.saturating_sub(SHARE).max(LEAST);
    headers.insert(HEADER, HeaderValue::from(u64::try_from(theirs.as_millis()).unwrap_or(u64::MAX)));
    timeout
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, PoisonError};

    use axum::{Router, routing::get};

    use super::*;
    use crate::{http::Http, site::Site};

    fn header_of(headers: &HeaderMap) -> u64 {
        headers[HEADER].to_str().expect("text").parse().expect("a number")
    }

    #[tokio::test]
    async fn calls_of_one_work_share_its_time() {
        let (five, ten) = (Duration::from_secs(5), Duration::from_secs(10));
        let timeout = || shorten(ten, &mut HeaderMap::new());
        let work = async {
            assert!(timeout() <= five);
            // A nested limit may be shorter, never longer.
            assert!(within(ten, async { timeout() }).await <= five);
            assert_eq!(within(Duration::ZERO, async { timeout() }).await, LEAST);
        };
        within(five, work).await;
        assert_eq!((timeout(), left()), (ten, None), "after it there is no limit");
    }

    /// Three sites call each other in a chain. When the last one hangs, the one before it names it.
    #[tokio::test]
    async fn time_limits_shrink_along_a_chain_of_calls() {
        let site = |name: &str| Site::new(format!("http://{name}.example").parse().expect("a URL")).expect("a site");
        let (http, seen) = (Http::new(), Arc::new(Mutex::new(Vec::new())));
        for (name, next) in [("a", "b"), ("b", "c"), ("c", "")] {
            let (calls, seen) = (http.clone(), seen.clone());
            let ask = move |headers: HeaderMap| async move {
                seen.lock().unwrap_or_else(PoisonError::into_inner).push(header_of(&headers));
                if !next.is_empty() {
                    let asked = calls.send(calls.client().get(format!("http://{next}.example/"))).await;
                    assert!(asked.is_ok(), "{asked:?}");
                }
            };
            http.mount(&site(name), crate::guard::site(Router::new().route("/", get(ask)), &site(name)));
        }
        let (status, ..) = http.send(http.client().get("http://a.example/")).await.expect("an answer");
        assert_eq!(status, 200);
        let seen = seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
        assert_eq!((seen.len(), seen[0]), (3, 9_500), "{seen:?}");
        assert!(seen.windows(2).all(|pair| pair[1] + 500 <= pair[0]), "{seen:?}");
    }

    #[tokio::test]
    async fn a_callers_limit_only_shortens() {
        let mut headers = HeaderMap::new();
        let own = Duration::from_secs(10);
        assert_eq!((shorten(own, &mut headers), header_of(&headers)), (own, 9_500));
        let far = Instant::now() + Duration::from_secs(3_600);
        assert_eq!(DEADLINE.scope(far, async { shorten(own, &mut HeaderMap::new()) }).await, own);
        let near = Instant::now();
        assert_eq!(DEADLINE.scope(near, async { shorten(own, &mut HeaderMap::new()) }).await, LEAST);
    }
}
