//! What ends a request or an approval besides the person's decision on it: the client withdraws it, or the person takes
//! back all that the client has.

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

/// Takes back requests and approvals, in the caller's transaction: what waits is denied, and those who wait for it are
/// notified; what was approved ends for good. Returns how much waited.
///
/// # Errors
/// Where the database fails.
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

/// The client withdraws its request (RFC 7009 with a token type of our own). Answers with the state that the
/// request then has.
///
/// # Errors
/// Where the database fails. An `auth_req_id` that is unknown, or another client's, is no error (RFC 7009 §2.2).
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
