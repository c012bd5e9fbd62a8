//! The table `approval`: the time limit and the polling interval of a request.

use sqlx::{Any, Executor};

use super::approval::Row;

/// How much time a person can add, in milliseconds.
pub const MORE: i64 = 300_000;

/// The longest time a request may wait, in seconds (WIRE.md §4).
pub const LONGEST: i64 = 259_200;

/// Whether the person can add time: once, for a client that gets a ping and so learns the new end, and never past the
/// longest time. [`extend`] has the same rule.
pub fn can_extend(row: &Row) -> bool {
    row.state == "waiting"
        && row.extended_at.is_none()
        && row.notification_token.is_some()
        && row.expires_at + MORE <= row.asked_at + LONGEST * 1000
}

/// Adds the time to a request that waits, on exactly what the page showed: one compare-and-set. `address` as in
/// [`super::approval::decide`]. The client may poll at once.
pub async fn extend(
    db: impl Executor<'_, Database = Any>,
    id: &str,
    person: &str,
    shown: &str,
    address: Option<&str>,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let extended: Option<String> = sqlx::query_scalar(
        "UPDATE approval SET expires_at = expires_at + $1, extended_at = $2, polled_at = NULL \
         WHERE id = $3 AND person = $4 AND digest = $5 AND state = 'waiting' AND expires_at > $2 \
         AND extended_at IS NULL AND notification_token IS NOT NULL AND expires_at + $1 <= asked_at + $6 \
         AND ($7 = '' OR EXISTS (SELECT 1 FROM person p WHERE p.id = $4 AND p.email = $7 AND p.email_verified = 1)) \
         RETURNING id",
    )
    .bind(MORE)
    .bind(now)
    .bind(id)
    .bind(person)
    .bind(shown)
    .bind(LONGEST * 1000)
    .bind(address.unwrap_or_default())
    .fetch_optional(db)
    .await?;
    Ok(extended.is_some())
}

/// Records a poll, if the interval since the last one has passed.
pub async fn poll(db: impl Executor<'_, Database = Any>, id: &str, now: i64) -> Result<bool, sqlx::Error> {
    let taken: Option<String> = sqlx::query_scalar(
        "UPDATE approval SET polled_at = $1 WHERE id = $2 AND (polled_at IS NULL \
         OR polled_at + poll_interval * 1000 <= $1) RETURNING id",
    )
    .bind(now)
    .bind(id)
    .fetch_optional(db)
    .await?;
    Ok(taken.is_some())
}

/// Lengthens the interval by `by` seconds up to `most`, after a poll that was too early; returns it.
pub async fn slow_down(
    db: impl Executor<'_, Database = Any>,
    id: &str,
    by: i64,
    most: i64,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "UPDATE approval SET poll_interval = CASE WHEN poll_interval + $1 > $2 THEN $2 ELSE poll_interval + $1 END \
         WHERE id = $3 RETURNING poll_interval",
    )
    .bind(by)
    .bind(most)
    .bind(id)
    .fetch_one(db)
    .await
}
