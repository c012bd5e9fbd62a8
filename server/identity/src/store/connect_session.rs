//! The table `connect_session`: connections in progress, from the ticket to the completion.

use sqlx::{Any, Executor};

/// A connection in progress.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    /// The hash of the `auth_session`.
    pub id: String,
    pub ticket_hash: String,
    pub state_hash: Option<String>,
    pub code_hash: Option<String>,
    pub person: String,
    pub client: String,
    pub connection: String,
    pub redirect_uri: String,
    pub state: String,
    pub code_challenge: String,
    pub scopes: String,
    /// `begun` (the ticket was issued), `sent` (the person is at the provider), `pending` (not completed yet).
    pub stage: String,
    pub issuer: Option<String>,
    pub subject: Option<String>,
    pub name: Option<String>,
    /// Sealed.
    pub refresh_token: Option<String>,
    /// When the grant ends, if it can't be refreshed.
    pub grant_expires_at: Option<i64>,
    pub created_at: i64,
    pub expires_at: i64,
}

/// The grant from the provider.
#[derive(Clone, Copy, Debug)]
pub struct Granted<'a> {
    pub code_hash: &'a str,
    pub scopes: &'a str,
    pub issuer: &'a str,
    pub subject: &'a str,
    pub name: Option<&'a str>,
    /// Sealed.
    pub refresh_token: &'a str,
    pub grant_expires_at: Option<i64>,
}

pub async fn insert(db: impl Executor<'_, Database = Any>, row: &Row) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO connect_session (id, ticket_hash, person, client, connection, redirect_uri, state, \
         code_challenge, scopes, stage, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'begun', \
         $10, $11)",
    )
    .bind(&row.id)
    .bind(&row.ticket_hash)
    .bind(&row.person)
    .bind(&row.client)
    .bind(&row.connection)
    .bind(&row.redirect_uri)
    .bind(&row.state)
    .bind(&row.code_challenge)
    .bind(&row.scopes)
    .bind(row.created_at)
    .bind(row.expires_at)
    .execute(db)
    .await?;
    Ok(())
}

/// The connection of an unused ticket.
pub async fn by_ticket(
    db: impl Executor<'_, Database = Any>,
    ticket_hash: &str,
    now: i64,
) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM connect_session WHERE ticket_hash = $1 AND stage = 'begun' AND expires_at > $2")
        .bind(ticket_hash)
        .bind(now)
        .fetch_optional(db)
        .await
}

/// The connection whose person returned from the provider with this `state`.
pub async fn by_state(
    db: impl Executor<'_, Database = Any>,
    state_hash: &str,
    person: &str,
) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM connect_session WHERE state_hash = $1 AND person = $2 AND stage = 'sent'")
        .bind(state_hash)
        .bind(person)
        .fetch_optional(db)
        .await
}

/// Uses the ticket: the person goes to the provider with this `state`, and has until `expires_at` to return.
pub async fn send(
    db: impl Executor<'_, Database = Any>,
    id: &str,
    state_hash: &str,
    now: i64,
    expires_at: i64,
) -> Result<bool, sqlx::Error> {
    let sent: Option<String> = sqlx::query_scalar(
        "UPDATE connect_session SET stage = 'sent', state_hash = $1, expires_at = $2 WHERE id = $3 \
         AND stage = 'begun' AND expires_at > $4 RETURNING id",
    )
    .bind(state_hash)
    .bind(expires_at)
    .bind(id)
    .bind(now)
    .fetch_optional(db)
    .await?;
    Ok(sent.is_some())
}

/// Stores the grant until the connection is completed.
pub async fn keep(
    db: impl Executor<'_, Database = Any>,
    id: &str,
    granted: Granted<'_>,
    expires_at: i64,
) -> Result<bool, sqlx::Error> {
    let kept: Option<String> = sqlx::query_scalar(
        "UPDATE connect_session SET stage = 'pending', code_hash = $1, scopes = $2, issuer = $3, subject = $4, \
         name = $5, refresh_token = $6, expires_at = $7, grant_expires_at = $8 WHERE id = $9 AND stage = 'sent' \
         RETURNING id",
    )
    .bind(granted.code_hash)
    .bind(granted.scopes)
    .bind(granted.issuer)
    .bind(granted.subject)
    .bind(granted.name)
    .bind(granted.refresh_token)
    .bind(expires_at)
    .bind(granted.grant_expires_at)
    .bind(id)
    .fetch_optional(db)
    .await?;
    Ok(kept.is_some())
}

/// The pending connection of this `auth_session`, person and client.
pub async fn pending(
    db: impl Executor<'_, Database = Any>,
    id: &str,
    person: &str,
    client: &str,
    now: i64,
) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as(
        "SELECT * FROM connect_session WHERE id = $1 AND person = $2 AND client = $3 AND stage = 'pending' \
         AND expires_at > $4",
    )
    .bind(id)
    .bind(person)
    .bind(client)
    .bind(now)
    .fetch_optional(db)
    .await
}

/// Takes the pending connection with its code. Of any number of concurrent attempts, exactly one gets it.
pub async fn take(
    db: impl Executor<'_, Database = Any>,
    id: &str,
    code_hash: &str,
    now: i64,
) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as(
        "DELETE FROM connect_session WHERE id = $1 AND code_hash = $2 AND stage = 'pending' AND expires_at > $3 \
         RETURNING *",
    )
    .bind(id)
    .bind(code_hash)
    .bind(now)
    .fetch_optional(db)
    .await
}

/// Deletes a connection that the person or the provider refused.
pub async fn delete(db: impl Executor<'_, Database = Any>, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM connect_session WHERE id = $1").bind(id).execute(db).await?;
    Ok(())
}

/// Whether any connection has expired.
pub async fn any_expired(db: impl Executor<'_, Database = Any>, now: i64) -> Result<bool, sqlx::Error> {
    let found: Option<String> = sqlx::query_scalar("SELECT id FROM connect_session WHERE expires_at <= $1 LIMIT 1")
        .bind(now)
        .fetch_optional(db)
        .await?;
    Ok(found.is_some())
}

/// Deletes and returns expired connections, whose grants need to be revoked at the provider.
pub async fn take_expired(db: impl Executor<'_, Database = Any>, now: i64) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as("DELETE FROM connect_session WHERE expires_at <= $1 RETURNING *").bind(now).fetch_all(db).await
}

/// Deletes and returns the connections in progress of one connection.
pub async fn take_of(db: impl Executor<'_, Database = Any>, connection: &str) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as("DELETE FROM connect_session WHERE connection = $1 RETURNING *").bind(connection).fetch_all(db).await
}
