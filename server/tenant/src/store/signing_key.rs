//! The table `signing_key`.

use sqlx::AnyConnection;

/// The key's private half, sealed.
pub async fn find(db: &mut AnyConnection, slot: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT private FROM signing_key WHERE slot = $1").bind(slot).fetch_optional(db).await
}

/// Stores a key unless another process was first.
pub async fn insert(db: &mut AnyConnection, slot: &str, private: &str, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO signing_key (slot, private, created_at) VALUES ($1, $2, $3) ON CONFLICT (slot) DO NOTHING",
    )
    .bind(slot)
    .bind(private)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}
