//! The table `provider`: how to reach the providers of connections, also after they left the configuration.

use sqlx::{Any, AnyConnection, Executor};

/// A provider.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub id: String,
    pub connection: String,
    /// JSON.
    pub settings: String,
    /// Sealed.
    pub secret: String,
    pub removed_at: Option<i64>,
}

/// The providers of connections that weren't removed.
pub async fn current(db: impl Executor<'_, Database = Any>) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM provider WHERE removed_at IS NULL ORDER BY connection").fetch_all(db).await
}

/// A provider, removed or not.
pub async fn find(db: impl Executor<'_, Database = Any>, id: &str) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM provider WHERE id = $1").bind(id).fetch_optional(db).await
}

/// Adds a provider, or replaces its settings and secret.
pub async fn put(db: &mut AnyConnection, row: &Row) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO provider (id, connection, settings, secret) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO UPDATE SET settings = excluded.settings, secret = excluded.secret",
    )
    .bind(&row.id)
    .bind(&row.connection)
    .bind(&row.settings)
    .bind(&row.secret)
    .execute(db)
    .await?;
    Ok(())
}

/// Marks a provider as removed, and gives it the revocations that wait for its connection.
pub async fn remove(db: &mut AnyConnection, row: &Row, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE provider SET removed_at = $1 WHERE id = $2").bind(now).bind(&row.id).execute(&mut *db).await?;
    sqlx::query("UPDATE outbox SET subject = $1 WHERE kind = 'revoke' AND subject = $2")
        .bind(&row.id)
        .bind(&row.connection)
        .execute(db)
        .await?;
    Ok(())
}

/// Deletes removed providers without pending revocations.
pub async fn clean_up(db: &mut AnyConnection) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM provider WHERE removed_at IS NOT NULL
         AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.kind = 'revoke' AND outbox.subject = provider.id)",
    )
    .execute(db)
    .await?;
    Ok(())
}
