//! Errors of the identity service.

use foundation::{http::HttpError, tr};
use reqwest::StatusCode;

/// The texts are for people.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IdentityError {
    /// The agent's token for this person, or the caller's, is no longer accepted.
    #[error("Your login has ended. Log in again.")]
    Login,
    /// The account isn't connected, or the connection no longer works.
    #[error("The account is not connected.")]
    NotConnected,
    /// It doesn't support this.
    #[error("{0}")]
    Unavailable(String),
    /// It can't be reached or failed. A retry may help.
    #[error("{0}")]
    Retry(String),
    /// It refused.
    #[error("{0}")]
    Refused(String),
}

impl IdentityError {
    /// For people, in the reader's language.
    pub(crate) fn text(&self) -> String {
        let english = self.to_string();
        match self {
            Self::Login => tr!(english, "Deine Anmeldung ist zu Ende. Melde dich noch einmal an.".into()),
            Self::NotConnected => tr!(english, "Das Konto ist nicht verbunden.".into()),
            // Made in the reader's language.
            Self::Retry(text) | Self::Unavailable(text) | Self::Refused(text) => text.clone(),
        }
    }
}

/// Whether a retry may help: the service can't be reached, failed, or limits the rate.
pub(crate) fn is_trouble(error: &HttpError) -> bool {
    match error {
        // Redirects aren't followed: an API doesn't answer with them.
        HttpError::Refused(status, _) => !status.is_client_error() || *status == StatusCode::TOO_MANY_REQUESTS,
        HttpError::Unreachable(_)
        | HttpError::TimedOut
        | HttpError::Panicked
        | HttpError::TooLong
        | HttpError::NotJson(_) => true,
    }
}

/// A temporary failure in words.
pub(crate) fn trouble(error: &HttpError) -> String {
    match error.reason() {
        // The reason names the site behind it that hangs.
        Some(reason) => tr!(
            format!("The identity service can’t do this right now: {reason}"),
            format!("Mandate identity kann das gerade nicht und schreibt: {reason}")
        ),
        None => tr!(
            format!(
                "The identity service can’t be asked right now ({error}). Nothing was lost; try again in a moment."
            ),
            "Mandate identity ist gerade nicht erreichbar. Nichts ist verloren; versuch es gleich noch einmal.".into()
        ),
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
        assert_eq!(said, format!("The identity service can’t do this right now: {why}"));
        for body in [json!({ "error": "server_error" }), json!(null), json!({ "error_description": 5 })] {
            assert!(of(body).starts_with("The identity service can’t be asked right now (it answered 503"));
        }
    }
}
