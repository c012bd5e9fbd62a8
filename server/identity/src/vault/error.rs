//! Errors of the vault, and their answers to clients.

use axum::http::StatusCode;
use foundation::{http::HttpError, seal::Unsealable};

use super::PAUSE;
use crate::error::OAuthError;

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The provider refused the grant with this error, for example because it was revoked there.
    #[error("the provider refused: {0}")]
    Refused(&'static str),
    #[error("{0} can't be asked: {1}")]
    Unavailable(String, #[source] HttpError),
    /// The provider's clock is this many seconds ahead of ours. It refuses a fresh statement as old, or as dated in the
    /// future.
    #[error("the provider's clock differs from ours by {0} s")]
    Clocks(i64),
    #[error("{0} failed a moment ago")]
    Pausing(String),
    /// The grant is an access token with more scopes than the caller has.
    #[error("the token of {0} can't be narrowed")]
    TooWide(String),
    /// Disconnected in the meantime.
    #[error("the account is no longer connected")]
    Gone,
    #[error("this connection is not set up")]
    NotSetUp,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Unsealable(#[from] Unsealable),
}

impl VaultError {
    /// The error when the provider with this title issued no token.
    pub(super) fn of(title: &str, error: HttpError) -> Self {
        match error {
            // Only errors about the grant itself: with a wrong client secret or too many requests, connecting the
            // account again wouldn't help.
            HttpError::Refused(status, _) if status.is_client_error() => match error.oauth_error() {
                // GitHub answers `bad_refresh_token`.
                "invalid_grant" | "bad_refresh_token" => Self::Refused("invalid_grant"),
                "invalid_scope" => Self::Refused("invalid_scope"),
                "access_denied" => Self::Refused("access_denied"),
                _ => Self::Unavailable(title.to_owned(), error),
            },
            error => Self::Unavailable(title.to_owned(), error),
        }
    }
}

impl From<VaultError> for OAuthError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Refused(why) => refused(why),
            VaultError::Unavailable(ref title, _) | VaultError::Pausing(ref title) => {
                foundation::sparsely!(warn, %error, "a provider doesn't answer as it should");
                // The reason may name another site behind it that hangs.
                let reason = match &error {
                    VaultError::Unavailable(_, error) => error.reason(),
                    _ => None,
                };
                let said =
                    reason.map_or_else(|| " doesn't answer as it should.".into(), |why| format!(" answered: {why}"));
                Self::temporarily_unavailable(format!("{title}{said} Nothing was changed; try again in a moment."))
                    .retry_after(PAUSE / 1000)
            }
            VaultError::Clocks(ahead) => {
                tracing::error!(
                    ahead,
                    "the clock of an account's provider differs from this one, in seconds: nothing approved can be \
                     placed there until both are right"
                );
                Self::temporarily_unavailable(
                    "The clocks of the identity service and of this account's provider differ. The approval stays; \
                     its operator can set them right.",
                )
                .retry_after(PAUSE / 1000)
            }
            VaultError::TooWide(title) => Self::access_denied(format!(
                "{title} issues tokens that can't be narrowed, and the subject token lacks some of this account's scopes"
            )),
            VaultError::Gone => not_connected(),
            VaultError::NotSetUp => Self::invalid_request("This connection does not exist"),
            VaultError::Database(error) => error.into(),
            VaultError::Unsealable(error) => {
                tracing::error!(%error, "a grant in the vault can't be read");
                Self::server_error()
            }
        }
    }
}

/// The account isn't connected (WIRE.md §2).
pub(crate) fn not_connected() -> OAuthError {
    OAuthError::new(
        StatusCode::UNAUTHORIZED,
        "federated_connection_refresh_token_not_found",
        "Federated connection Refresh Token not found.",
    )
}

/// The provider refused the grant: the account has to be connected again (WIRE.md §2).
fn refused(why: &str) -> OAuthError {
    OAuthError::new(
        StatusCode::UNAUTHORIZED,
        "federated_connection_refresh_token_flow_failed",
        format!("The provider refused this account's grant ({why}); connect the account again."),
    )
}

/// Whether the provider refused the statement for its time: it was just signed, so the provider's clock differs.
pub(super) fn clocks(error: &HttpError, now: i64) -> Option<VaultError> {
    let HttpError::Refused(_, body) = error else { return None };
    let ahead = body["server_time"].as_i64()? - now;
    (ahead.abs() > 30).then_some(VaultError::Clocks(ahead))
}
