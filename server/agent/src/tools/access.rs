//! Whether a tool may run for its caller, and the token that it reads with.

use foundation::SecretString;

use super::{answer::Stop, caller::Caller, definition::Definition, scope};
use crate::{
    identity::{IdentityError, vault},
    state::Agent,
};

/// A tool that needs scopes needs somebody: a person, or a token that carries them.
pub(super) fn allowed(caller: &Caller, definition: &Definition) -> Result<(), Stop> {
    match caller {
        Caller::Visitor if !definition.scopes.is_empty() => Err(Stop::Login),
        Caller::Mcp { scopes, .. } => {
            let missing = scope::missing(definition.scopes, scopes);
            if missing.is_empty() {
                return Ok(());
            }
            Err(Stop::Failed {
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

/// A token for the person's account at the broker, which carries at least these scopes. Whose it is comes from
/// the caller's own token; nothing that a prompt or an argument says takes part (THREATS.md line 25).
pub(super) async fn token(agent: &Agent, caller: &Caller, needed: &[&str]) -> Result<SecretString, Stop> {
    Ok(granted(agent, caller, needed).await?.access_token)
}

/// The same, with the scopes that the token has.
pub(super) async fn granted(agent: &Agent, caller: &Caller, needed: &[&str]) -> Result<vault::Granted, Stop> {
    let granted = vault::exchange(agent, caller).await.map_err(Stop::from)?;
    if scope::missing(needed, &granted.scopes).is_empty() {
        Ok(granted)
    } else {
        // A new connection takes the place of the old one with its scopes, so it asks for all that tools use.
        Err(Stop::Connect { scopes: scope::names() })
    }
}

impl From<IdentityError> for Stop {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Login => Self::Login,
            IdentityError::NotConnected => Self::Connect { scopes: scope::names() },
            IdentityError::Unavailable(message) | IdentityError::Retry(message) | IdentityError::Refused(message) => {
                Self::Unavailable { message }
            }
        }
    }
}
