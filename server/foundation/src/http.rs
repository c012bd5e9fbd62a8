//! Requests to other sites: bounded in time and size, never redirected. A site of the same process is called through
//! its router, without the network.

mod failures;
mod inside;
mod layer;

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use axum::Router;
use futures::StreamExt;
use reqwest::{
    Request, RequestBuilder, Response, StatusCode,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{CONTENT_TYPE, RETRY_AFTER},
    redirect::Policy,
};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{deadline, site::Site};
use failures::Failures;
pub use failures::causes;
pub use layer::{Layer, Next};

/// The member of a refusal's body that its `Retry-After` is kept in.
const WAIT: &str = "retry-after";

/// A client for other sites' APIs. Clones share connections and the table of sites in this process.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    failures: Arc<Failures>,
    /// The sites of this process by their origin, each as the router that its listener serves, guards included.
    here: Arc<RwLock<HashMap<String, Router>>>,
    /// The outermost first.
    layers: Arc<[Arc<dyn Layer>]>,
}

/// The other site's answer could not be had or used.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    #[error("it can't be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("it took too long to answer")]
    TimedOut,
    /// A site of this process panicked outside of its guards, or while it wrote its answer.
    #[error("it failed before its answer was complete")]
    Panicked,
    #[error("its answer is longer than 1 MB")]
    TooLong,
    #[error("its answer ({0}) is not the JSON that was expected")]
    NotJson(StatusCode),
    /// An answer other than 2xx, with its body (and its `Retry-After` as a member of that).
    #[error("it answered {0}")]
    Refused(StatusCode, serde_json::Value),
}

impl Http {
    /// The longest answer that is read, in bytes.
    const MOST: usize = 1 << 20;

    /// How long a call may take, body included, unless its request says otherwise.
    const TIMEOUT: Duration = Duration::from_secs(10);

    const USER_AGENT: &str = "mandate";

    /// # Panics
    /// Where the TLS backend can't start: nothing could be reached at all.
    pub fn new() -> Self {
        let client = reqwest::Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .dns_resolver(Names)
            .connect_timeout(Duration::from_secs(3))
            .timeout(Self::TIMEOUT)
            .pool_idle_timeout(Duration::from_secs(20))
            .user_agent(Self::USER_AGENT)
            .build()
            .expect("the TLS backend starts");
        Self { client, failures: Arc::default(), here: Arc::default(), layers: Arc::new([]) }
    }

    /// From now on, calls to this site's origin go to this router: the whole one that its listener serves, guards
    /// included.
    pub fn mount(&self, site: &Site, router: Router) {
        self.here.write().unwrap_or_else(PoisonError::into_inner).insert(site.origin().to_owned(), router);
    }

    /// From now on, calls to this site's origin use the network again.
    pub fn unmount(&self, site: &Site) {
        self.here.write().unwrap_or_else(PoisonError::into_inner).remove(site.origin());
    }

