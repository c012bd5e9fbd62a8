//! The table `rate_limit`: when each key of a shared limit has its full burst again.

use sqlx::{AnyConnection, AnyPool};

/// Takes one unit, which is free again after `every` milliseconds, unless the burst would be full after `latest`.
/// `false`: there is none.
pub(crate) async fn take(
    db: &mut AnyConnection,
    id: &str,
    now: i64,
    every: i64,
    latest: i64,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO rate_limit (id, full_at) VALUES ($1, $2)
         ON CONFLICT (id) DO UPDATE SET full_at =
             CASE WHEN rate_limit.full_at > $3 THEN rate_limit.full_at + $4 ELSE $2 END
         WHERE rate_limit.full_at <= $5",
    )
    .bind(id)
    .bind(now + every)
    .bind(now)
    .bind(every)
    .bind(latest - every)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Caps the wait, which is longer only after a clock was set back.
pub(crate) async fn cap(db: &mut AnyConnection, id: &str, latest: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE rate_limit SET full_at = $2 WHERE id = $1 AND full_at > $2")
        .bind(id)
        .bind(latest)
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn full_at(db: &mut AnyConnection, id: &str) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT full_at FROM rate_limit WHERE id = $1").bind(id).fetch_optional(db).await
}

/// Deletes the keys that have their full burst.
pub(crate) async fn remove_full(pool: &AnyPool, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM rate_limit WHERE full_at <= $1").bind(now).execute(pool).await?;
    Ok(())
}
