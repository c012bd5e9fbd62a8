//! The table `thread`. A thread belongs to a visitor, and through the visitor's row to a person: see
//! [`super::visitor`].

use shared::chat::{THREADS_PAGE, ThreadState, ThreadSummary};
use sqlx::{AnyConnection, AnyExecutor, AnyPool};

use crate::thread::owner::Owner;

/// Opens a thread. `false` if the same key already opened one.
pub(crate) async fn open(
    db: &mut AnyConnection,
    id: &str,
    visitor: &str,
    key: &str,
    title: &str,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO thread (id, visitor, key, title, seq, created_at, updated_at)
         VALUES ($1, $2, $3, $4, 0, $5, $5)
         ON CONFLICT (visitor, key) DO NOTHING",
    )
    .bind(id)
    .bind(visitor)
    .bind(key)
    .bind(title)
    .bind(now)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// The visitor's thread that this key opened.
pub(crate) async fn find_by_key(
    db: &mut AnyConnection,
    visitor: &str,
    key: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT id FROM thread WHERE visitor = $1 AND key = $2")
        .bind(visitor)
        .bind(key)
        .fetch_optional(db)
        .await
}

/// Whether the thread belongs to this owner, and isn't deleted.
pub(crate) async fn is_of(pool: &AnyPool, id: &str, owner: &Owner) -> Result<bool, sqlx::Error> {
    let (person, visitor) = owner.ids();
    let found: Option<String> = sqlx::query_scalar(
        "SELECT id FROM thread WHERE id = $3 AND deleted_at IS NULL
             AND visitor IN (SELECT id FROM visitor WHERE person = $1 OR (id = $2 AND person IS NULL))",
    )
    .bind(person)
    .bind(visitor)
    .bind(id)
    .fetch_optional(pool)
    .await?;
    Ok(found.is_some())
}

/// A thread's title, and the number of its last event.
pub(crate) async fn state(db: impl AnyExecutor<'_>, id: &str) -> Result<Option<(String, i64)>, sqlx::Error> {
    sqlx::query_as("SELECT title, seq FROM thread WHERE id = $1").bind(id).fetch_optional(db).await
}

/// The visitor who opened the thread.
pub(crate) async fn visitor(pool: &AnyPool, id: &str) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT visitor FROM thread WHERE id = $1").bind(id).fetch_one(pool).await
}

/// The person who owns the thread, if it isn't a visitor's.
pub(crate) async fn person(pool: &AnyPool, id: &str) -> Result<Option<String>, sqlx::Error> {
    let found: Option<Option<String>> = sqlx::query_scalar(
        "SELECT visitor.person FROM thread JOIN visitor ON visitor.id = thread.visitor WHERE thread.id = $1",
    )
    .bind(id)
    .fetch_optional(pool)
    .await?;
    Ok(found.flatten())
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    title: String,
    updated_at: i64,
    waiting: i64,
    running: i64,
}

/// The owner's threads, newest first, at most [`THREADS_PAGE`]: the first ones, or those after the last one of a page.
pub(crate) async fn list(
    pool: &AnyPool,
    owner: &Owner,
    after: Option<(i64, &str)>,
) -> Result<Vec<ThreadSummary>, sqlx::Error> {
    let (person, visitor) = owner.ids();
    let (updated_at, id) = after.unwrap_or((i64::MAX, ""));
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT thread.id, thread.title, thread.updated_at,
             CAST(CASE WHEN EXISTS (
                 SELECT 1 FROM turn JOIN call ON call.turn = turn.id LEFT JOIN approval ON approval.id = call.id
                 WHERE turn.thread = thread.id AND turn.state IN ('running', 'waiting')
                     AND (call.state IN ('login', 'connect') OR approval.state = 'waiting')
             ) THEN 1 ELSE 0 END AS BIGINT) AS waiting,
             CAST(CASE WHEN EXISTS (
                 SELECT 1 FROM turn WHERE turn.thread = thread.id AND turn.state = 'running'
             ) THEN 1 ELSE 0 END AS BIGINT) AS running
         FROM thread
         WHERE visitor IN (SELECT id FROM visitor WHERE person = $1 OR (id = $2 AND person IS NULL))
             AND deleted_at IS NULL AND (updated_at < $3 OR (updated_at = $3 AND id > $4))
         ORDER BY updated_at DESC, id LIMIT $5",
    )
    .bind(person)
    .bind(visitor)
    .bind(updated_at)
    .bind(id)
    .bind(i64::try_from(THREADS_PAGE).unwrap_or(i64::MAX))
    .fetch_all(pool)
    .await?;
    let summary = |row: Row| ThreadSummary {
        id: row.id,
        title: row.title,
        updated_at: row.updated_at,
        state: match (row.waiting, row.running) {
            (0, 0) => ThreadState::Quiet,
            (0, _) => ThreadState::Running,
            _ => ThreadState::Waiting,
        },
    };
    Ok(rows.into_iter().map(summary).collect())
}

