//! Checks whether a caller may use a tool, and gets the token with which the tool reads.

use foundation::SecretString;
use reqwest::StatusCode;

use super::{answer::Stop, caller::Caller, definition::Definition, scope};
use crate::{
    api::ApiError,
    identity::{IdentityError, own_api, vault},
    state::Agent,
};

/// Checks that the caller is a person, or has a token with the tool's scopes, if the tool needs any.
pub(super) fn allowed(caller: &Caller, definition: &Definition) -> Result<(), Stop> {
    match caller {
        Caller::Visitor if !definition.scopes.is_empty() => Err(Stop::Login),
        Caller::Mcp { scopes, .. } => {
            let missing = scope::missing(&definition.scopes, scopes);
            if missing.is_empty() {
                return Ok(());
            }
            Err(Stop::Failed {
                // Only apps at /mcp get this message.
                message: format!(
                    "This client was not allowed to use {}: its token lacks {}. It must ask the person for more.",
                    definition.name,
                    missing.join(" ")
                ),
            })
        }
        _ => Ok(()),
    }
}

/// A token for the person's account at an API, with at least these scopes. The caller's own token decides whose account
/// it is; a prompt or an argument has no influence (THREATS.md line 25).
pub(super) async fn token(agent: &Agent, caller: &Caller, api: &str, needed: &[&str]) -> Result<SecretString, Stop> {
    Ok(granted(agent, caller, api, needed).await?.access_token)
}

/// Like [`token`], with the scopes of the token.
pub(super) async fn granted(
    agent: &Agent,
    caller: &Caller,
    api: &str,
    needed: &[&str],
) -> Result<vault::Granted, Stop> {
    let granted = to_read(agent, caller, api, needed).await?;
    if needed.iter().all(|scope| granted.scopes.iter().any(|had| had == scope)) {
        Ok(granted)
    } else {
        Err(Stop::Connect { api: api.to_owned(), scopes: granted.scopes })
    }
}

/// A token that reads at an API: the vault's, or one of the identity service with these scopes or fewer.
///
/// # Errors
/// [`IdentityError::NotConnected`] if the person hasn't connected the account, or allowed none of the scopes.
pub(crate) async fn to_read(
    agent: &Agent,
    caller: &Caller,
    api: &str,
    scopes: &[&str],
) -> Result<vault::Granted, IdentityError> {
    match agent.config.connection_to(api) {
        Some(_) => vault::exchange(agent, caller, api).await,
        None => own_api::token(agent, caller, api, scopes).await,
    }
}

/// The access that a tool lacks: its own scopes plus those already granted, which a new connection would otherwise
/// lose.
pub(super) fn lacking(agent: &Agent, definition: &Definition, stop: Stop) -> Stop {
    match (stop, &definition.api) {
        (Stop::Connect { scopes: granted, .. }, Some(api)) => {
            Stop::Connect { api: api.clone(), scopes: scope::union(&agent.config, &granted, &definition.scopes) }
        }
        (stop, _) => stop,
    }
}

/// [`lacking`] fills in what to connect.
const NOT_CONNECTED: Stop = Stop::Connect { api: String::new(), scopes: Vec::new() };

impl From<IdentityError> for Stop {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Login => Self::Login,
            IdentityError::NotConnected => NOT_CONNECTED,
            IdentityError::Unavailable(message) | IdentityError::Retry(message) | IdentityError::Refused(message) => {
                Self::Unavailable { message }
            }
        }
    }
}

impl From<ApiError> for Stop {
    fn from(error: ApiError) -> Self {
        let message = error.text();
        match error {
            ApiError::Trouble { .. } => Self::Unavailable { message },
            // The identity service issued this token a moment ago, so the API itself ended the access.
            ApiError::Refused { status: StatusCode::UNAUTHORIZED, .. } => NOT_CONNECTED,
            ApiError::Refused { .. } => Self::Failed { message },
        }
    }
}
