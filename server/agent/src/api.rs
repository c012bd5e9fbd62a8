//! Calls to the APIs behind the tools, bounded like every call to another site, and what they answered.

use foundation::{ExposeSecret, SecretString, http::HttpError};
use reqwest::{RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;

use crate::state::Agent;

/// What an API said, or that it said nothing. `name`: the API's for people.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// It can't be reached or failed; the same may be asked again.
    #[error("{name} can't be reached right now ({why}). Nothing was changed; try again in a moment.")]
    Trouble { name: String, why: String },
    /// It said no, in its own words (made short).
    #[error("{name} refused it: {said}.")]
    Refused { name: String, status: StatusCode, said: String },
}

impl ApiError {
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Refused { status: StatusCode::NOT_FOUND, .. })
    }
}

/// The same request with a token.
pub(crate) fn with(request: RequestBuilder, token: &SecretString) -> RequestBuilder {
    request.bearer_auth(token.expose_secret())
}

/// Sends a request and reads the answer.
pub(crate) async fn answer<T: DeserializeOwned>(
    agent: &Agent,
    name: &str,
    request: RequestBuilder,
) -> Result<T, ApiError> {
    agent.http.json(request).await.map_err(|error| {
        let name = name.to_owned();
        match error {
            HttpError::Refused(status, body) if status.is_client_error() && status != StatusCode::TOO_MANY_REQUESTS => {
                let said = body["error"].as_str().unwrap_or(status.canonical_reason().unwrap_or("no reason given"));
                let said: String = said.chars().filter(|c| !c.is_control()).take(200).collect();
                ApiError::Refused { name, status, said: said.trim_end_matches('.').to_owned() }
            }
            other => {
                let why = other.reason().unwrap_or_else(|| other.to_string());
                ApiError::Trouble { name, why: why.trim_end_matches('.').to_owned() }
            }
        }
    })
}
