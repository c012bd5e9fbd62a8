//! The cached keys of another issuer.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};

use jsonwebtoken::jwk::JwkSet;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;

use super::{Expect, JwtError, header_of, verify};
use crate::http::Http;

/// How long an issuer's keys are cached.
const KEPT: Duration = Duration::from_secs(3600);
/// Minimum time between two fetches of an issuer's keys.
const PAUSE: Duration = Duration::from_secs(1);

/// Another issuer's keys, fetched when needed and cached.
#[derive(Clone, Debug)]
pub struct RemoteKeys {
    http: Http,
    url: String,
    known: Arc<RwLock<Known>>,
    /// Allows one fetch at a time.
    fetching: Arc<Mutex<()>>,
}

/// The keys from the last fetch with its time, and the time of the last failure.
#[derive(Debug, Default)]
struct Known {
    keys: Option<(JwkSet, Instant)>,
    failed: Option<Instant>,
}

impl RemoteKeys {
    /// Keys at this address (`…/.well-known/jwks.json`), which comes from the settings.
    pub fn new(http: Http, url: String) -> Self {
        Self { http, url, known: Arc::default(), fetching: Arc::default() }
    }

    /// Verifies with these keys. For an unknown `kid` the keys are fetched again, because the issuer may have rotated
    /// them. Concurrent callers share one fetch a second, so invented `kid`s can't flood the issuer.
    ///
    /// # Errors
    /// As [`verify`], and [`JwtError::NoKeys`] when the keys can't be fetched.
    pub async fn verify<T: DeserializeOwned>(&self, token: &str, expect: Expect<'_>, now: i64) -> Result<T, JwtError> {
        let (_, kid) = header_of(token, expect)?;
        let keys = self.keys(&kid).await?;
        verify(token, &keys, expect, now)
    }

    async fn keys(&self, kid: &str) -> Result<JwkSet, JwtError> {
        let asked = Instant::now();
        let is_enough = |keys: &JwkSet, fetched: Instant| {
            fetched >= asked || (keys.find(kid).is_some() && fetched.elapsed() < KEPT)
        };
        if let Some(keys) = self.kept(is_enough) {
            return Ok(keys);
        }
        let _one_at_a_time = self.fetching.lock().await;
        if let Some(keys) = self.kept(is_enough) {
            return Ok(keys);
        }
        let (fetched, failed) = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            (known.keys.as_ref().map(|(_, fetched)| *fetched), known.failed)
        };
        // Callers that waited for a failed attempt share its failure instead of retrying one by one.
        if failed.is_some_and(|at| at.elapsed() < PAUSE) {
            return Err(JwtError::NoKeys);
        }
        if let Some(fetched) = fetched {
            tokio::time::sleep(PAUSE.saturating_sub(fetched.elapsed())).await;
        }
        let began = Instant::now();
        let answer = self.http.json::<JwkSet>(self.http.client().get(&self.url)).await;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        match answer {
            Ok(keys) => {
                *known = Known { keys: Some((keys.clone(), began)), failed: None };
                Ok(keys)
            }
            Err(error) => {
                known.failed = Some(Instant::now());
                crate::sparsely!(warn, url = self.url, %error, "keys can't be fetched");
                Err(JwtError::NoKeys)
            }
        }
    }

    fn kept(&self, is_enough: impl Fn(&JwkSet, Instant) -> bool) -> Option<JwkSet> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.keys.as_ref().filter(|(keys, fetched)| is_enough(keys, *fetched)).map(|(keys, _)| keys.clone())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{
        super::{
            SigningKey,
            tests::{EXPECT, NOW, claims, set},
        },
        *,
    };

    /// Concurrent callers share one request to an issuer that hangs.
    #[tokio::test]
    async fn failing_issuer_is_asked_once_for_all_waiters() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/jwks.json", listener.local_addr().expect("an address"));
        let asked = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let count = asked.clone();
        tokio::spawn(async move {
            // Accepts each connection, and closes it without an answer.
            while let Ok((connection, _)) = listener.accept().await {
                count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                drop(connection);
            }
        });
        let (key, _) = SigningKey::generate().expect("a key");
        let token = key.sign("at+jwt", &claims()).expect("a token");
        let keys = RemoteKeys::new(Http::new(), url);
        let answers = futures::future::join_all((0..20).map(|_| keys.verify::<Value>(&token, EXPECT, NOW))).await;
        assert!(answers.iter().all(|answer| matches!(answer, Err(JwtError::NoKeys))), "{answers:?}");
        // One attempt, and the HTTP client's own retry after a broken connection.
        assert!(asked.load(std::sync::atomic::Ordering::SeqCst) <= 2, "{asked:?}");
    }

    /// The issuer signs with a new key right after its keys were fetched.
    #[tokio::test]
    async fn a_key_made_since_the_last_fetch_is_found() {
        let (old, new) = (SigningKey::generate().expect("a key").0, SigningKey::generate().expect("a key").0);
        let published = Arc::new(RwLock::new(set(&old)));
        let fetches = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let answer = (published.clone(), fetches.clone());
        let routes = axum::Router::new().route(
            "/jwks.json",
            axum::routing::get(async move || {
                answer.1.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                axum::Json(answer.0.read().expect("a lock").clone())
            }),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/jwks.json", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let keys = RemoteKeys::new(Http::new(), url);
        let sign = |key: &SigningKey| key.sign("at+jwt", &claims()).expect("a token");
        assert!(keys.verify::<Value>(&sign(&old), EXPECT, NOW).await.is_ok());
        published.write().expect("a lock").keys.push(new.public().clone());
        assert!(keys.verify::<Value>(&sign(&new), EXPECT, NOW).await.is_ok());
        // Invented keys are refused, and concurrent callers share a fetch.
        let before = fetches.load(std::sync::atomic::Ordering::SeqCst);
        let invented = sign(&SigningKey::generate().expect("a key").0);
        let answers = futures::future::join_all((0..50).map(|_| keys.verify::<Value>(&invented, EXPECT, NOW))).await;
        assert!(answers.iter().all(|answer| matches!(answer, Err(JwtError::UnknownKey))), "{answers:?}");
        assert!(fetches.load(std::sync::atomic::Ordering::SeqCst) <= before + 2);
        // A token with a known key doesn't wait for a fetch.
        let waiting = keys.verify::<Value>(&invented, EXPECT, NOW);
        let token = sign(&new);
        let known = keys.verify::<Value>(&token, EXPECT, NOW);
        let first = futures::future::select(Box::pin(waiting), Box::pin(known)).await;
        assert!(matches!(first, futures::future::Either::Right((Ok(_), _))));
    }
}
