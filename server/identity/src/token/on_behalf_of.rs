//! Token exchange on behalf of a caller (RFC 8693): a client that serves an API and was called there gets a token of
//! the caller's person for another API. The caller's own token is never forwarded.

use axum::Json;
use serde_json::{Map, Value, json};
use shared::{act::Act, token_type::ACCESS_TOKEN};

use super::{
    exchange,
    issue::{self, AccessToken, Claims},
};
use crate::{
    approval::statement::DEEPEST, authorize::audience, client::Client, config::Grant, error::OAuthError,
    params::Params, resource::is_same, state::Identity, store::authorization_grant,
};

/// Maximum lifetime of the token, in seconds.
const TTL: i64 = 300;

/// # Errors
/// `invalid_request` if the caller's token is not valid for the API that the client serves (RFC 8693 §2.2.2),
/// `invalid_target`, `invalid_scope` if no scope is left, `unauthorized_client`.
pub(super) async fn grant(identity: &Identity, client: &Client, params: &Params) -> Result<Json<Value>, OAuthError> {
    client.may(Grant::TokenExchange)?;
    if params.get("actor_token").is_some() || params.get("actor_token_type").is_some() {
        return Err(OAuthError::invalid_request("The actor is this client itself: leave actor_token out"));
    }
    if params.get("requested_token_type").is_some_and(|asked| asked != ACCESS_TOKEN) {
        return Err(OAuthError::invalid_request("This requested_token_type is not supported"));
    }
    let served = client.resource_server.as_deref();
    let served = served.ok_or_else(|| OAuthError::unauthorized_client("This client serves no API"))?;
    let api = exchange::target(identity, client, params)?;
    if is_same(&api.audience, served) {
        return Err(OAuthError::invalid_target("The subject token is for this resource already"));
    }
    let refused = |why: &'static str| OAuthError::invalid_request(format!("subject_token: {why}"));
    let subject = issue::verify(identity, params.required("subject_token")?, served).await;
    let subject = subject.map_err(|error| match error.error {
        "invalid_token" => refused("it is not valid for the API that this client serves"),
        _ => error,
    })?;
    if subject.txn.is_some() {
        return Err(refused("it is for one approval, and stays at its API"));
    }
    let act = actor(client, &subject);
    if act.depth() > DEEPEST {
        return Err(refused("its chain of actors is too deep"));
    }
    let ttl = TTL.min(subject.exp - identity.clock.seconds());
    if ttl < 1 {
        return Err(refused("it has expired"));
    }
    let mut db = identity.db.pool().acquire().await?;
    let grant = match &subject.grant_id {
        Some(id) => authorization_grant::find_active(&mut db, id).await?,
        None => None,
    };
    drop(db);
    let grant = grant.ok_or_else(|| refused("it comes of no grant that is active"))?;
    let asked = |scope: &String| params.get("scope").is_none_or(|asked| asked.split_whitespace().any(|it| it == scope));
    let has = |scope: &String| subject.has_scope(scope) && grant.scopes.contains(scope);
    let scopes: Vec<String> =
        audience::scopes_at(client, api).into_iter().filter(|scope| has(scope) && asked(scope)).collect();
    if scopes.is_empty() {
        return Err(OAuthError::invalid_scope("The subject token has none of these scopes of this resource"));
    }
    let scope = scopes.join(" ");
    let mut extra = Map::new();
    extra.insert("act".into(), json!(act));
    let token = AccessToken {
        sub: &subject.sub,
        audience: &api.audience,
        client,
        scope: &scope,
        ttl,
        // Revoked together with the caller's grant.
        grant: Some(&grant.id),
        extra,
    };
    Ok(Json(json!({
        "access_token": issue::access_token(identity, token)?,
        "issued_token_type": ACCESS_TOKEN,
        "token_type": "Bearer",
        "expires_in": ttl,
        "scope": scope,
        "act": act,
    })))
}

/// The `act` claim: this client, called by the subject token's client (RFC 8693 §4.1).
fn actor(client: &Client, subject: &Claims) -> Act {
    let plain = || Act { iss: None, sub: subject.client_id.clone(), name: None, act: None };
    let caller = subject.act.clone().unwrap_or_else(plain);
    Act { iss: None, sub: client.id.clone(), name: Some(client.name.clone()), act: Some(Box::new(caller)) }
}
