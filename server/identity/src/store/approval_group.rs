//! The table `approval_group`: requests that a client makes together. A group is fixed when it is first shown.

use sqlx::{Any, AnyPool, Executor};

use super::{approval::Row, remove_in_batches};

/// Joins a group, which it creates if needed. `false` if the group was shown. It can't be shown until the caller's
/// transaction ends.
pub async fn join(db: impl Executor<'_, Database = Any>, id: &str, now: i64) -> Result<bool, sqlx::Error> {
    let joined: Option<String> = sqlx::query_scalar(
        "INSERT INTO approval_group (id, created_at) VALUES ($1, $2) \
         ON CONFLICT (id) DO UPDATE SET id = excluded.id WHERE approval_group.shown_at IS NULL RETURNING id",
    )
    .bind(id)
    .bind(now)
    .fetch_optional(db)
    .await?;
    Ok(joined.is_some())
}

/// Fixes a group before it is shown.
pub async fn show(db: impl Executor<'_, Database = Any>, id: &str, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE approval_group SET shown_at = $2 WHERE id = $1 AND shown_at IS NULL")
        .bind(id)
        .bind(now)
        .execute(db)
        .await?;
    Ok(())
}

/// The requests of a group, in the order in which they were made.
pub async fn requests(db: impl Executor<'_, Database = Any>, id: &str) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM approval WHERE in_group = $1 ORDER BY asked_at, id LIMIT 100")
        .bind(id)
        .fetch_all(db)
        .await
}

/// Deletes groups from before this time whose requests are gone.
pub async fn remove_before(pool: &AnyPool, time: i64) -> Result<(), sqlx::Error> {
    const SQL: &str = "DELETE FROM approval_group WHERE id IN (SELECT id FROM approval_group g WHERE created_at < $1 \
                       AND NOT EXISTS (SELECT 1 FROM approval a WHERE a.in_group = g.id) LIMIT $2)";
    remove_in_batches(pool, SQL, time).await
}
