//! The table `login_failure`: failed logins, by hashed account and address, shared by several processes.

use sqlx::AnyConnection;

/// Failed attempts of one key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Failures {
    pub(crate) count: i64,
    /// When the next attempt is allowed.
    pub(crate) free_at: i64,
    pub(crate) last: i64,
}

/// The failures of this key, or none, locked until the transaction ends.
pub(crate) async fn lock(db: &mut AnyConnection, id: &str) -> Result<Failures, sqlx::Error> {
    let (count, free_at, last) = sqlx::query_as(
        "INSERT INTO login_failure (id, count, free_at, last) VALUES ($1, 0, 0, 0)
         ON CONFLICT (id) DO UPDATE SET last = login_failure.last RETURNING count, free_at, last",
    )
    .bind(id)
    .fetch_one(db)
    .await?;
    Ok(Failures { count, free_at, last })
}

/// Stores the failures of a key. Call [`lock`] first.
pub(crate) async fn store(db: &mut AnyConnection, id: &str, failures: Failures) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE login_failure SET count = $2, free_at = $3, last = $4 WHERE id = $1")
        .bind(id)
        .bind(failures.count)
        .bind(failures.free_at)
        .bind(failures.last)
        .execute(db)
        .await?;
    Ok(())
}

/// Deletes the failures of this key.
pub(crate) async fn remove(db: &mut AnyConnection, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM login_failure WHERE id = $1").bind(id).execute(db).await?;
    Ok(())
}

/// Deletes entries whose last failure was before this time.
pub(crate) async fn clean_up(db: &mut AnyConnection, before: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM login_failure WHERE last < $1").bind(before).execute(db).await?;
    Ok(())
}
