//! The person's part of connecting an account: from the client to the provider with a ticket, and back with a code that
//! only the client session that started it can complete.

use axum::{
    extract::{OriginalUri, Query, State, rejection::QueryRejection},
    http::{StatusCode, Uri},
    response::{IntoResponse, Redirect, Response},
};
use foundation::{
    ExposeSecret,
    login::{Callback, LoginError},
    secret,
    session::Handle,
    tr,
};
use serde::Deserialize;
use url::Url;

use super::{
    connected::Connected,
    oauth, revocation,
    unfinished::{LIFE, place},
};
use crate::{
    error::PageError,
    login::{person, session},
    state::Identity,
    store::{connect_session, outbox as pending},
};

/// How long the person may take at the provider, in milliseconds.
const LIFETIME: i64 = 1_800_000;

#[derive(Deserialize)]
pub(super) struct Ticket {
    #[serde(default)]
    ticket: String,
}

/// `GET /connected-accounts/connect?ticket=`: continues to the provider's consent page, in the session of the ticket's
/// person. In another person's session nothing happens, and the ticket stays valid (THREATS.md line 49).
pub(super) async fn connect(
    State(identity): State<Identity>,
    handle: Handle,
    OriginalUri(uri): OriginalUri,
    Query(Ticket { ticket }): Query<Ticket>,
) -> Result<Response, PageError> {
    let Some((session, person)) = person::of_request(&identity, &handle).await? else {
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        return Ok(session::require(path));
    };
    let now = identity.clock.now();
    let row = connect_session::by_ticket(identity.db.pool(), &secret::hash(&ticket), now).await?;
    let row = row.ok_or_else(over)?;
    if row.person != person.id {
        return Err(PageError::new(
            StatusCode::FORBIDDEN,
            tr!("This is for another person", "Das ist für jemand anderen"),
            tr!(
                format!(
                    "Somebody else began to connect an account, and you are logged in here as {}. Nothing was \
                     connected. Log out here, and begin again in your own chat.",
                    person.name
                ),
                format!(
                    "Jemand anderes wollte ein Konto verbinden, und du bist hier als {} angemeldet. Nichts wurde \
                     verbunden. Melde dich hier ab, und fang in deinem eigenen Chat neu an.",
                    person.name
                )
            ),
        ));
    }
    let provider = identity.vault.provider(&row.connection).ok_or_else(over)?;
    let mut scopes: Vec<&str> = row.scopes.split(' ').collect();
    let (connection, ways) = (&provider.connection, &provider.connection.ways);
    scopes.extend(ways.login_scopes.iter().map(String::as_str));
    let mut extra: Vec<(&str, &str)> =
        ways.authorize.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    // OpenID Connect Core §3.1.2.1
    if connection.oauth.is_none() && !extra.iter().any(|(name, _)| *name == "prompt") {
        extra.push(("prompt", "consent"));
    }
    if ways.names_resource {
        extra.push(("resource", &connection.resource));
    }
    let pool = identity.db.pool();
    let url = match &connection.oauth {
        Some(oauth) => oauth::begin(&identity, (provider, oauth), &session.id, &scopes, &extra, &row.id).await,
        None => {
            let carry = serde_json::Value::String(row.id.clone());
            provider.login.begin(pool, &session.id, &scopes, &extra, carry).await
        }
    };
    let url = url.map_err(failed)?;
    let state = url.query_pairs().find(|(name, _)| name == "state").map(|(_, state)| secret::hash(&state));
    let state = state.ok_or_else(over)?;
    // Uses the ticket: of several concurrent visits, one continues.
    if !connect_session::send(pool, &row.id, &state, now, now + LIFETIME).await? {
        return Err(over());
    }
    Ok(Redirect::to(url.as_str()).into_response())
}

/// `GET /connected-accounts/callback`, and a path below it for each connection whose provider has no metadata: the
/// return from the provider, in the same session. Stores the grant under a `connect_code`.
pub(super) async fn callback(
    State(identity): State<Identity>,
    handle: Handle,
    uri: Uri,
    query: Result<Query<Callback>, QueryRejection>,
) -> Result<Response, PageError> {
    let Query(callback) = query.map_err(|_| not_yours())?;
    let (session, person) = person::of_request(&identity, &handle).await?.ok_or_else(not_yours)?;
    let state = secret::hash(callback.state.as_deref().unwrap_or_default());
    let row = connect_session::by_state(identity.db.pool(), &state, &person.id).await?.ok_or_else(not_yours)?;
    let provider = identity.vault.provider(&row.connection).ok_or_else(not_yours)?;
    // RFC 9700 §4.4.2: an answer at another connection's redirect URI is a mix-up.
    if identity.config.site.at(uri.path().trim_start_matches('/')) != provider.connection.settings.redirect_uri {
        return Err(not_yours());
    }
    let finished = match &provider.connection.oauth {
        Some(oauth) => oauth::finish(&identity, (provider, oauth), &session.id, callback).await,
        None => {
            let browsers = std::slice::from_ref(&session.id);
            provider.login.finish(identity.db.pool(), browsers, callback).await.map(Connected::from)
        }
    };
    let connected = match finished {
        Ok(connected) => connected,
        Err(LoginError::Refused(_)) => {
            connect_session::delete(identity.db.pool(), &row.id).await?;
            return back(&row, &[("error", "access_denied"), ("error_description", "The account was not connected")]);
        }
        Err(error) => return Err(failed(error)),
    };
    keep(&identity, &row, &connected).await
}

