//! `POST /oauth/introspect` (RFC 7662): whether a token is active. Only the client that holds it and the one that
//! serves its API get an answer. For all others every token is inactive (THREATS.md line 22).

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::HeaderMap,
};
use foundation::{
    jwt::{self, Expect},
    trace,
};
use serde_json::{Value, json};

use crate::{
    approval::active,
    client::{Client, authenticate},
    error::OAuthError,
    params::Params,
    state::Identity,
    store::authorization_grant,
    token::{
        issue::{self, Claims},
        refresh_token,
    },
};

pub(crate) async fn endpoint(
    State(identity): State<Identity>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Value>, OAuthError> {
    let params = Params::from_body(&headers, &body?)?;
    if let Some(answer) = active::answer(&identity, &params).await? {
        return Ok(Json(answer));
    }
    let client = authenticate::client(&identity, &headers, &params).await?;
    let token = params.required("token")?;
    let answer = match access_token(&identity, &client, token).await? {
        Some(answer) => answer,
        None => refresh(&identity, &client, token).await?.unwrap_or_else(|| json!({ "active": false })),
    };
    Ok(Json(answer))
}

async fn access_token(identity: &Identity, client: &Client, token: &str) -> Result<Option<Value>, OAuthError> {
    let expect = Expect { iss: identity.issuer(), aud: "", typ: "at+jwt", expired_too: false };
    let Ok(claims) = jwt::verify::<Claims>(token, &identity.keys.public(), expect, identity.clock.seconds()) else {
        return Ok(None);
    };
    let serves = |audience: &String| audience.trim_end_matches('/') == claims.aud.trim_end_matches('/');
    if claims.client_id != client.id && !client.resource_server.as_ref().is_some_and(serves) {
        return Ok(None);
    }
    trace::person(&claims.sub);
    if !issue::is_active(identity, &claims).await? {
        return Ok(None);
    }
    let by_api = claims.client_id != client.id;
    if let Some(txn) = &claims.txn
        && !active::behind_token(identity, &claims, txn, by_api).await?
    {
        return Ok(None);
    }
    if let (Some(grant), true) = (&claims.grant_id, by_api) {
        used(identity, grant).await;
    }
    let mut answer = json!({
        "active": true,
        "token_type": "Bearer",
        "iss": identity.issuer(),
        "sub": claims.sub,
        "aud": claims.aud,
        "client_id": claims.client_id,
        "scope": claims.scope,
        "iat": claims.iat,
        "exp": claims.exp,
        "jti": claims.jti,
    });
    if let Some(txn) = claims.txn {
        answer["txn"] = txn.into();
    }
    if let Some(details) = claims.authorization_details {
        answer["authorization_details"] = details;
    }
    if let Some(act) = claims.act {
        answer["act"] = json!(act);
    }
    Ok(Some(answer))
}

/// Records that an API introspected a token. A failure to record it doesn't change the answer.
async fn used(identity: &Identity, grant: &str) {
    let noted = async {
        let mut db = identity.db.pool().acquire().await?;
        authorization_grant::touch(&mut db, grant, identity.clock.now()).await
    };
    if let Err(error) = noted.await {
        foundation::sparsely!(warn, %error, "a grant's last use couldn't be stored");
    }
}

async fn refresh(identity: &Identity, client: &Client, token: &str) -> Result<Option<Value>, OAuthError> {
    let mut db = identity.db.pool().acquire().await?;
    match refresh_token::find_live(identity, &mut db, token, client).await {
        Ok(token) => Ok(Some(json!({
            "active": true,
            "iss": identity.issuer(),
            "sub": token.person,
            "client_id": client.id,
            "scope": token.scopes.join(" "),
        }))),
        Err(error) if error.error == "invalid_grant" => Ok(None),
        Err(error) => Err(error),
    }
}
