//! Log lines of other sites that can't be reached: with the whole cause, once a minute for each host and cause.

use std::{
    collections::HashMap,
    error::Error,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How long the same failure of a host isn't logged again.
const QUIET: Duration = Duration::from_secs(60);
/// Hosts that are remembered at most.
const MOST: usize = 1000;

/// An error with all that caused it, in one line: what TLS or DNS says is several causes deep.
pub fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let more = cause.to_string();
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        next = cause.source();
    }
    text.chars().take(1000).collect()
}

/// What was logged last of each host, and when.
#[derive(Debug, Default)]
pub(super) struct Failures(Mutex<HashMap<String, (String, Instant)>>);

impl Failures {
    /// Logs that a request failed, with its whole cause. Of the address only scheme, host and port are named.
    pub(super) fn log(&self, error: &reqwest::Error) {
        let site = error.url().map(|url| url.origin().ascii_serialization()).unwrap_or_default();
        // Without its address: that may hold a code.
        let cause = error.source().map_or_else(|| error.to_string(), causes);
        if self.is_new(&site, &cause, Instant::now()) {
            tracing::warn!(site, cause, "another site can't be reached");
        }
    }

    fn is_new(&self, site: &str, cause: &str, now: Instant) -> bool {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = |(former, at): &(String, Instant)| former == cause && now.duration_since(*at) < QUIET;
        if known.get(site).is_some_and(is_known) {
            return false;
        }
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(site.to_owned(), (cause.to_owned(), now));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_logged_once_a_minute_for_each_cause() {
        let failures = Failures::default();
        let now = Instant::now();
        assert!(failures.is_new("https://a.example", "refused", now));
        assert!(!failures.is_new("https://a.example", "refused", now + Duration::from_secs(59)));
        assert!(failures.is_new("https://b.example", "refused", now));
        assert!(failures.is_new("https://a.example", "bad certificate", now));
        assert!(failures.is_new("https://a.example", "bad certificate", now + Duration::from_secs(60)));
    }

    /// The reason stands at the end of a chain of causes.
    #[tokio::test]
    async fn a_tls_error_is_told_with_its_whole_cause() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(async move {
            use tokio::io::AsyncWriteExt;
            while let Ok((mut connection, _)) = listener.accept().await {
                let _ = connection.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            }
        });
        let http = crate::http::Http::new();
        let request = http.client().get(format!("https://127.0.0.1:{port}/callback?code=secret"));
        let error = http.send(request).await.expect_err("no TLS");
        let text = causes(&error);
        assert!(text.contains("corrupt message"), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }
}