/// Threads with items that aren't indexed, their visitors, and the positions after which these items begin.
pub(crate) async fn unindexed(pool: &AnyPool) -> Result<Vec<(String, String, i64)>, sqlx::Error> {
    sqlx::query_as("SELECT id, visitor, unindexed_after FROM thread WHERE unindexed_after IS NOT NULL LIMIT 50")
        .fetch_all(pool)
        .await
}

/// Locks the thread. `false` if another process has indexed more of it.
pub(crate) async fn hold_unindexed(db: &mut AnyConnection, id: &str, after: i64) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("UPDATE thread SET seq = seq WHERE id = $1 AND unindexed_after = $2")
        .bind(id)
        .bind(after)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Marks the items up to this position, or all, as indexed.
pub(crate) async fn indexed(db: &mut AnyConnection, id: &str, up_to: Option<i64>) -> Result<(), sqlx::Error> {
    let update = "UPDATE thread SET unindexed_after = $1 WHERE id = $2";
    sqlx::query(update).bind(up_to).bind(id).execute(db).await?;
    Ok(())
}

/// Unreachable threads of visitors: without an event since `before`, and without an active session (last seen after
/// `seen`, started after `began`). At most a hundred.
pub(crate) async fn abandoned(pool: &AnyPool, before: i64, seen: i64, began: i64) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT id FROM thread WHERE updated_at < $1
             AND EXISTS (SELECT 1 FROM visitor WHERE visitor.id = thread.visitor AND person IS NULL)
             AND NOT EXISTS (
                 SELECT 1 FROM session
                 WHERE session.visitor = thread.visitor AND person IS NULL AND seen_at > $2 AND created_at > $3
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

/// People's threads without an event since `before`, a running turn, or an order that waits for an approval or its
/// answer. At most a hundred.
pub(crate) async fn old(pool: &AnyPool, before: i64) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT id FROM thread WHERE updated_at < $1
             AND EXISTS (SELECT 1 FROM visitor WHERE visitor.id = thread.visitor AND person IS NOT NULL)
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

/// Deletes a thread with everything in it. `false` if a person has claimed it (`is_visitors`), or it has an event since
/// `before`. Roll back in that case.
pub(crate) async fn remove(
    db: &mut AnyConnection,
    id: &str,
    is_visitors: bool,
    before: i64,
) -> Result<bool, sqlx::Error> {
    remove_content(db, id).await?;
    let done = sqlx::query(
        "DELETE FROM thread WHERE id = $1 AND updated_at < $2
             AND EXISTS (
                 SELECT 1 FROM visitor
                 WHERE visitor.id = thread.visitor AND (person IS NULL) = (CAST($3 AS BIGINT) = 1)
             )",
    )
    .bind(id)
    .bind(before)
    .bind(i64::from(is_visitors))
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Like [`remove`], for a thread that its owner deleted before a time. `false` if they undid it.
pub(crate) async fn remove_deleted(db: &mut AnyConnection, id: &str, before: i64) -> Result<bool, sqlx::Error> {
    remove_content(db, id).await?;
    let done = sqlx::query("DELETE FROM thread WHERE id = $1 AND deleted_at <= $2").bind(id).bind(before);
    Ok(done.execute(db).await?.rows_affected() == 1)
}

async fn remove_content(db: &mut AnyConnection, id: &str) -> Result<(), sqlx::Error> {
    for of_thread in [
        // The turns before their thread: all writers lock them in this order.
        "UPDATE turn SET owner = NULL WHERE thread = $1",
        "DELETE FROM approval WHERE asker = $1",
        "DELETE FROM call WHERE turn IN (SELECT id FROM turn WHERE thread = $1)",
        "DELETE FROM turn WHERE thread = $1",
        "DELETE FROM message WHERE thread = $1",
        "DELETE FROM event WHERE thread = $1",
    ] {
        sqlx::query(of_thread).bind(id).execute(&mut *db).await?;
    }
    super::search::forget(db, id).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::turn::tests::database;

    /// Some were changed at the same moment.
    #[tokio::test]
    async fn all_threads_are_listed_page_by_page() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = database(folder.path()).await;
        let mut tx = db.begin().await.expect("it begins");
        crate::store::visitor::hold(&mut tx, "vis_1", 0).await.expect("a visitor");
        for at in 0..250 {
            let id = format!("thr_{at:03}");
            assert!(open(&mut tx, &id, "vis_1", &id, "Hi", at / 60).await.expect("a thread"));
        }
        tx.commit().await.expect("it is stored");
        let owner = Owner::Visitor("vis_1".into());
        let mut all: Vec<ThreadSummary> = Vec::new();
        loop {
            let after = all.last().map(|last| (last.updated_at, last.id.as_str()));
            let page = list(db.pool(), &owner, after).await.expect("a page");
            let is_last = page.len() < THREADS_PAGE;
            all.extend(page);
            if is_last {
                break;
            }
        }
        assert!(all.is_sorted_by_key(|thread| (-thread.updated_at, thread.id.clone())));
        assert_eq!((all.len(), all[0].id.as_str()), (250, "thr_240"));
    }
}
