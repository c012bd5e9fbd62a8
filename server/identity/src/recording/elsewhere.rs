//! The same person's recording at their login provider, controlled from server to server. The client authenticates with
//! its secret, and the id token of the login identifies the person (THREATS.md line 71).

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::HeaderMap,
};
use foundation::{ExposeSecret, SecretString, http::HttpError, login::Settings, session::Session, trace::LASTS};
use shared::recording::Recording;

use crate::{
    authorize::check::read_id_token_hint,
    client::{Client, authenticate},
    config::LoginBy,
    error::OAuthError,
    params::Params,
    state::Identity,
    store,
};

/// Starts it there, if there is such a provider. Returns the id token that identifies the person there; `None` if only
/// this site records.
pub(super) async fn start(identity: &Identity, session: &Session) -> Result<Option<SecretString>, sqlx::Error> {
    let Some(id_token) = identity.sessions.id_token(session).await? else { return Ok(None) };
    let id_token = SecretString::from(id_token);
    Ok(ask(identity, &id_token, "start").await.map(|_| id_token))
}

/// Stops it there. If that fails, it ends by itself within two hours.
pub(super) async fn stop(identity: &Identity, person: &str) {
    if let Some(id_token) = identity.recorder.elsewhere(person) {
        let _ = ask(identity, &id_token, "stop").await;
    }
}

/// The shapes of the person's records there.
pub(super) async fn read(identity: &Identity, person: &str) -> Option<Recording> {
    ask(identity, &identity.recorder.elsewhere(person)?, "read").await
}

/// The provider's name, and the address of its page that shows the person's records.
pub(super) fn page(identity: &Identity) -> Option<(String, String)> {
    let (name, settings) = provider(identity)?;
    Some((name.to_owned(), at(settings, "recording")))
}

/// The login provider, if it accepts our statements of approval. Only such a provider records with us.
fn provider(identity: &Identity) -> Option<(&str, &Settings)> {
    let LoginBy::Provider { name, settings } = &identity.config.login else { return None };
    let mut connections = identity.config.connections.iter();
    let ours = connections.any(|it| it.takes_approvals && it.settings.issuer == settings.issuer);
    ours.then_some((name, settings))
}

fn at(settings: &Settings, path: &str) -> String {
    format!("{}/{path}", settings.issuer.trim_end_matches('/'))
}

async fn ask(identity: &Identity, id_token: &SecretString, action: &str) -> Option<Recording> {
    let (_, settings) = provider(identity)?;
    let request = identity.http.client().post(at(settings, "oauth/recording")).form(&[
        ("client_id", settings.client_id.as_str()),
        ("client_secret", settings.client_secret.expose_secret()),
        ("id_token_hint", id_token.expose_secret()),
        ("action", action),
    ]);
    let answer: Result<Recording, HttpError> = identity.http.json(request).await;
    answer
        .inspect_err(|error| tracing::warn!(code = error.oauth_error(), %error, "the provider doesn't record as well"))
        .ok()
}

/// `POST /oauth/recording` with `id_token_hint` and `action` = `start`, `read` or `stop`. Only the service whose
/// approvals are accepted here may call it, and only for a person who logged in there.
pub(crate) async fn endpoint(
    State(identity): State<Identity>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Recording>, OAuthError> {
    let params = Params::from_body(&headers, &body?)?;
    let client = authenticate::client(&identity, &headers, &params).await?;
    if !is_approvals_issuer(&identity, &client) {
        return Err(OAuthError::unauthorized_client("This client can't record"));
    }
    let unknown = || OAuthError::invalid_grant("id_token_hint is no id token of this client");
    let hint = read_id_token_hint(&identity, params.required("id_token_hint")?).map_err(|_| unknown())?;
    if hint.aud != client.id {
        return Err(unknown());
    }
    let mut db = identity.db.pool().acquire().await?;
    let person = store::person::find(&mut db, &hint.sub).await?.ok_or_else(unknown)?.id;
    drop(db);
    let recorder = &identity.recorder;
    match params.required("action")? {
        "start" if recorder.start(&[&person], identity.clock.now() + LASTS, None) => {}
        "start" => return Err(OAuthError::access_denied("Nobody can record here now")),
        "stop" => recorder.stop(&person),
        "read" => {}
        _ => return Err(OAuthError::invalid_request("action is start, read or stop")),
    }
    let (allowed, until) = (recorder.is_allowed(), recorder.until(&person));
    Ok(Json(Recording { allowed, until, records: recorder.shapes(&person) }))
}

/// A client of the settings with a secret, all of whose addresses are at an issuer of approvals.
fn is_approvals_issuer(identity: &Identity, client: &Client) -> bool {
    let at_issuer = |issuer: &str| {
        !client.redirect_uris.is_empty() && client.redirect_uris.iter().all(|uri| uri.starts_with(issuer))
    };
    let known = identity.config.client(&client.id).is_some_and(|client| client.secret.is_some());
    known && identity.config.approval_issuers.iter().any(|it| it.issuer.ends_with('/') && at_issuer(&it.issuer))
}
