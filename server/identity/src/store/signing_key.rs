//! The table `signing_key`: the keys that sign tokens, sealed.

use sqlx::AnyConnection;

/// A key's row. Times in milliseconds since 1970.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub slot: String,
    /// The private half, sealed.
    pub private: String,
    pub signs_from: i64,
    /// When it is no longer accepted.
    pub ends_at: Option<i64>,
}

/// All keys, oldest first.
pub async fn all(db: &mut AnyConnection) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as("SELECT slot, private, signs_from, ends_at FROM signing_key ORDER BY created_at, slot")
        .fetch_all(db)
        .await
}

/// Stores a key, unless another process was first.
pub async fn insert(
    db: &mut AnyConnection,
    slot: &str,
    private: &str,
    signs_from: i64,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO signing_key (slot, private, signs_from, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (slot) DO NOTHING",
    )
    .bind(slot)
    .bind(private)
    .bind(signs_from)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

/// Sets the end of every key that has none, or a later one.
pub async fn end_all(db: &mut AnyConnection, at: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE signing_key SET ends_at = $1 WHERE ends_at IS NULL OR ends_at > $1")
        .bind(at)
        .execute(db)
        .await?;
    Ok(())
}

/// Deletes expired keys.
pub async fn clean_up(db: &mut AnyConnection, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM signing_key WHERE ends_at <= $1").bind(now).execute(db).await?;
    Ok(())
}
