//! The answer of the grants that a person's authorization stands behind (RFC 6749 §5.1).

use axum::Json;
use serde_json::{Map, Value, json};

use super::issue::{self, ACCESS_TOKEN_S, AccessToken};
use crate::{
    authorize::audience::Target,
    client::Client,
    error::OAuthError,
    state::Identity,
    store::{authorization_grant::AuthorizationGrant, person},
};

/// Access token, id token where `openid` was granted, the refresh token where there is a new one, and the scopes
/// as they were granted. To be called outside of a transaction that writes: signing takes a while.
///
/// # Errors
/// `invalid_grant` where the person is no more.
pub(crate) async fn tokens(
    identity: &Identity,
    client: &Client,
    grant: &AuthorizationGrant,
    target: &Target,
    nonce: Option<&str>,
    refresh_token: Option<String>,
) -> Result<Json<Value>, OAuthError> {
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
