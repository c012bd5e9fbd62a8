//! Whether a token that is valid still stands (RFC 7662; THREATS.md line 56): the person may have taken back what
//! they allowed its client, or client, person or grant may have ended since it was signed.

use foundation::{ExposeSecret, SecretString};

use super::{IdentityError, discovery, form, trouble};
use crate::state::Agent;

/// Asks as the client that serves the API at `/mcp`. Each request asks again: who takes access back is obeyed at
/// once. Where the identity service is one that doesn't tell, the signature stands alone.
///
/// # Errors
/// Where it can't be asked: then nothing is known.
pub(crate) async fn stands(agent: &Agent, token: &SecretString) -> Result<bool, IdentityError> {
    let Some(endpoint) = discovery::of(agent).await?.introspection_endpoint else { return Ok(true) };
    let (id, secret) = &agent.config.mcp_client;
    let fields = [("token", token.expose_secret()), ("token_type_hint", "access_token")];
    let asked = agent.http.is_active(form(agent, &endpoint, (id, secret), &fields)).await;
    asked.map_err(|error| {
        // The code tells, for one, where the two disagree about the secret (`invalid_client`).
        foundation::sparsely!(error, %error, code = error.oauth_error(), "the identity service doesn't answer whether a token is active");
        IdentityError::Retry(trouble(&error))
    })
}
