//! Ends requests and approvals other than by the person's decision: the client withdraws one, or the person revokes
//! everything the client has.

use axum::Json;
use foundation::secret;
use serde_json::{Value, json};
use sqlx::AnyConnection;

use super::{ping, state};
use crate::{
    client::Client,
    error::OAuthError,
    page::State,
    state::Identity,
    store::{
        approval::{self, Whose},
        outbox,
    },
};

/// Denies waiting requests and notifies their clients, and ends approvals permanently, in the caller's transaction.
/// Returns the number of requests it denied.
///
/// # Errors
/// If the database fails.
pub(crate) async fn all(db: &mut AnyConnection, whose: Whose<'_>, now: i64) -> Result<usize, sqlx::Error> {
    let denied = approval::deny_all(&mut *db, whose, now).await?;
    for row in &denied {
        if let Some(ping) = ping::about(row, now) {
            outbox::insert(&mut *db, &ping).await?;
        }
    }
    approval::end_all(&mut *db, whose, now).await?;
    Ok(denied.len())
}

/// Ends one request or approval, in the caller's transaction, as [`all`] does. `false` if it had already ended.
///
/// # Errors
/// If the database fails.
pub(crate) async fn one(db: &mut AnyConnection, row: &approval::Row, now: i64) -> Result<bool, sqlx::Error> {
    if !approval::end(&mut *db, &row.id, now).await? {
        return Ok(false);
    }
    if let Some(ping) = ping::about(row, now).filter(|_| row.state == "waiting") {
        outbox::insert(&mut *db, &ping).await?;
    }
    Ok(true)
}

/// The client withdraws its request (RFC 7009, with our own token type). The answer holds the request's resulting
/// state.
///
/// # Errors
/// If the database fails. An unknown `auth_req_id`, or another client's, is not an error (RFC 7009 §2.2).
pub(crate) async fn withdraw(
    identity: &Identity,
    client: &Client,
    auth_req_id: &str,
) -> Result<Json<Value>, OAuthError> {
    let pool = identity.db.pool();
    let now = identity.clock.now();
    let hash = secret::hash(auth_req_id);
    let Some(row) = approval::by_hash(pool, &hash).await?.filter(|row| row.client == client.id) else {
        return Ok(Json(json!({})));
    };
    if approval::withdraw(pool, &row.id, &client.id, now).await? {
        identity.desk.changed(&row.person);
        return Ok(Json(json!({ "state": "withdrawn" })));
    }
    let row = approval::by_id(pool, &row.id).await?.unwrap_or(row);
    let state = match state::of(&row, now) {
        State::Waiting => "waiting",
        State::Approved | State::Used => "approved",
        State::Denied | State::Ended => "denied",
        State::Withdrawn => "withdrawn",
        State::Expired => "expired",
    };
    Ok(Json(json!({ "state": state })))
}
