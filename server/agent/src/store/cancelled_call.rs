//! The table `cancelled_call`: calls at `/mcp` that their client cancelled, by [`crate::mcp`]'s key of a call.

use sqlx::AnyPool;

/// How much the clocks of two instances may differ, in milliseconds.
const SKEW: i64 = 1_000;

pub(crate) async fn keep(pool: &AnyPool, call: &str, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO cancelled_call (call, at) VALUES ($1, $2) ON CONFLICT (call) DO UPDATE SET at = excluded.at",
    )
    .bind(call)
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}

/// Whether this call was cancelled since it began. Clients may use an id again later.
pub(crate) async fn is_cancelled(pool: &AnyPool, call: &str, began: i64) -> Result<bool, sqlx::Error> {
    let found: Option<i64> = sqlx::query_scalar("SELECT at FROM cancelled_call WHERE call = $1 AND at >= $2")
        .bind(call)
        .bind(began - SKEW)
        .fetch_optional(pool)
        .await?;
    Ok(found.is_some())
}

/// Deletes those from before a time.
pub(crate) async fn clean_up(pool: &AnyPool, before: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM cancelled_call WHERE at < $1").bind(before).execute(pool).await?;
    Ok(())
}
