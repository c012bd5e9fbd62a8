//! Calls the APIs behind the tools, with the same limits as every call to another site.

use foundation::{ExposeSecret, SecretString, http::HttpError, tr};
use reqwest::{RequestBuilder, StatusCode};
use serde::de::DeserializeOwned;

use crate::state::Agent;

/// Why an API gave no result. `name` is the name that people see.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApiError {
    /// The API failed or can't be reached; the call may be repeated.
    #[error("{name} can’t be reached right now ({why}). Nothing was changed; try again in a moment.")]
    Trouble { name: String, why: String },
    /// The API refused, in its own words (shortened).
    #[error("{name} refused it: {said}.")]
    Refused { name: String, status: StatusCode, said: String },
}

impl ApiError {
    /// For people, in the reader's language. The API's own words stay as they are.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Trouble { name, .. } => tr!(
                self.to_string(),
                format!("{name} ist gerade nicht erreichbar. Nichts wurde geändert; versuch es gleich noch einmal.")
            ),
            Self::Refused { name, said, .. } => {
                tr!(self.to_string(), format!("{name} hat es abgelehnt und schreibt: {said}."))
            }
        }
    }

    pub(crate) fn is_trouble(&self) -> bool {
        matches!(self, Self::Trouble { .. })
    }

    /// The status code, if the API refused.
    pub(crate) fn status(&self) -> Option<StatusCode> {
        if let Self::Refused { status, .. } = self { Some(*status) } else { None }
    }

    pub(crate) fn is_not_found(&self) -> bool {
        self.status() == Some(StatusCode::NOT_FOUND)
    }
}

/// Adds the bearer token to a request.
pub(crate) fn with(request: RequestBuilder, token: &SecretString) -> RequestBuilder {
    request.bearer_auth(token.expose_secret())
}

/// Sends a request and reads the answer. `None` if the API answers 404.
pub(crate) async fn found<T: DeserializeOwned>(
    agent: &Agent,
    name: &str,
    request: RequestBuilder,
) -> Result<Option<T>, ApiError> {
    match answer(agent, name, request).await {
        Err(error) if error.is_not_found() => Ok(None),
        other => other.map(Some),
    }
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
                let said = body["error"]
                    .as_str()
                    .unwrap_or(status.canonical_reason().unwrap_or(tr!("no reason given", "kein Grund genannt")));
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
