//! Discovery of the identity service (OpenID Connect Discovery 1.0 §4).

use std::sync::Arc;

use foundation::{
    jwt::RemoteKeys,
    login::{discovery_url, is_issuer},
    tr,
};
use serde::Deserialize;
use serde_json::Value;

use super::{
    document::Discovery,
    error::{IdentityError, trouble},
};
use crate::state::Agent;

/// How long a document is cached, in milliseconds.
const KEPT: i64 = 600_000;

/// The document, fetched unless one is cached.
///
/// # Errors
/// When it can't be fetched, or names another issuer.
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
        IdentityError::Retry(
            tr!(
                "The identity service’s metadata can’t be read. Try again in a moment.",
                "Mandate identity antwortet gerade nicht richtig. Versuch es gleich noch einmal."
            )
            .into(),
        )
    })?;
    found.document = Arc::new(document);
    let known = &agent.identity.issuer;
    if !is_issuer(&found.issuer, typed) || *known.get_or_init(|| found.issuer.clone()) != found.issuer {
        tracing::error!(issuer = typed, "the identity service's metadata names another issuer, so it isn't used");
        return Err(IdentityError::Unavailable(
            tr!(
                "The identity service calls itself by another name than the settings do, so it isn’t used.",
                "Mandate identity nennt sich anders, als hier eingestellt ist, und wird deshalb nicht benutzt."
            )
            .into(),
        ));
    }
    *agent.identity.discovered.write().await = Some((found.clone(), now));
    Ok(found)
}

/// The keys that verify its tokens.
///
/// # Errors
/// When they can't be found.
pub(crate) async fn keys(agent: &Agent) -> Result<RemoteKeys, IdentityError> {
    if let Some(known) = &*agent.identity.keys.read().await {
        return Ok(known.clone());
    }
    let found = RemoteKeys::new(agent.http.clone(), of(agent).await?.jwks_uri);
    let mut keys = agent.identity.keys.write().await;
    Ok(keys.get_or_insert(found).clone())
}
