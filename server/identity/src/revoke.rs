//! `POST /oauth/revoke` (RFC 7009): a client revokes its own tokens. Another client's token is treated as unknown, so
//! that nobody learns of it (THREATS.md line 22).

use axum::{
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use foundation::{
    jwt::{self, Expect},
    secret,
};
use serde_json::json;

use crate::{
    approval::end,
    audit::{self, Event},
    client::{Client, authenticate},
    error::OAuthError,
    params::Params,
    state::Identity,
    store,
    token::issue::Claims,
};

/// The token type of an approval request: revoking it withdraws the request.
const AUTH_REQ_ID: &str = "urn:mandate:params:oauth:token-type:auth-req-id";

pub(crate) async fn endpoint(
    State(identity): State<Identity>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, OAuthError> {
    let params = Params::from_body(&headers, &body?)?;
    let client = authenticate::client(&identity, &headers, &params).await?;
    let token = params.required("token")?;
    if params.get("token_type_hint") == Some(AUTH_REQ_ID) {
        return Ok(end::withdraw(&identity, &client, token).await?.into_response());
    }
    revoke(&identity, &client, token).await?;
    Ok(StatusCode::OK.into_response())
}

async fn revoke(identity: &Identity, client: &Client, token: &str) -> Result<(), OAuthError> {
    let now = identity.clock.now();
    let mut db = identity.db.pool().acquire().await?;
    let refresh_token = store::refresh_token::find(&mut db, &secret::hash(token)).await?;
    drop(db);
    // RFC 7009 §2.1: the hint only says what to try first. A refresh token is opaque, an access token is a JWT.
    if let Some(row) = refresh_token {
        if row.client == client.id {
            let mut tx = identity.db.begin().await?;
            if store::authorization_grant::revoke(&mut tx, &row.authorization_grant, now).await? {
                record(identity, &mut tx, client, &row.authorization_grant).await?;
            }
            tx.commit().await?;
        }
    } else if let Some(claims) = own_access_token(identity, client, token) {
        // An expired token needs no row.
        let until = (claims.exp + 120) * 1000;
        if until > now {
            let mut tx = identity.db.begin().await?;
            if store::revoked_token::insert(&mut tx, &claims.jti, until).await? {
                record(identity, &mut tx, client, &claims.jti).await?;
            }
            tx.commit().await?;
        }
    }
    Ok(())
}

async fn record(
    identity: &Identity,
    db: &mut sqlx::AnyConnection,
    client: &Client,
    what: &str,
) -> Result<(), sqlx::Error> {
    let detail = json!({ "revoked": what });
    audit::record(identity, db, Event { event: "token_revoked", person: None, client: Some(&client.id), detail }).await
}

fn own_access_token(identity: &Identity, client: &Client, token: &str) -> Option<Claims> {
    let expect = Expect { iss: identity.issuer(), aud: "", typ: "at+jwt", expired_too: true };
    let claims: Claims = jwt::verify(token, &identity.keys.public(), expect, identity.clock.seconds()).ok()?;
    (claims.client_id == client.id).then_some(claims)
}
