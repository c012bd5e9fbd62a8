//! What people denied to clients at `/mcp`, for as long as it isn't asked for again.

use sqlx::AnyPool;

/// Keeps a denial, and forgets those of before `forget`.
pub(crate) async fn keep(
    pool: &AnyPool,
    (subject, client, what): (&str, &str, &str),
    now: i64,
    forget: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM denial WHERE at <= $1").bind(forget).execute(pool).await?;
    sqlx::query(
        "INSERT INTO denial (subject, client, what, at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (subject, client, what) DO UPDATE SET at = excluded.at",
    )
    .bind(subject)
    .bind(client)
    .bind(what)
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}

/// When this was denied, where that was after `since`.
pub(crate) async fn find(
    pool: &AnyPool,
    (subject, client, what): (&str, &str, &str),
    since: i64,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("SELECT at FROM denial WHERE subject = $1 AND client = $2 AND what = $3 AND at > $4")
        .bind(subject)
        .bind(client)
        .bind(what)
        .bind(since)
        .fetch_optional(pool)
        .await
}
