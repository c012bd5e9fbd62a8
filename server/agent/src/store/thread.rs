//! Threads, each of a person or of a visitor's session.

use shared::chat::ThreadSummary;
use sqlx::{AnyConnection, AnyPool};

/// Opens a thread, unless the same key opened one before (`false`).
pub(crate) async fn open(
    db: &mut AnyConnection,
    id: &str,
    owner: &str,
    key: &str,
    title: &str,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO thread (id, owner, key, title, seq, created_at, updated_at)
         VALUES ($1, $2, $3, $4, 0, $5, $5)
         ON CONFLICT (owner, key) DO NOTHING",
    )
    .bind(id)
    .bind(owner)
    .bind(key)
    .bind(title)
    .bind(now)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The owner's thread that this key opened.
pub(crate) async fn find_by_key(db: &mut AnyConnection, owner: &str, key: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT id FROM thread WHERE owner = $1 AND key = $2")
        .bind(owner)
        .bind(key)
        .fetch_optional(db)
        .await
}

/// Whether the thread is this owner's.
pub(crate) async fn is_of(pool: &AnyPool, id: &str, owner: &str) -> Result<bool, sqlx::Error> {
    let found: Option<String> = sqlx::query_scalar("SELECT id FROM thread WHERE id = $1 AND owner = $2")
        .bind(id)
        .bind(owner)
        .fetch_optional(pool)
        .await?;
    Ok(found.is_some())
}

/// Whose the thread is.
pub(crate) async fn owner(pool: &AnyPool, id: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT owner FROM thread WHERE id = $1").bind(id).fetch_optional(pool).await
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    title: String,
    updated_at: i64,
    waiting: i64,
}

/// The owner's threads, the newest first, a hundred at most.
pub(crate) async fn list(pool: &AnyPool, owner: &str) -> Result<Vec<ThreadSummary>, sqlx::Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT thread.id, thread.title, thread.updated_at,
             CAST(CASE WHEN EXISTS (
                 SELECT 1 FROM turn JOIN call ON call.turn = turn.id LEFT JOIN approval ON approval.id = call.id
                 WHERE turn.thread = thread.id AND turn.state IN ('running', 'waiting')
                     AND (call.state IN ('login', 'connect') OR approval.state = 'waiting')
             ) THEN 1 ELSE 0 END AS BIGINT) AS waiting
         FROM thread WHERE owner = $1 ORDER BY updated_at DESC, id LIMIT 100",
    )
    .bind(owner)
    .fetch_all(pool)
    .await?;
    let summary = |row: Row| ThreadSummary {
        id: row.id,
        title: row.title,
        updated_at: row.updated_at,
        waiting: row.waiting != 0,
    };
    Ok(rows.into_iter().map(summary).collect())
}

/// Threads of visitors in which nothing happened since `before`, and whose session no longer lives (by when it was
/// seen last and when it began): nobody can reach them any more. Each with its owner, a hundred at most.
pub(crate) async fn abandoned(
    pool: &AnyPool,
    before: i64,
    seen: i64,
    began: i64,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, owner FROM thread WHERE owner LIKE 's:%' AND updated_at < $1
             AND NOT EXISTS (
                 SELECT 1 FROM session WHERE session.id = substr(thread.owner, 3) AND seen_at > $2 AND created_at > $3
             )
             AND NOT EXISTS (SELECT 1 FROM turn WHERE turn.thread = thread.id AND state = 'running')
         LIMIT 100",
    )
    .bind(before)
    .bind(seen)
    .bind(began)
    .fetch_all(pool)
    .await
}

/// People's threads without an event since `before`, where no turn runs and no order waits for an approval or its
/// answer. Each with its owner, a hundred at most.
pub(crate) async fn old(pool: &AnyPool, before: i64) -> Result<Vec<(String, String)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, owner FROM thread WHERE owner LIKE 'p:%' AND updated_at < $1
             AND NOT EXISTS (SELECT 1 FROM turn WHERE turn.thread = thread.id AND state = 'running')
             AND NOT EXISTS (
                 SELECT 1 FROM turn JOIN call ON call.turn = turn.id
                 WHERE turn.thread = thread.id AND turn.state = 'waiting' AND call.state = 'approval'
             )
         LIMIT 100",
    )
    .bind(before)
    .fetch_all(pool)
    .await
}

/// Removes a thread with everything in it. `false` where another owner has it now, or where it has an event since
/// `before`: then roll back.
pub(crate) async fn remove(db: &mut AnyConnection, id: &str, owner: &str, before: i64) -> Result<bool, sqlx::Error> {
    for of_thread in [
        // The turns before their thread: whoever writes both locks them in this order.
        "UPDATE turn SET owner = NULL WHERE thread = $1",
        "DELETE FROM approval WHERE asker = $1",
        "DELETE FROM call WHERE turn IN (SELECT id FROM turn WHERE thread = $1)",
        "DELETE FROM turn WHERE thread = $1",
        "DELETE FROM message WHERE thread = $1",
        "DELETE FROM event WHERE thread = $1",
    ] {
        sqlx::query(of_thread).bind(id).execute(&mut *db).await?;
    }
    let done = sqlx::query("DELETE FROM thread WHERE id = $1 AND owner = $2 AND updated_at < $3")
        .bind(id)
        .bind(owner)
        .bind(before)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Gives one owner's threads to another; returns their ids.
pub(crate) async fn hand_over(db: &mut AnyConnection, from: &str, to: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "UPDATE thread SET owner = $1 WHERE owner = $2
             AND NOT EXISTS (SELECT 1 FROM thread AS other WHERE other.owner = $1 AND other.key = thread.key)
         RETURNING id",
    )
    .bind(to)
    .bind(from)
    .fetch_all(db)
    .await
}
