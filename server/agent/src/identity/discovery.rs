//! What the identity service offers, as its discovery document says (OpenID Connect Discovery 1.0 §4).

use std::sync::Arc;

use foundation::{
    jwt::RemoteKeys,
    login::{discovery_url, is_issuer},
};
use serde::Deserialize;
use serde_json::Value;

use super::{IdentityError, trouble};
use crate::Agent;

/// How long a document is believed, in milliseconds.
const KEPT: i64 = 600_000;

/// The vault's grant (WIRE.md §2).
pub(crate) const VAULT_GRANT: &str =
    "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Discovery {
    issuer: String,
    pub(crate) token_endpoint: String,
    jwks_uri: String,
    revocation_endpoint: Option<String>,
    pub(crate) introspection_endpoint: Option<String>,
    backchannel_authentication_endpoint: Option<String>,
    /// OpenID Connect RP-Initiated Logout 1.0 §3.
    pub(crate) end_session_endpoint: Option<String>,
    grant_types_supported: Option<Vec<String>>,
    /// The whole document.
    #[serde(skip)]
    document: Arc<Value>,
}

impl Discovery {
    /// The whole document, as the identity service wrote it.
    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    /// Whether it has a token vault. Auth0 names no grant types at all, and is known by its backchannel endpoint;
    /// everybody else's list would name it (RFC 8414 §2: without a list there are only the two usual grants).
    fn has_vault(&self) -> bool {
        match &self.grant_types_supported {
            Some(grants) => grants.iter().any(|grant| grant == VAULT_GRANT),
            None => self.backchannel_authentication_endpoint.is_some(),
        }
    }

    /// # Errors
    /// Where it has no token vault.
    pub(crate) fn vault(&self) -> Result<(), IdentityError> {
        if self.has_vault() { Ok(()) } else { Err(self.lacks("has no token vault", "accounts can't be connected")) }
    }

    /// Where approvals are asked for (CIBA Core §7).
    ///
    /// # Errors
    /// Where it can't ask people.
    pub(crate) fn backchannel(&self) -> Result<&str, IdentityError> {
        let endpoint = self.backchannel_authentication_endpoint.as_deref().filter(|_| self.has_vault());
        endpoint.ok_or_else(|| self.lacks("can't ask people for approvals", "orders can't be placed"))
    }

    /// Where a request for approval is withdrawn.
    ///
    /// # Errors
    /// Where nothing can be revoked.
    pub(crate) fn revocation(&self) -> Result<&str, IdentityError> {
        self.revocation_endpoint
            .as_deref()
            .ok_or_else(|| self.lacks("can't withdraw requests for approval", "this one ends by itself"))
    }

    fn lacks(&self, what: &str, so: &str) -> IdentityError {
        let issuer = self.issuer.trim_end_matches('/');
        IdentityError::Unavailable(format!(
            "This is not available: the identity service in use ({issuer}) {what}, so {so}. Public prices still work."
        ))
    }
}

/// The document, fetched where it isn't known or is older than ten minutes.
///
/// # Errors
/// Where it can't be had, or is another issuer's.
pub(crate) async fn of(agent: &Agent) -> Result<Discovery, IdentityError> {
    let now = agent.clock.now();
    if let Some((known, at)) = &*agent.identity.discovered.read().await
        && now - at < KEPT
    {
        return Ok(known.clone());
    }
    let typed = &agent.config.login.issuer;
    let url = discovery_url(typed);
    let document: Value =
        agent.http.json(agent.http.client().get(url)).await.map_err(|error| IdentityError::Retry(trouble(&error)))?;
    let mut found = Discovery::deserialize(&document).map_err(|_| {
        IdentityError::Retry("The identity service's metadata can't be read. Try again in a moment.".into())
    })?;
    found.document = Arc::new(document);
    let known = &agent.identity.issuer;
    if !is_issuer(&found.issuer, typed) || *known.get_or_init(|| found.issuer.clone()) != found.issuer {
        tracing::error!(issuer = typed, "the identity service's metadata names another issuer, so it isn't used");
        return Err(IdentityError::Unavailable(
            "The identity service calls itself by another name than the settings do, so it isn't used.".into(),
        ));
    }
    *agent.identity.discovered.write().await = Some((found.clone(), now));
    Ok(found)
}

/// The keys that its tokens are verified with.
///
/// # Errors
/// Where they can't be found.
pub(crate) async fn keys(agent: &Agent) -> Result<RemoteKeys, IdentityError> {
    if let Some(known) = &*agent.identity.keys.read().await {
        return Ok(known.clone());
    }
    let found = RemoteKeys::new(agent.http.clone(), of(agent).await?.jwks_uri);
    let mut keys = agent.identity.keys.write().await;
    Ok(keys.get_or_insert(found).clone())
}
