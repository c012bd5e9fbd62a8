//! `GET` and `POST /userinfo` (OpenID Connect Core §5.3).

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, header},
};
use serde_json::Value;

use crate::{error::OAuthError, state::Identity, store::person, token::issue};

pub(crate) async fn userinfo(State(identity): State<Identity>, headers: HeaderMap) -> Result<Json<Value>, OAuthError> {
    let token = bearer(&headers).ok_or_else(OAuthError::invalid_token)?;
    // A token for an API is that API's alone, whatever scopes it has.
    let claims = issue::verify(&identity, token, &identity.userinfo_audience()).await?;
    if !claims.has_scope("openid") {
        return Err(OAuthError::insufficient_scope("openid"));
    }
    let mut db = identity.db.pool().acquire().await?;
    let person = person::find(&mut db, &claims.sub).await?.ok_or_else(OAuthError::invalid_token)?;
    let scopes: Vec<String> = claims.scope.split(' ').map(str::to_owned).collect();
    let mut answer = issue::person_claims(&identity, &person, &scopes);
    answer.insert("sub".into(), person.id.into());
    Ok(Json(Value::Object(answer)))
}

/// The token of `Authorization: Bearer` (RFC 6750 §2.1). Never one from the query, and none of two.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next().filter(|_| values.next().is_none())?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.trim())
}
