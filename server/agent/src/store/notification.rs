//! Notifications of PostgreSQL, to other processes on the same database.

use sqlx::AnyPool;

pub(crate) async fn send(pool: &AnyPool, channel: &str, payload: &str) -> Result<(), sqlx::Error> {
    // Any has no type for the answer of `pg_notify`, so it is compared away.
    sqlx::query("SELECT 1 FROM pg_notify($1, $2)").bind(channel).bind(payload).execute(pool).await?;
    Ok(())
}
