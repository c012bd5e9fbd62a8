//! The table `lease`: what one process at a time does, for all that work on this database.

use sqlx::AnyExecutor;

/// Takes the lease until `until`, or renews it. `false`: another holds it still.
pub(crate) async fn hold(
    db: impl AnyExecutor<'_>,
    name: &str,
    owner: &str,
    now: i64,
    until: i64,
) -> Result<bool, sqlx::Error> {
    // One that ends much later than any that is taken now was taken by a clock that was wrong.
    let wrong = until.saturating_add(until.saturating_sub(now));
    let done = sqlx::query(
        "INSERT INTO lease (name, owner, ends_at) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET owner = $2, ends_at = $3
         WHERE lease.owner = $2 OR lease.ends_at <= $4 OR lease.ends_at > $5",
    )
    .bind(name)
    .bind(owner)
    .bind(until)
    .bind(now)
    .bind(wrong)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends the lease, where this owner has it.
pub(crate) async fn release(db: impl AnyExecutor<'_>, name: &str, owner: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM lease WHERE name = $1 AND owner = $2").bind(name).bind(owner).execute(db).await?;
    Ok(())
}