/// Stores the grant as pending, and returns to the client.
async fn keep(identity: &Identity, row: &connect_session::Row, connected: &Connected) -> Result<Response, PageError> {
    let Some(grant) = &connected.grant else {
        connect_session::delete(identity.db.pool(), &row.id).await?;
        let text = "The provider gave no lasting access";
        return back(row, &[("error", "server_error"), ("error_description", text)]);
    };
    let asked: Vec<&str> = row.scopes.split(' ').collect();
    let granted: Vec<&str> =
        asked.into_iter().filter(|scope| connected.scopes.iter().any(|granted| granted == scope)).collect();
    let code = secret::token();
    let kept = connect_session::Granted {
        code_hash: &secret::hash(&code),
        scopes: &granted.join(" "),
        issuer: &connected.issuer,
        subject: &connected.subject,
        name: connected.name.as_deref(),
        refresh_token: &identity.sealer.seal(&place(&row.id), grant.expose_secret()),
        grant_expires_at: connected.expires_at,
    };
    let mut tx = identity.db.begin().await?;
    let own = connected.carry == row.id;
    if own && connect_session::keep(&mut *tx, &row.id, kept, identity.clock.now() + LIFE).await? {
        tx.commit().await?;
        return back(row, &[("connect_code", &code)]);
    }
    // Expired in the meantime: nobody can complete it, so the grant is revoked at the provider.
    pending::insert(&mut *tx, &revocation::about(identity, &row.connection, grant)).await?;
    tx.commit().await?;
    identity.desk.due.notify_one();
    Err(not_yours())
}

/// Redirects to the client's registered address, with its `state`.
fn back(row: &connect_session::Row, params: &[(&str, &str)]) -> Result<Response, PageError> {
    let mut url = Url::parse(&row.redirect_uri).map_err(|_| over())?;
    url.query_pairs_mut().extend_pairs(params);
    if !row.state.is_empty() {
        url.query_pairs_mut().append_pair("state", &row.state);
    }
    Ok(Redirect::to(url.as_str()).into_response())
}

/// The callback's error for the word in its page's address.
pub(crate) fn error_of(kind: &str) -> Option<PageError> {
    Some(match kind {
        "over" => over(),
        "not_yours" => not_yours(),
        "unreachable" => failed(LoginError::Unreachable(tr!("The provider", "Der Anbieter").into())),
        "invalid" => failed(LoginError::Invalid(tr!("the provider", "dem Anbieter").into())),
        _ => return None,
    })
}

fn over() -> PageError {
    PageError::bad_request(
        tr!("This link no longer works", "Dieser Link gilt nicht mehr"),
        tr!(
            "It was used before, or more than five minutes have passed. Nothing was connected. Start again in your chat.",
            "Er wurde schon benutzt, oder mehr als fünf Minuten sind vergangen. Nichts wurde verbunden. Fang in deinem \
             Chat neu an."
        ),
    )
    .kind("connection_over")
}

fn not_yours() -> PageError {
    PageError::new(
        StatusCode::FORBIDDEN,
        tr!("This doesn’t belong to this browser", "Das gehört nicht zu diesem Browser"),
        tr!(
            "It was started elsewhere, was used before, or took too long. Nothing was connected. Start again in your chat.",
            "Es begann woanders, wurde schon benutzt oder dauerte zu lange. Nichts wurde verbunden. Fang in deinem Chat \
             neu an."
        ),
    )
    .kind("connection_not_yours")
}

fn failed(error: LoginError) -> PageError {
    match error {
        LoginError::Database(error) => error.into(),
        LoginError::NotYours => not_yours(),
        LoginError::Unreachable(_) => PageError::new(
            StatusCode::BAD_GATEWAY,
            tr!("The provider doesn’t answer", "Der Anbieter antwortet nicht"),
            error.text(),
        )
        .kind("connection_unreachable"),
        LoginError::Refused(_) | LoginError::Invalid(_) => PageError::new(
            StatusCode::BAD_GATEWAY,
            tr!("The account was not connected", "Das Konto wurde nicht verbunden"),
            tr!(
                "The provider’s answer isn’t valid. Nothing was connected. Start again in your chat.",
                "Die Antwort des Anbieters ist ungültig. Nichts wurde verbunden. Fang in deinem Chat neu an."
            ),
        )
        .kind("connection_invalid"),
    }
}
