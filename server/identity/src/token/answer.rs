//! The answer of the grants that use a person's authorization (RFC 6749 §5.1).

use axum::Json;
use foundation::trace;
use serde_json::{Map, Value, json};

use super::issue::{self, ACCESS_TOKEN_S, AccessToken};
use crate::{
    authorize::audience::Target,
    client::Client,
    error::OAuthError,
    state::Identity,
    store::{authorization_grant::AuthorizationGrant, person},
};

/// An access token, an id token if `openid` was granted, the new refresh token if there is one, and the granted scopes.
/// Don't call this in a writing transaction: signing takes time.
///
/// # Errors
/// `invalid_grant` if the person no longer exists.
pub(crate) async fn tokens(
    identity: &Identity,
    client: &Client,
    grant: &AuthorizationGrant,
    target: &Target,
    nonce: Option<&str>,
    refresh_token: Option<String>,
) -> Result<Json<Value>, OAuthError> {
    trace::person(&grant.person);
    let gone = || OAuthError::invalid_grant("The person's account is no longer there");
    let mut db = identity.db.pool().acquire().await?;
    let person = person::find(&mut db, &grant.person).await?.ok_or_else(gone)?;
    drop(db);
    let scope = target.scopes.join(" ");
    let access_token = issue::access_token(
        identity,
        AccessToken {
            sub: &person.id,
            audience: &target.audience,
            client,
            scope: &scope,
            ttl: ACCESS_TOKEN_S,
            grant: Some(&grant.id),
            extra: Map::new(),
        },
    )?;
    let mut answer = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": ACCESS_TOKEN_S,
        "scope": scope,
    });
    if target.scopes.iter().any(|scope| scope == "openid") {
        answer["id_token"] = issue::id_token(identity, grant, &person, nonce, &access_token)?.into();
    }
    if let Some(refresh_token) = refresh_token {
        answer["refresh_token"] = refresh_token.into();
    }
    Ok(Json(answer))
}
