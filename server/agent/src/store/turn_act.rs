//! The table `turn`: cancels turns and retries them, when people ask for it.

use sqlx::{AnyConnection, AnyPool};

/// Cancels a turn. `false` if it is over, or not of this thread.
pub(crate) async fn cancel(pool: &AnyPool, thread: &str, id: &str) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE turn SET cancel = 1, woken = woken + 1,
             due_at = CASE WHEN state = 'waiting' THEN 0 ELSE due_at END
         WHERE id = $1 AND thread = $2 AND state IN ('running', 'waiting')",
    )
    .bind(id)
    .bind(thread)
    .execute(pool)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Cancels all turns of a thread that aren't over. Returns them.
pub(crate) async fn cancel_all(db: &mut AnyConnection, thread: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "UPDATE turn SET cancel = 1, woken = woken + 1,
             due_at = CASE WHEN state = 'waiting' THEN 0 ELSE due_at END
         WHERE thread = $1 AND state IN ('running', 'waiting') RETURNING id",
    )
    .bind(thread)
    .fetch_all(db)
    .await
}

/// Makes a failed turn due again, or one that was stopped in the middle of its text. Exactly one of several concurrent
/// attempts counts.
pub(crate) async fn retry(db: &mut AnyConnection, thread: &str, id: &str) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE turn SET state = 'waiting', due_at = 0, asked = 0, cancel = 0
         WHERE id = $1 AND thread = $2
             AND (state = 'failed' OR (state = 'cancelled' AND history LIKE '%\"cut\":%'))",
    )
    .bind(id)
    .bind(thread)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
