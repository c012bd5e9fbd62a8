//! The My Account API (WIRE.md §3): a client of Mandate identity lists, connects and disconnects the accounts of its
//! token's person. That token gives access to nothing else.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
};
use foundation::{ExposeSecret, SecretString, bearer::bearer, secret, time};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use shared::scope;

use super::{
    error::AccountError,
    revocation,
    unfinished::{LIFE, place},
};
use crate::{
    audit::{self, Event},
    authorize::audience::IDENTITY,
    client::Client,
    outbox,
    state::Identity,
    store::{self, connect_session, connected_account, outbox as pending, upstream_token},
    token::issue,
    vault,
};

#[derive(Deserialize)]
struct Connect {
    connection: String,
    redirect_uri: String,
    #[serde(default)]
    state: String,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    scopes: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Complete {
    auth_session: String,
    connect_code: String,
    redirect_uri: String,
    #[serde(default)]
    code_verifier: String,
}

#[derive(Deserialize)]
pub(super) struct Page {
    connection: Option<String>,
    /// The documentation says `from`, nextjs-auth0 sends `next`.
    from: Option<String>,
    next: Option<String>,
    take: Option<i64>,
}

/// `POST /me/v1/connected-accounts/connect`: returns a ticket, valid only in this person's browser session.
pub(super) async fn connect(
    State(identity): State<Identity>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Value>), AccountError> {
    let (person, client) = caller(&identity, &headers, scope::CREATE_ACCOUNTS).await?;
    let asked: Connect = read(&body?)?;
    let connection = identity.config.connections.iter().find(|connection| connection.name == asked.connection);
    let connection = connection.ok_or_else(|| AccountError::invalid("connection", "There is no such connection."))?;
    if !client.redirect_uris.contains(&asked.redirect_uri) {
        return Err(AccountError::invalid("redirect_uri", "This address is not registered for this client."));
    }
    if asked.state.len() > 2048 {
        return Err(AccountError::invalid("state", "It is longer than 2048 characters."));
    }
    let challenge = asked.code_challenge.filter(|challenge| {
        (43..=128).contains(&challenge.len()) && asked.code_challenge_method.as_deref() == Some("S256")
    });
    let challenge =
        challenge.ok_or_else(|| AccountError::invalid("code_challenge", "It is needed, with the method S256."))?;
    let scopes = scopes(asked.scopes, connection)?;
    let (auth_session, ticket) = (secret::token(), secret::token());
    let now = identity.clock.now();
    let row = connect_session::Row {
        id: secret::hash(&auth_session),
        ticket_hash: secret::hash(&ticket),
        state_hash: None,
        code_hash: None,
        person,
        client: client.id,
        connection: asked.connection,
        redirect_uri: asked.redirect_uri,
        state: asked.state,
        code_challenge: challenge,
        scopes,
        stage: "begun".into(),
        issuer: None,
        subject: None,
        name: None,
        refresh_token: None,
        grant_expires_at: None,
        created_at: now,
        expires_at: now + LIFE,
    };
    connect_session::insert(identity.db.pool(), &row).await?;
    let answer = json!({
        "connect_uri": identity.config.site.at("connected-accounts/connect"),
        "auth_session": auth_session,
        "connect_params": { "ticket": ticket },
        "expires_in": LIFE / 1000,
    });
    Ok((StatusCode::CREATED, Json(answer)))
}

/// The requested scopes of the connection, or all if none are named. Elements may contain several, separated by spaces
/// (WIRE.md §3). Unavailable scopes are omitted, and the completion lists the rest.
fn scopes(asked: Option<Vec<String>>, connection: &crate::config::Connection) -> Result<String, AccountError> {
    let known: Vec<&str> = connection.scopes.iter().map(|(scope, _)| scope.as_str()).collect();
    let Some(asked) = asked else { return Ok(known.join(" ")) };
    if asked.len() > 100 || asked.iter().any(|scope| scope.len() > 255) {
        return Err(AccountError::invalid("scopes", "There are too many, or one is too long."));
    }
    let asked: Vec<&str> = asked.iter().flat_map(|scopes| scopes.split_whitespace()).collect();
    let both: Vec<&str> = known.into_iter().filter(|scope| asked.contains(scope)).collect();
    match both.is_empty() {
        true if asked.iter().any(|scope| !IDENTITY.contains(scope)) || asked.is_empty() => {
            Err(AccountError::invalid("scopes", "This connection has none of these scopes."))
        }
        true => Ok(connection.scopes.iter().map(|(scope, _)| scope.as_str()).collect::<Vec<_>>().join(" ")),
        false => Ok(both.join(" ")),
    }
}

/// `POST /me/v1/connected-accounts/complete`: by the client session that started it, with its PKCE verifier.
pub(super) async fn complete(
    State(identity): State<Identity>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Value>), AccountError> {
    let (person, client) = caller(&identity, &headers, scope::CREATE_ACCOUNTS).await?;
    let asked: Complete = read(&body?)?;
    let refused = || {
        AccountError::bad_request("This connection is unknown, completed, dropped, or was started by somebody else.")
    };
    let id = secret::hash(&asked.auth_session);
    let now = identity.clock.now();
    let session = connect_session::pending(identity.db.pool(), &id, &person, &client.id, now).await?;
    let session = session.ok_or_else(refused)?;
    // RFC 7636 §4.6
    if session.redirect_uri != asked.redirect_uri
        || !secret::equal(&secret::hash(&asked.code_verifier), &session.code_challenge)
    {
        return Err(refused());
    }
    let code = secret::hash(&asked.connect_code);
    for _ in 0..ATTEMPTS {
        let mut tx = identity.db.begin().await?;
        let session = connect_session::take(&mut *tx, &id, &code, now).await?.ok_or_else(refused)?;
        let sealed = session.refresh_token.as_deref().ok_or_else(refused)?;
        let grant: SecretString = identity.sealer.open(&place(&session.id), sealed)?.into();
        let account = match link(&identity, &mut tx, &session, &grant, now).await? {
            Linked::Live(account) => Some(account),
            Linked::OfAnother => None,
            Linked::TooLate => {
                // Nothing has changed: the code is unused, and the previous account still exists.
                tx.rollback().await?;
                continue;
            }
        };
        let event = Event {
            event: if account.is_some() { "account_connected" } else { "account_of_another_person" },
            person: Some(&person),
            client: Some(&client.id),
            detail: json!({ "connection": session.connection, "scopes": session.scopes }),
        };
        audit::record(&identity, &mut tx, event).await?;
        if account.is_none() {
            pending::insert(&mut *tx, &revocation::about(&identity, &session.connection, &grant)).await?;
        }
        tx.commit().await?;
        identity.desk.due.notify_one();
        let account = account.ok_or_else(AccountError::conflict)?;
        return Ok((StatusCode::CREATED, Json(shown(&account))));
    }
    Err(AccountError::busy())
}

/// Number of attempts to complete, while others connect the same account or another one for the same person.
const ATTEMPTS: usize = 5;

/// The result of linking an account.
enum Linked {
    Live(connected_account::Row),
    /// Another person has linked it.
    OfAnother,
    /// A concurrent completion won. The data read is outdated, so roll back.
    TooLate,
}

/// Links the account, within the caller's transaction. Revokes the grant that it replaces.
async fn link(
    identity: &Identity,
    tx: &mut foundation::db::Tx,
    session: &connect_session::Row,
    grant: &SecretString,
    now: i64,
) -> Result<Linked, AccountError> {
    let (issuer, subject) = (session.issuer.as_deref().unwrap_or_default(), session.subject.as_deref());
    let subject = subject.unwrap_or_default();
    let same = connected_account::of_subject(&mut **tx, &session.connection, issuer, subject).await?;
    if same.as_ref().is_some_and(|account| account.person != session.person) {
        return Ok(Linked::OfAnother);
    }
    let former = connected_account::of_person(&mut **tx, &session.person, &session.connection).await?;
    // The same account keeps its id, and with it its approvals. A different one gets a new id.
    let id = same.map_or_else(|| secret::id("cac_"), |account| account.id);
    let account = connected_account::Row {
        refresh_token: identity.sealer.seal(&vault::place(&id), grant.expose_secret()),
        id,
        person: session.person.clone(),
        connection: session.connection.clone(),
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        name: session.name.clone(),
        scopes: session.scopes.clone(),
        created_at: now,
        expires_at: session.grant_expires_at,
    };
    if let Some(former) = former {
        // Deletes exactly the row that was read, whose grant is then revoked.
        if !connected_account::replace(&mut **tx, &former).await? {
            return Ok(Linked::TooLate);
        }
        drop_grant(identity, tx, &former).await?;
    }
    let live = connected_account::insert(&mut **tx, &account).await?;
    Ok(if live { Linked::Live(account) } else { Linked::TooLate })
}

/// Schedules an account's grant for revocation at its provider, and deletes its tokens here.
async fn drop_grant(
    identity: &Identity,
    tx: &mut foundation::db::Tx,
    account: &connected_account::Row,
) -> Result<Option<pending::Row>, AccountError> {
    upstream_token::delete_of(&mut **tx, &account.id).await?;
    // A grant that no longer opens (another master key) can't be revoked, but must not prevent the person from
    // disconnecting.
    let Ok(grant) = identity.sealer.open(&vault::place(&account.id), &account.refresh_token) else { return Ok(None) };
    let revocation = revocation::about(identity, &account.connection, &grant.into());
    pending::insert(&mut **tx, &revocation).await?;
    Ok(Some(revocation))
}

/// `GET /me/v1/connected-accounts/accounts`
pub(super) async fn accounts(
    State(identity): State<Identity>,
    headers: HeaderMap,
    Query(page): Query<Page>,
) -> Result<Json<Value>, AccountError> {
    let (person, _) = caller(&identity, &headers, scope::READ_ACCOUNTS).await?;
    let take = page.take()?;
    let connection = page.connection.as_deref().unwrap_or_default();
    let mut rows = connected_account::list(identity.db.pool(), &person, connection, page.from(), take + 1).await?;
    let more = i64::try_from(rows.len()).is_ok_and(|found| found > take);
    if more {
        rows.pop();
    }
    let mut answer = json!({ "accounts": rows.iter().map(shown).collect::<Vec<_>>() });
    if let Some(last) = rows.last().filter(|_| more) {
        answer["next"] = last.id.as_str().into();
    }
    Ok(Json(answer))
}

/// `GET /me/v1/connected-accounts/connections`
pub(super) async fn connections(
    State(identity): State<Identity>,
    headers: HeaderMap,
    Query(page): Query<Page>,
) -> Result<Json<Value>, AccountError> {
    caller(&identity, &headers, scope::READ_ACCOUNTS).await?;
    let take = usize::try_from(page.take()?).unwrap_or_default();
    let mut all: Vec<_> = identity.config.connections.iter().filter(|it| it.name.as_str() > page.from()).collect();
    all.sort_by_key(|connection| &connection.name);
    let more = all.len() > take;
    all.truncate(take);
    let shown = |it: &&crate::config::Connection| {
        let scopes: Vec<_> = it.scopes.iter().map(|(scope, _)| scope).collect();
        let strategy = if it.oauth.is_some() { "oauth2" } else { "oidc" };
        json!({ "name": it.name, "strategy": strategy, "scopes": scopes })
    };
    let mut answer = json!({ "connections": all.iter().map(shown).collect::<Vec<_>>() });
    if let Some(last) = all.last().filter(|_| more) {
        answer["next"] = last.name.as_str().into();
    }
    Ok(Json(answer))
}

/// `DELETE /me/v1/connected-accounts/accounts/{id}`: removes an account from the vault and revokes its grant at the
/// provider, now or as soon as that can be reached.
pub(super) async fn disconnect(
    State(identity): State<Identity>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, AccountError> {
    let (person, client) = caller(&identity, &headers, scope::DELETE_ACCOUNTS).await?;
    let mut tx = identity.db.begin().await?;
    let account = connected_account::take(&mut *tx, &id, &person).await?.ok_or_else(AccountError::not_found)?;
    let revocation = drop_grant(&identity, &mut tx, &account).await?;
    let event = Event {
        event: "account_disconnected",
        person: Some(&person),
        client: Some(&client.id),
        detail: json!({ "connection": account.connection }),
    };
    audit::record(&identity, &mut tx, event).await?;
    tx.commit().await?;
    if let Some(revocation) = revocation {
        outbox::attempt(&identity, revocation, revocation::send).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

impl Page {
    fn take(&self) -> Result<i64, AccountError> {
        let take = self.take.unwrap_or(10);
        if (1..=20).contains(&take) {
            Ok(take)
        } else {
            Err(AccountError::invalid("take", "It is a number from 1 to 20."))
        }
    }

    fn from(&self) -> &str {
        self.from.as_deref().or(self.next.as_deref()).unwrap_or_default()
    }
}

/// The person and client of the token, which must be for this API and have the scope.
pub(crate) async fn caller(
    identity: &Identity,
    headers: &HeaderMap,
    scope: &str,
) -> Result<(String, Client), AccountError> {
    let token = bearer(headers).map_err(|_| AccountError::unauthorized())?;
    let claims = issue::verify(identity, token.token(), &identity.config.site.at("me/")).await?;
    if !claims.has_scope(scope) {
        return Err(AccountError::forbidden(scope));
    }
    let mut db = identity.db.pool().acquire().await?;
    let client = store::client::find(&mut db, &claims.client_id, identity.clock.now()).await?;
    Ok((claims.sub, client.ok_or_else(AccountError::unauthorized)?))
}

/// The person for whom a client may change something here.
pub(crate) async fn changing(identity: &Identity, headers: &HeaderMap) -> Result<String, AccountError> {
    Ok(caller(identity, headers, scope::CREATE_ACCOUNTS).await?.0)
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, AccountError> {
    foundation::json::read(body).map_err(|error| AccountError::bad_request(error.to_string()))
}

fn shown(account: &connected_account::Row) -> Value {
    let scopes: Vec<&str> = account.scopes.split(' ').filter(|scope| !scope.is_empty()).collect();
    json!({
        "id": account.id,
        "connection": account.connection,
        "access_type": "offline",
        "scopes": scopes,
        "created_at": time::iso(account.created_at),
        "name": account.name,
    })
}
