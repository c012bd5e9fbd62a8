//! The table `lease`: jobs that only one of the processes on this database does at a time.

use sqlx::AnyExecutor;

/// A lease as of its last renewal.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Held {
    pub(crate) owner: String,
    /// By the owner's clock. Comparable only with other values of the same owner.
    pub(crate) renewed_at: i64,
}

pub(crate) async fn find(db: impl AnyExecutor<'_>, name: &str) -> Result<Option<Held>, sqlx::Error> {
    sqlx::query_as("SELECT owner, renewed_at FROM lease WHERE name = $1").bind(name).fetch_optional(db).await
}

/// Takes the lease if it is free, renews it, or takes it over from `ended` unless that was renewed in the meantime.
/// `false` if another process holds it.
pub(crate) async fn hold(
    db: impl AnyExecutor<'_>,
    name: &str,
    owner: &str,
    now: i64,
    ended: Option<&Held>,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO lease (name, owner, renewed_at) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET owner = $2, renewed_at = $3
         WHERE lease.owner = $2 OR (lease.owner = $4 AND lease.renewed_at = $5)",
    )
    .bind(name)
    .bind(owner)
    .bind(now)
    .bind(ended.map_or(owner, |held| &held.owner))
    .bind(ended.map_or(now, |held| held.renewed_at))
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends the lease if this owner holds it.
pub(crate) async fn release(db: impl AnyExecutor<'_>, name: &str, owner: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM lease WHERE name = $1 AND owner = $2").bind(name).bind(owner).execute(db).await?;
    Ok(())
}
