//! The identity service as the agent's tools see it: what it can do (`discovery`), tokens for the person's accounts
//! (`vault`), the accounts themselves (`me`), whether a caller's token still stands (`standing`). It may be another
//! company's: what it can't do is said, with why.

use std::sync::{Arc, OnceLock};

use foundation::{ExposeSecret, SecretString, http::HttpError, jwt::RemoteKeys};
use reqwest::{RequestBuilder, StatusCode};
use tokio::sync::RwLock;

use crate::{Agent, tools::Caller};

pub(crate) mod discovery;
pub(crate) mod me;
pub(crate) mod standing;
pub(crate) mod vault;

/// What the agent knows of the identity service. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    discovered: Arc<RwLock<Option<(discovery::Discovery, i64)>>>,
    keys: Arc<RwLock<Option<RemoteKeys>>>,
    /// Its issuer, as it was first discovered.
    issuer: Arc<OnceLock<String>>,
}

impl Agent {
    /// The identity service's issuer: as it was discovered, before that as an operator typed it.
    pub(crate) fn issuer(&self) -> &str {
        self.identity.issuer.get().unwrap_or(&self.config.login.issuer)
    }
}

/// Why the identity service gave nothing. The texts are for people.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IdentityError {
    /// What the agent holds for this person, or what the caller sent, is no longer accepted.
    #[error("Your login has ended. Log in again.")]
    Login,
    /// The account isn't connected, or the connection no longer works.
    #[error("The account is not connected.")]
    NotConnected,
    /// It doesn't offer this.
    #[error("{0}")]
    Unavailable(String),
    /// It can't be reached or failed: the same may be asked again.
    #[error("{0}")]
    Retry(String),
    /// It said no.
    #[error("{0}")]
    Refused(String),
}

/// The client that acts: in the chat the agent's own, for a call at `/mcp` the one that serves that API.
pub(crate) fn client<'a>(agent: &'a Agent, caller: &Caller) -> (&'a str, &'a SecretString) {
    match caller {
        Caller::Mcp { .. } => (&agent.config.mcp_client.0, &agent.config.mcp_client.1),
        Caller::Visitor | Caller::Person { .. } => (&agent.config.login.client_id, &agent.config.login.client_secret),
    }
}

/// A form to one of its endpoints, with the client's authentication (`client_secret_post`).
pub(crate) fn form(
    agent: &Agent,
    endpoint: &str,
    client: (&str, &SecretString),
    fields: &[(&str, &str)],
) -> RequestBuilder {
    let mut all = vec![("client_id", client.0), ("client_secret", client.1.expose_secret())];
    all.extend_from_slice(fields);
    agent.http.client().post(endpoint).form(&all)
}

/// Whether asking again may help: it can't be reached, failed, or asks for patience.
pub(crate) fn is_trouble(error: &HttpError) -> bool {
    match error {
        // A redirect isn't followed: it is no answer of an API.
        HttpError::Refused(status, _) => !status.is_client_error() || *status == StatusCode::TOO_MANY_REQUESTS,
        HttpError::Unreachable(_)
        | HttpError::TimedOut
        | HttpError::Panicked
        | HttpError::TooLong
        | HttpError::NotJson(_) => true,
    }
}

/// Trouble, in words.
pub(crate) fn trouble(error: &HttpError) -> String {
    match error.reason() {
        // What hangs may be behind it, and is named by it.
        Some(reason) => format!("The identity service can't do this right now: {reason}"),
        None => {
            format!("The identity service can't be asked right now ({error}). Nothing was lost; try again in a moment.")
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn site_behind_the_identity_service_is_named() {
        let of = |body| trouble(&HttpError::Refused(StatusCode::SERVICE_UNAVAILABLE, body));
        let why = "StockTrade doesn't answer as it should. Nothing was changed; try again in a moment.";
        let said = of(json!({ "error": "temporarily_unavailable", "error_description": why }));
        assert_eq!(said, format!("The identity service can't do this right now: {why}"));
        for body in [json!({ "error": "server_error" }), json!(null), json!({ "error_description": 5 })] {
            assert!(of(body).starts_with("The identity service can't be asked right now (it answered 503"));
        }
    }
}
