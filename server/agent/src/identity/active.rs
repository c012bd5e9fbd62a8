//! Whether a valid token is still active (RFC 7662; THREATS.md line 56): the person may have revoked its client's
//! access, or the client, person or grant may have ended since it was signed.

use foundation::{ExposeSecret, SecretString};

use super::{IdentityError, discovery, form, trouble};
use crate::state::Agent;

/// Asks as the client that serves the API at `/mcp`. Nothing is cached, so that revocation takes effect at once. If the
/// identity service has no introspection, the signature alone counts.
///
/// # Errors
/// When it can't be asked. The token's state is then unknown.
pub(crate) async fn is_active(agent: &Agent, token: &SecretString) -> Result<bool, IdentityError> {
    let Some(endpoint) = discovery::of(agent).await?.introspection_endpoint else { return Ok(true) };
    let (id, secret) = &agent.config.mcp_client;
    let fields = [("token", token.expose_secret()), ("token_type_hint", "access_token")];
    let asked = agent.http.is_active(form(agent, &endpoint, (id, secret), &fields)).await;
    asked.map_err(|error| {
        // The code shows, for example, that the two disagree about the client secret (`invalid_client`).
        foundation::sparsely!(error, %error, code = error.oauth_error(), "the identity service can't be asked whether a token is active");
        IdentityError::Retry(trouble(&error))
    })
}
