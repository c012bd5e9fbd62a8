//! The CIBA grant (CIBA Core §10.1): reports whether the person has decided. After an approval, it issues a token for
//! the vault, for exactly what was approved (PROTOCOL.md, step 6).

use axum::Json;
use foundation::{secret, trace};
use serde_json::{Map, Value, json};
use shared::act::Act;

use super::issue::{self, AccessToken};
use crate::{
    approval::{active, requested::Requested, state},
    client::Client,
    config::Grant,
    error::OAuthError,
    page::State,
    params::Params,
    state::Identity,
    store::{approval as store, approval_time, authorization_grant::AuthorizationGrant},
};

/// By how many seconds the interval grows with each poll that is too early, and its maximum.
const GROWTH: i64 = 5;
const LONGEST: i64 = 60;

/// # Errors
/// `authorization_pending`, `slow_down`, `access_denied`, `expired_token`, `invalid_grant`.
pub async fn grant(identity: &Identity, client: &Client, params: &Params) -> Result<Json<Value>, OAuthError> {
    client.may(Grant::Ciba)?;
    let hash = secret::hash(params.required("auth_req_id")?);
    let row = store::by_hash(identity.db.pool(), &hash).await?.filter(|row| row.client == client.id);
    let row = row.ok_or_else(|| OAuthError::invalid_grant("The auth_req_id is unknown"))?;
    trace::person(&row.person);
    match state::of(&row, identity.clock.now()) {
        State::Waiting => Err(waiting(identity, &row).await?),
        State::Denied => Err(OAuthError::access_denied("The end-user denied the authorization request")),
        State::Withdrawn => Err(OAuthError::access_denied("withdrawn by the client")),
        State::Expired => {
            Err(OAuthError::new(axum::http::StatusCode::BAD_REQUEST, "expired_token", "The request has expired"))
        }
        State::Approved | State::Used | State::Ended => approved(identity, client, &row).await,
    }
}

/// The person hasn't decided: poll again after the interval. `expires_in` is the current end, which the person may have
/// moved.
async fn waiting(identity: &Identity, row: &store::Row) -> Result<OAuthError, OAuthError> {
    let left = row.seconds_left(identity.clock.now());
    let pending = |error, description: String| {
        OAuthError::new(axum::http::StatusCode::BAD_REQUEST, error, description).with("expires_in", left)
    };
    if approval_time::poll(&mut *identity.db.writer().await?, &row.id, identity.clock.now()).await? {
        return Ok(pending("authorization_pending", "The end-user authorization is pending".into()));
    }
    let interval = approval_time::slow_down(&mut *identity.db.writer().await?, &row.id, GROWTH, LONGEST).await?;
    let text = format!("You are polling faster than allowed. Try again in {interval} seconds.");
    Ok(pending("slow_down", text).with("interval", interval).retry_after(interval))
}

/// Issues a token that ends when the approval can no longer be redeemed. Until then, a first-party client may ask again
/// if it lost the answer; other clients redeem once (THREATS.md line 61).
async fn approved(identity: &Identity, client: &Client, row: &store::Row) -> Result<Json<Value>, OAuthError> {
    active::active(identity, row).await?;
    let now = identity.clock.now();
    let over = || OAuthError::invalid_grant("This approval was redeemed before, or it has expired");
    let decided_at = row.decided_at.ok_or_else(over)?;
    let until = store::redeemable_until(row).ok_or_else(over)?;
    let ttl = (until - now).div_euclid(1000);
    let redeemed = store::redeem(&mut *identity.db.writer().await?, &row.id, client.first_party, now).await?;
    if !redeemed || ttl < 1 {
        return Err(over());
    }
    if row.audience.is_some() && row.redeemed_at.is_none() {
        // An API that doesn't introspect its tokens may act from now on, so an open page reads the receipt.
        identity.desk.changed(&row.person);
    }
    let requested = Requested::of(identity, row)?;
    let details = requested.detail().map(|detail| json!([detail]));
    let mut extra = Map::new();
    extra.insert("txn".into(), row.id.as_str().into());
    extra.extend(details.clone().map(|details| ("authorization_details".to_owned(), details)));
    if let (Some(_), Some(caller)) = (&row.audience, &row.caller) {
        let caller = Act { iss: None, sub: caller.clone(), name: row.caller_name.clone(), act: None };
        let name = Some(row.client_name.clone());
        let act = Act { iss: None, sub: row.client.clone(), name, act: Some(Box::new(caller)) };
        extra.insert("act".into(), json!(act));
    }
    let audience = active::audience(identity, row);
    let scope = row.scope.as_str();
    let token = AccessToken { sub: &row.person, audience: &audience, client, scope, ttl, grant: None, extra };
    let access_token = issue::access_token(identity, token)?;
    let mut answer = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": ttl,
        "scope": row.scope,
        "id_token": id_token(identity, row, decided_at, &audience, &access_token).await?,
        "txn": row.id,
    });
    if let Some(details) = details {
        answer["authorization_details"] = details;
    }
    Ok(Json(answer))
}

/// CIBA Core §10.1.1: the answer follows OpenID Connect, with an id token.
async fn id_token(
    identity: &Identity,
    row: &store::Row,
    decided_at: i64,
    audience: &str,
    access_token: &str,
) -> Result<String, OAuthError> {
    let mut db = identity.db.pool().acquire().await?;
    let person = crate::store::person::find(&mut db, &row.person).await?;
    let person = person.ok_or_else(|| OAuthError::invalid_grant("The person's account is no longer there"))?;
    let grant = AuthorizationGrant {
        id: row.id.clone(),
        person: row.person.clone(),
        client: row.client.clone(),
        audience: audience.to_owned(),
        scopes: vec![row.scope.clone()],
        sid: row.id.clone(),
        auth_time: decided_at.div_euclid(1000),
    };
    Ok(issue::id_token(identity, &grant, &person, None, access_token)?)
}
