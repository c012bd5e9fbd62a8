//! The table `outbox`: undelivered messages to other sites.

use sqlx::{Any, Executor};

/// A message.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub id: String,
    /// `ping` or `revoke`.
    pub kind: String,
    /// The approval; the connection, or its provider once that is removed.
    pub subject: String,
    /// Sealed.
    pub secret: Option<String>,
    pub attempts: i64,
    pub next_at: i64,
    pub give_up_at: i64,
}

/// Adds a message, in the transaction of its cause.
pub async fn insert(db: impl Executor<'_, Database = Any>, row: &Row) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO outbox (id, kind, subject, secret, attempts, next_at, give_up_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&row.id)
    .bind(&row.kind)
    .bind(&row.subject)
    .bind(&row.secret)
    .bind(row.attempts)
    .bind(row.next_at)
    .bind(row.give_up_at)
    .execute(db)
    .await?;
    Ok(())
}

/// The due messages.
pub async fn due(db: impl Executor<'_, Database = Any>, now: i64) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM outbox WHERE next_at <= $1 ORDER BY next_at LIMIT 50").bind(now).fetch_all(db).await
}

/// Claims an attempt until `until`. Of several workers, one gets it. After a crash it is due again at that time.
pub async fn claim(
    db: impl Executor<'_, Database = Any>,
    id: &str,
    attempts: i64,
    until: i64,
) -> Result<bool, sqlx::Error> {
    let claimed: Option<String> = sqlx::query_scalar(
        "UPDATE outbox SET attempts = attempts + 1, next_at = $1 WHERE id = $2 AND attempts = $3 RETURNING id",
    )
    .bind(until)
    .bind(id)
    .bind(attempts)
    .fetch_optional(db)
    .await?;
    Ok(claimed.is_some())
}

/// Sets the time of the next attempt, after a failed one.
pub async fn again_at(db: impl Executor<'_, Database = Any>, id: &str, at: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE outbox SET next_at = $1 WHERE id = $2").bind(at).bind(id).execute(db).await?;
    Ok(())
}

/// Deletes a message that was delivered or is no longer needed.
pub async fn delete(db: impl Executor<'_, Database = Any>, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM outbox WHERE id = $1").bind(id).execute(db).await?;
    Ok(())
}
