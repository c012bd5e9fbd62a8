//! `POST /oidc/register` (RFC 7591): a client registers itself. It becomes a public client of the API for such clients.
//! Nobody vouches for it, and it expires after a day unless it is used.

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header},
};
use foundation::{limit::Peer, secret};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{Client, name};
use crate::{
    audit::{self, Event},
    authorize::{audience::IDENTITY, redirect_uri},
    config::Grant,
    error::OAuthError,
    state::Identity,
    store,
};

/// The client metadata that is used (RFC 7591 §2). Everything else (logos, pages, contacts) is never shown or fetched,
/// so it is ignored.
#[derive(Debug, Deserialize)]
struct Metadata {
    #[serde(default)]
    redirect_uris: Vec<String>,
    #[serde(default, deserialize_with = "usable")]
    client_name: Option<String>,
    #[serde(default, deserialize_with = "usable")]
    grant_types: Option<Vec<String>>,
    #[serde(default, deserialize_with = "usable")]
    response_types: Option<Vec<String>>,
    #[serde(default, deserialize_with = "usable")]
    token_endpoint_auth_method: Option<String>,
}

/// An optional member. A value of the wrong type counts as absent.
fn usable<'de, D: Deserializer<'de>, T: DeserializeOwned>(value: D) -> Result<Option<T>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(value)?).ok())
}

pub(crate) async fn endpoint(
    State(identity): State<Identity>,
    headers: HeaderMap,
    peer: Peer,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Value>), OAuthError> {
    if !identity.config.registration {
        return Err(OAuthError::new(StatusCode::NOT_FOUND, "not_found", "Clients can't register themselves here"));
    }
    let limits = &identity.limits;
    limits.registration.take(peer.as_str()).await?.map_err(OAuthError::too_many)?;
    limits.registrations.take("").await?.map_err(OAuthError::too_many)?;
    let body = body?;
    let is_json = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .is_some_and(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == "application/json"));
    if !is_json || body.len() > 16 * 1024 {
        return Err(metadata_error("The body must be a JSON object of at most 16 kB"));
    }
    let asked: Metadata =
        foundation::json::read(&body).map_err(|_| metadata_error("The body isn't client metadata (RFC 7591 §2)"))?;
    let client = checked(&identity, asked)?;
    let mut tx = identity.db.begin().await?;
    store::client::put(&mut tx, &client, identity.clock.now()).await?;
    let detail = json!({ "name": client.name, "redirect_uris": client.redirect_uris });
    let event = Event { event: "client_registered", person: None, client: Some(&client.id), detail };
    audit::record(&identity, &mut tx, event).await?;
    tx.commit().await?;
    let grant_types: Vec<&str> = client.grants.iter().map(|grant| grant.as_str()).collect();
    let third_party = identity.apis.iter().filter(|api| api.third_party).flat_map(|api| &api.scopes);
    let scopes: Vec<&str> = IDENTITY.into_iter().chain(third_party.map(|(scope, _)| scope.as_str())).collect();
    let answer = json!({
        "client_id": client.id,
        "client_id_issued_at": identity.clock.seconds(),
        "client_name": client.name,
        "redirect_uris": client.redirect_uris,
        "grant_types": grant_types,
        "response_types": ["code"],
        // Always public, whatever was requested: a secret handed to a stranger isn't one (§3.2.1 allows this answer).
        "token_endpoint_auth_method": "none",
        "scope": scopes.join(" "),
    });
    Ok((StatusCode::CREATED, Json(answer)))
}

fn checked(identity: &Identity, asked: Metadata) -> Result<Client, OAuthError> {
    if !(1..=10).contains(&asked.redirect_uris.len()) {
        return Err(redirect_error("redirect_uris holds 1 to 10 addresses"));
    }
    for uri in &asked.redirect_uris {
        redirect_uri::check(uri).map_err(redirect_error)?;
    }
    let name = asked.client_name.filter(|name| !name.trim().is_empty());
    let name = name.unwrap_or_else(|| "An application without a name".into());
    name::check(identity, &name).map_err(metadata_error)?;
    let methods = ["none", "client_secret_post", "client_secret_basic"];
    // An empty value counts as absent.
    let method = asked.token_endpoint_auth_method.as_deref().filter(|method| !method.is_empty());
    if method.is_some_and(|method| !methods.contains(&method)) {
        return Err(metadata_error("token_endpoint_auth_method is none"));
    }
    if asked.response_types.is_some_and(|types| !types.is_empty() && !types.iter().any(|it| it == "code")) {
        return Err(metadata_error("response_types holds code"));
    }
    // RFC 7591 §2: defaults to the authorization code grant. Grants beyond the policy are omitted from the answer.
    let asked_grants = asked.grant_types.filter(|grants| !grants.is_empty());
    let asked_grants = asked_grants.unwrap_or_else(|| vec!["authorization_code".into()]);
    let has = |grant: Grant| asked_grants.iter().any(|it| it == grant.as_str());
    if !has(Grant::AuthorizationCode) {
        return Err(metadata_error("grant_types holds authorization_code"));
    }
    let mut grants = vec![Grant::AuthorizationCode];
    if has(Grant::RefreshToken) {
        grants.push(Grant::RefreshToken);
    }
    Ok(Client {
        // WIRE.md §8
        id: secret::id("tpc_"),
        name: name.trim().to_owned(),
        secret: None,
        redirect_uris: asked.redirect_uris,
        post_logout_redirect_uris: Vec::new(),
        grants,
        scopes: Vec::new(),
        audiences: Vec::new(),
        first_party: false,
        registered: true,
        resource_server: None,
        ping: None,
        home: None,
        approval_required: false,
    })
}

fn redirect_error(text: &'static str) -> OAuthError {
    OAuthError::new(StatusCode::BAD_REQUEST, "invalid_redirect_uri", text)
}

fn metadata_error(text: &'static str) -> OAuthError {
    OAuthError::new(StatusCode::BAD_REQUEST, "invalid_client_metadata", text)
}
