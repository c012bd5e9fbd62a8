//! The broker's API as the tools see it.

use foundation::{ExposeSecret, SecretString, http::HttpError};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;
use url::Url;

use crate::state::Agent;

/// What the broker said, or that it said nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BrokerError {
    /// It can't be reached or failed; the same may be asked again.
    #[error("StockTrade can't be reached right now ({0}). Nothing was changed; try again in a moment.")]
    Trouble(String),
    /// It said no, in its own words (made short).
    #[error("StockTrade refused it: {1}.")]
    Refused(StatusCode, String),
}

impl BrokerError {
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused(StatusCode::NOT_FOUND, _))
    }
}

/// A request to `B/api/…`. Each part of the path is one segment, whatever it holds.
pub(crate) fn request(
    agent: &Agent,
    method: Method,
    path: &[&str],
    query: &[(&str, &str)],
    token: Option<&SecretString>,
) -> RequestBuilder {
    let mut url: Url = agent.config.broker.url().clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().push("api").extend(path);
    }
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let request = agent.http.client().request(method, url);
    match token {
        Some(token) => request.bearer_auth(token.expose_secret()),
        None => request,
    }
}

/// Reads something.
pub(crate) async fn get<T: DeserializeOwned>(
    agent: &Agent,
    path: &[&str],
    query: &[(&str, &str)],
    token: Option<&SecretString>,
) -> Result<T, BrokerError> {
    answer(agent, request(agent, Method::GET, path, query, token)).await
}

/// Sends a request and reads the answer.
pub(crate) async fn answer<T: DeserializeOwned>(agent: &Agent, request: RequestBuilder) -> Result<T, BrokerError> {
    agent.http.json(request).await.map_err(|error| match error {
        HttpError::Refused(status, body) if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => {
            let said = body["error"].as_str().unwrap_or(status.canonical_reason().unwrap_or("no reason given"));
            let said: String = said.chars().filter(|c| !c.is_control()).take(200).collect();
            BrokerError::Refused(status, said.trim_end_matches('.').to_owned())
        }
        other => {
            BrokerError::Trouble(other.reason().unwrap_or_else(|| other.to_string()).trim_end_matches('.').to_owned())
        }
    })
}
