//! Requests to other sites, bounded in time and size and never redirected. A site of the same process is called through
//! its router, without the network.

pub(crate) mod client;
mod error;
pub(crate) mod inside;
mod layer;
pub mod retry_after;

use std::{
    collections::HashMap,
    error::Error,
    sync::{Arc, PoisonError, RwLock},
};

use axum::Router;
use futures::StreamExt;
use reqwest::{
    Request, RequestBuilder, Response, StatusCode,
    header::{CONTENT_TYPE, HeaderMap},
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{deadline, log, site::Site, trace};
use client::TIMEOUT;
pub use error::HttpError;
use error::WAIT;
pub use layer::{Layer, Next};

/// A client for other sites' APIs. Clones share connections and the table of sites in this process.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    /// The sites of this process by origin, each with the router that its listener serves, guards included.
    here: Arc<RwLock<HashMap<String, Router>>>,
    /// From the outermost to the innermost.
    layers: Arc<[Arc<dyn Layer>]>,
}

impl Http {
    /// Maximum size of an answer, in bytes.
    const MOST: usize = 1 << 20;

    /// # Panics
    /// When the TLS backend can't start.
    pub fn new() -> Self {
        Self { client: client::bounded(), here: Arc::default(), layers: Arc::new([]) }
    }

    /// Sends later calls to this site's origin to its router, which is the one that its listener serves, guards
    /// included.
    pub fn mount(&self, site: &Site, router: Router) {
        self.here.write().unwrap_or_else(PoisonError::into_inner).insert(site.origin().to_owned(), router);
    }

    /// Sends later calls to this site's origin over the network again.
    pub fn unmount(&self, site: &Site) {
        self.here.write().unwrap_or_else(PoisonError::into_inner).remove(site.origin());
    }

    /// Sends all later calls over the network. Also breaks the reference cycle between this table and the routers.
    pub fn unmount_all(&self) {
        self.here.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The same client, with another layer around all of its calls.
    #[must_use]
    pub fn layered(&self, layer: Arc<dyn Layer>) -> Self {
        let layers = std::iter::once(layer).chain(self.layers.iter().cloned()).collect();
        Self { layers, ..self.clone() }
    }

    /// Sends a request. Every call to another site goes through here: to a site of this process by its router, to any
    /// other over the network. The request's timeout (ten seconds by default) also bounds reading the body, and never
    /// exceeds the time that the caller of this site has left.
    ///
    /// # Errors
    /// [`HttpError::Unreachable`], [`HttpError::TimedOut`], [`HttpError::Panicked`]. [`HttpError::of`] turns an error
    /// while reading the body into one of these.
    pub async fn execute(&self, mut request: Request) -> Result<Response, HttpError> {
        let own = request.timeout().copied().unwrap_or(TIMEOUT);
        *request.timeout_mut() = Some(deadline::shorten(own, request.headers_mut()));
        trace::pass_on(request.headers_mut());
        Next::new(self).run(request).await
    }

    /// The innermost part of a call, behind all layers.
    async fn dispatch(&self, request: Request) -> Result<Response, HttpError> {
        match self.router_of(request.url()) {
            Some(router) => inside::call(router, request).await,
            None => self.client.execute(request).await.map_err(|error| self.failed(error)),
        }
    }

    /// The router of the site of this process that is at this address.
    pub(crate) fn router_of(&self, url: &reqwest::Url) -> Option<Router> {
        let table = self.here.read().unwrap_or_else(PoisonError::into_inner);
        if table.is_empty() { None } else { table.get(&url.origin().ascii_serialization()).cloned() }
    }

    /// Logs that a site can't be reached, with the whole chain of causes, once a minute for each site and cause.
    fn failed(&self, error: reqwest::Error) -> HttpError {
        // Logs only scheme, host and port: the rest of the address may hold an authorization code.
        let site = error.url().map(|url| url.origin().ascii_serialization()).unwrap_or_default();
        let cause = error.source().map_or_else(|| error.to_string(), log::causes);
        crate::sparsely!(warn, for: (&site, &cause), site, cause, "another site can't be reached");
        HttpError::of(error)
    }

    /// The underlying client, for building requests.
    pub fn client(&self) -> &reqwest::Client {
        &self.client
    }

    /// Sends a request and reads status and body.
    ///
    /// # Errors
    /// When the site can't be reached, takes longer than ten seconds, or answers with more than 1 MB.
    pub async fn send(&self, request: RequestBuilder) -> Result<(StatusCode, HeaderMap, Vec<u8>), HttpError> {
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

    /// Sends a request and reads a JSON answer with a 2xx status.
    ///
    /// # Errors
    /// [`HttpError::Refused`], with the JSON body or null, for any other status.
    pub async fn json<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, HttpError> {
        let (status, headers, body) = self.send(request).await?;
        let is_json = kind(&headers).ends_with("json");
        if !status.is_success() {
            let body = if is_json { serde_json::from_slice(&body).unwrap_or_default() } else { Value::Null };
            return Err(refused(status, &headers, body));
        }
        if !is_json {
            return Err(HttpError::NotJson(status));
        }
        serde_json::from_slice(&body).map_err(|_| HttpError::NotJson(status))
    }

    /// As [`Self::json`], for a token endpoint: some answer as a form (`a=1&b=2`), and some send an error (RFC 6749
    /// §5.2) with a 2xx status, which counts as 400 here.
    ///
    /// # Errors
    /// As [`Self::json`].
    pub async fn token_answer(&self, request: RequestBuilder) -> Result<Value, HttpError> {
        let (status, headers, body) = self.send(request).await?;
        let answer = match kind(&headers) {
            "application/x-www-form-urlencoded" => {
                let members = url::form_urlencoded::parse(&body);
                Some(members.map(|(name, value)| (name.into_owned(), Value::from(value.into_owned()))).collect())
            }
            kind if kind.ends_with("json") => serde_json::from_slice::<Value>(&body).ok(),
            _ => None,
        };
        match answer {
            Some(answer) if status.is_success() && answer["error"].is_null() => Ok(answer),
            Some(answer) if status.is_success() => Err(refused(StatusCode::BAD_REQUEST, &headers, answer)),
            None if status.is_success() => Err(HttpError::NotJson(status)),
            answer => Err(refused(status, &headers, answer.unwrap_or_default())),
        }
    }

    /// Sends an introspection request and returns whether the token is active (RFC 7662 §2.2).
    ///
    /// # Errors
    /// As [`Self::json`]. The token's state is then unknown.
    pub async fn is_active(&self, request: RequestBuilder) -> Result<bool, HttpError> {
        #[derive(Deserialize)]
        struct Introspected {
            active: bool,
        }
        Ok(self.json::<Introspected>(request).await?.active)
    }
}

/// The media type of an answer, without parameters.
fn kind(headers: &HeaderMap) -> &str {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim()
}

/// A refusal, with its `Retry-After`.
fn refused(status: StatusCode, headers: &HeaderMap, mut body: Value) -> HttpError {
    if let (Some(members), Some(seconds)) = (body.as_object_mut(), retry_after::read(headers)) {
        members.insert(WAIT.into(), seconds.into());
    }
    HttpError::Refused(status, body)
}

impl Default for Http {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
