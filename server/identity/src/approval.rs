//! Asynchronous approval (CIBA): a client asks, the person decides on a page of Mandate identity, the client is told.
//!
//! A walk through an order opens these rooms in this order: `request` (the client asks), `page` (the person
//! reads), `decide` (the person decides), `ping` (the client is woken), `token/ciba` (it fetches its token),
//! `token/vault`, `statement` (what Mandate identity signs for the account's provider), there `token/exchange`; before the
//! order is placed `standing` (the provider asks whether the approval still stands).
//!
//! Crash points, where a test ends the process (`MANDATE_CRASH_AT`):
//!
//! | name | the process dies when | what happens next |
//! |---|---|---|
//! | `identity:request-stored` | a request is stored, before its answer is sent | the client asks again with the same key: the same `auth_req_id` |
//! | `identity:decided` | a decision and its ping are stored, before anything is sent | the ping goes out after the start |
//! | `identity:exchanged` | the provider has issued the order's token, before it is handed on | the client exchanges again: the same `txn` |

mod decide;
mod facts;
mod live;
mod page;
pub(crate) mod ping;
mod receipt;
mod request;
pub(crate) mod standing;
pub(crate) mod statement;
mod template;
mod words;

pub use template::Template;

use axum::{
    Json, Router,
    routing::{get, post},
};
use foundation::{limit::Shared, parts::Parts};
use serde_json::{Value, json};
use tokio::sync::{Notify, broadcast};

use crate::{
    Identity,
    client::Client,
    error::{self, OAuthError},
    page::State,
    store::{self, approval, approval_block, connected_account},
    vault,
};

/// What approvals keep in memory.
#[derive(Debug)]
pub struct Desk {
    /// The outbox has something that is due.
    pub due: Notify,
    /// The person whose requests changed.
    changed: broadcast::Sender<String>,
    open: live::Open,
    /// Requests of one app for one person (THREATS.md line 32): five, then one every twelve seconds.
    limit: Shared,
}

impl Desk {
    pub fn new(parts: &Parts) -> Self {
        let (changed, _) = broadcast::channel(256);
        Self { due: Notify::new(), changed, open: live::Open::default(), limit: parts.limit("approval", 5, 12_000) }
    }

    /// Tells open inboxes of this person.
    pub fn changed(&self, person: &str) {
        // Nobody looks: nobody needs to know.
        let _ = self.changed.send(person.to_owned());
    }
}

/// The approval endpoints and pages.
pub fn routes(_identity: &Identity) -> Router<Identity> {
    Router::new()
        .route("/bc-authorize", post(request::bc_authorize).fallback(error::wrong_method))
        .route("/approvals", get(page::inbox))
        .route("/approvals/events", get(live::events))
        .route("/approvals/blocked", get(page::blocked))
        .route("/approvals/unblock", post(decide::unblock))
        .route("/approvals/{id}", get(page::approval).post(decide::decide))
}

/// Takes back, in the caller's transaction, all that a client has of a person, or that was asked on its behalf: what
/// waits is denied, and those who wait for it are notified; what was approved ends for good. Returns how much waited.
///
/// # Errors
/// Where the database fails.
pub(crate) async fn end_all(
    db: &mut sqlx::AnyConnection,
    person: &str,
    client: &str,
    now: i64,
) -> Result<usize, sqlx::Error> {
    let denied = approval::deny_all(&mut *db, person, client, now).await?;
    for row in &denied {
        if let Some(ping) = ping::about(row, now) {
            store::outbox::insert(&mut *db, &ping).await?;
        }
    }
    approval::end_all(&mut *db, person, client, now).await?;
    Ok(denied.len())
}

/// After a commit that changed a person's requests: their open inboxes show it, and pings go out.
pub(crate) fn told(identity: &Identity, person: &str) {
    identity.desk.due.notify_one();
    identity.desk.changed(person);
}

/// The client withdraws its request (RFC 7009 with a token type of our own). Answers with the state that the
/// request then has.
///
/// # Errors
/// Where the database fails. An `auth_req_id` that is unknown, or another client's, is no error (RFC 7009 §2.2).
pub async fn withdraw(identity: &Identity, client: &Client, auth_req_id: &str) -> Result<Json<Value>, OAuthError> {
    let pool = identity.db.pool();
    let now = identity.clock.now();
    let hash = foundation::secret::hash(auth_req_id);
    let Some(row) = approval::by_hash(pool, &hash).await?.filter(|row| row.client == client.id) else {
        return Ok(Json(json!({})));
    };
    if approval::withdraw(pool, &row.id, &client.id, now).await? {
        identity.desk.changed(&row.person);
        return Ok(Json(json!({ "state": "withdrawn" })));
    }
    let row = approval::by_id(pool, &row.id).await?.unwrap_or(row);
    let state = match state(&row, now) {
        State::Waiting => "waiting",
        State::Approved | State::Used => "approved",
        State::Denied | State::Ended => "denied",
        State::Withdrawn => "withdrawn",
        State::Expired => "expired",
    };
    Ok(Json(json!({ "state": state })))
}

/// A request's state at a time.
pub fn state(row: &approval::Row, now: i64) -> State {
    match row.state.as_str() {
        "approved" if row.used_at.is_some() => State::Used,
        "approved" if row.ended_at.is_some() => State::Ended,
        "approved" => State::Approved,
        "denied" => State::Denied,
        "withdrawn" => State::Withdrawn,
        _ if row.expires_at <= now => State::Expired,
        _ => State::Waiting,
    }
}

/// That what an approval rests on still stands (THREATS.md line 56): its person, their account, its client and
/// the one behind it with its grant, and that the person has neither blocked them since nor taken it back. Returns the account.
///
/// # Errors
/// `invalid_grant`, `access_denied`, or that the account is not connected.
pub async fn stands(identity: &Identity, row: &approval::Row) -> Result<connected_account::Row, OAuthError> {
    let pool = identity.db.pool();
    if approval_block::exists(pool, &row.person, row.app(), &row.client).await? {
        return Err(OAuthError::access_denied("The person has blocked this client"));
    }
    let mut db = pool.acquire().await?;
    if store::person::find(&mut db, &row.person).await?.is_none() {
        return Err(OAuthError::invalid_grant("The person's account is no longer there"));
    }
    for client in std::iter::once(&row.client).chain(&row.caller) {
        if store::client::find(&mut db, client, identity.clock.now()).await?.is_none() {
            return Err(OAuthError::invalid_grant("A client that this approval is for was disabled"));
        }
    }
    if let Some(grant) = &row.caller_grant
        && store::authorization_grant::is_revoked(&mut db, grant).await?
    {
        return Err(OAuthError::invalid_grant("What the person granted the client behind this approval was revoked"));
    }
    if row.ended_at.is_some() {
        return Err(OAuthError::access_denied("The person has taken this approval back"));
    }
    let account = connected_account::of_person(&mut *db, &row.person, &row.connection).await?;
    // The account that the page named, not another that was connected since.
    account.filter(|account| account.id == row.account).ok_or_else(vault::not_connected)
}

/// What a notification token is sealed for.
fn token_place(id: &str) -> String {
    format!("approval.notification_token:{id}")
}
