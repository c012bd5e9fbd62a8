//! `GET` and `POST /userinfo` (OpenID Connect Core §5.3).

use axum::{Json, extract::State, http::HeaderMap};
use foundation::bearer::bearer;
use serde_json::Value;

use crate::{error::OAuthError, state::Identity, store::person, token::issue};

pub(crate) async fn userinfo(State(identity): State<Identity>, headers: HeaderMap) -> Result<Json<Value>, OAuthError> {
    let token = bearer(&headers).map_err(|_| OAuthError::invalid_token())?;
    // A token for an API is only for that API, whatever scopes it has.
    let claims = issue::verify(&identity, token.token(), &identity.userinfo_audience()).await?;
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