    /// From now on, calls to every site use the network. The routers hold this table: this also lets go of them.
    pub fn unmount_all(&self) {
        self.here.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The same client with a layer around all of its calls.
    #[must_use]
    pub fn layered(&self, layer: Arc<dyn Layer>) -> Self {
        let layers = std::iter::once(layer).chain(self.layers.iter().cloned()).collect();
        Self { layers, ..self.clone() }
    }

    /// Sends a request. Every call to another site goes through here: to sites of this process by their router, to all
    /// others over the network. The request's timeout, or ten seconds, also bounds
    /// reading the body; where a request waits for this call, no longer than that one's caller waits.
    ///
    /// # Errors
    /// [`HttpError::Unreachable`], [`HttpError::TimedOut`], [`HttpError::Panicked`]. [`HttpError::of`] turns an error
    /// while reading the body into one of these.
    pub async fn execute(&self, mut request: Request) -> Result<Response, HttpError> {
        let own = request.timeout().copied().unwrap_or(Self::TIMEOUT);
        *request.timeout_mut() = Some(deadline::shorten(own, request.headers_mut()));
        Next::new(self).run(request).await
    }

    /// Behind all layers.
    async fn dispatch(&self, request: Request) -> Result<Response, HttpError> {
        let here = {
            let table = self.here.read().unwrap_or_else(PoisonError::into_inner);
            if table.is_empty() { None } else { table.get(&request.url().origin().ascii_serialization()).cloned() }
        };
        match here {
            Some(router) => inside::call(router, request).await,
            None => self.client.execute(request).await.map_err(|error| self.failed(error)),
        }
    }

    fn failed(&self, error: reqwest::Error) -> HttpError {
        self.failures.log(&error);
        HttpError::of(error)
    }

    /// The client itself, to build requests with.
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Sends a request and reads status and body.
    ///
    /// # Errors
    /// Where it can't be reached, takes longer than ten seconds, or answers with more than 1 MB.
    pub async fn send(
        &self,
        request: RequestBuilder,
    ) -> Result<(StatusCode, reqwest::header::HeaderMap, Vec<u8>), HttpError> {
        let response = self.execute(request.build().map_err(HttpError::of)?).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        let mut chunks = response.bytes_stream();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk.map_err(|error| self.failed(error))?;
            if body.len() + chunk.len() > Self::MOST {
                return Err(HttpError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, headers, body))
    }

    /// Sends a request and reads a JSON answer of status 2xx.
    ///
    /// # Errors
    /// [`HttpError::Refused`] with the JSON body (or null) for any other status.
    pub async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, HttpError> {
        let (status, headers, body) = self.send(request).await?;
        let is_json = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.split(';').next().is_some_and(|kind| kind.trim().ends_with("json")));
        if !status.is_success() {
            let mut body =
                if is_json { serde_json::from_slice(&body).unwrap_or_default() } else { serde_json::Value::Null };
            let seconds = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse::<u32>().ok());
            if let (Some(members), Some(seconds)) = (body.as_object_mut(), seconds) {
                members.insert(WAIT.into(), seconds.into());
            }
            return Err(HttpError::Refused(status, body));
        }
        if !is_json {
            return Err(HttpError::NotJson(status));
        }
        serde_json::from_slice(&body).map_err(|_| HttpError::NotJson(status))
    }

    /// Sends a request for introspection and reads whether the token is active (RFC 7662 §2.2).
    ///
    /// # Errors
    /// As [`Self::json`]: then nothing is known.
    pub async fn is_active(&self, request: RequestBuilder) -> Result<bool, HttpError> {
        #[derive(Deserialize)]
        struct Introspected {
            active: bool,
        }
        Ok(self.json::<Introspected>(request).await?.active)
    }
}

/// A client for an endpoint that streams its answer (a model's): without a limit of time in all, which the caller
/// sets by what it waits for, and never redirected. On this machine no proxy stands between.
///
/// # Panics
/// Where the TLS backend can't start: nothing could be reached at all.
pub fn streaming(base_url: &str) -> reqwest::Client {
    let here = url::Url::parse(base_url)
        .ok()
        .and_then(|url| crate::site::Site::new(url.join("/").ok()?).ok())
        .is_some_and(|site| site.is_loopback());
    let builder = reqwest::Client::builder()
        .redirect(Policy::none())
        .dns_resolver(Names)
        .connect_timeout(Duration::from_secs(10))
        .pool_idle_timeout(Duration::from_secs(20))
        .user_agent("mandate");
    let builder = if here { builder.no_proxy() } else { builder };
    builder.build().expect("the TLS backend starts")
}

/// The system's names, and `*.localhost` as this machine (RFC 6761 §6.3), which not every system resolves.
#[derive(Debug)]
struct Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            if name.as_str().ends_with(".localhost") {
                let here = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
                return Ok(Box::new(std::iter::once(here)) as Addrs);
            }
            let found: Vec<_> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

impl Default for Http {
    fn default() -> Self {
        Self::new()
    }
}

impl HttpError {
    /// Classifies an error of the call or of reading its body. Drops the URL, which may hold a secret.
    pub fn of(error: reqwest::Error) -> Self {
        if inside::is_panic(&error) {
            Self::Panicked
        } else if error.is_timeout() && !error.is_connect() {
            Self::TimedOut
        } else {
            Self::Unreachable(error.without_url())
        }
    }

    /// The `error` member of an OAuth error answer (RFC 6749 §5.2), or empty.
    pub fn oauth_error(&self) -> &str {
        match self {
            Self::Refused(_, body) => body["error"].as_str().unwrap_or_default(),
            _ => "",
        }
    }

    /// Why it refused, in its own words, made short: the `error_description` of an OAuth error answer, or the `error`
    /// of an API that answers in sentences.
    pub fn reason(&self) -> Option<String> {
        let Self::Refused(_, body) = self else { return None };
        let words = |member: &str| body[member].as_str().filter(|text| text.contains(' '));
        let reason: String = words("error_description")
            .or_else(|| words("error"))?
            .chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect();
        Some(reason)
    }

    /// In how many seconds to try again, where the refusal says so (RFC 9110 §10.2.3).
    pub fn retry_after(&self) -> Option<u32> {
        let Self::Refused(_, body) = self else { return None };
        body[WAIT].as_u64().and_then(|seconds| seconds.try_into().ok())
    }

    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Refused(status, _) | Self::NotJson(status) => Some(*status),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
