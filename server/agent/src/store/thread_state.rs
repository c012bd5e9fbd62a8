//! The table `thread`: a thread's title, and whether it is deleted.

use sqlx::{AnyConnection, AnyPool};

use crate::thread::owner::Owner;

/// The author of a title.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TitledBy {
    Model,
    Person,
}

/// Gives a thread a title, and returns when the thread was changed last. `None` if it is deleted, or if the model's
/// title comes after another one than the message's.
pub(crate) async fn set_title(
    db: &mut AnyConnection,
    id: &str,
    title: &str,
    by: TitledBy,
) -> Result<Option<i64>, sqlx::Error> {
    let (word, is_person) = match by {
        TitledBy::Model => ("model", 0_i64),
        TitledBy::Person => ("person", 1),
    };
    sqlx::query_scalar(
        "UPDATE thread SET title = $1, titled = $2
         WHERE id = $3 AND deleted_at IS NULL AND (titled = 'message' OR CAST($4 AS BIGINT) = 1)
         RETURNING updated_at",
    )
    .bind(title)
    .bind(word)
    .bind(id)
    .bind(is_person)
    .fetch_optional(db)
    .await
}

/// Whether this turn answers the message that opened its thread, and the thread still has that message's words as its
/// title.
pub(crate) async fn awaits_title(pool: &AnyPool, turn: &str) -> Result<bool, sqlx::Error> {
    let found: Option<String> = sqlx::query_scalar(
        "SELECT thread.id FROM turn JOIN message ON message.id = turn.message JOIN thread ON thread.id = turn.thread
         WHERE turn.id = $1 AND message.key = thread.key AND thread.titled = 'message' AND thread.deleted_at IS NULL",
    )
    .bind(turn)
    .fetch_optional(pool)
    .await?;
    Ok(found.is_some())
}

/// Locks a thread until the transaction ends. Returns when it was changed last. `None` if it is deleted.
pub(crate) async fn lock(db: &mut AnyConnection, id: &str) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar("UPDATE thread SET seq = seq WHERE id = $1 AND deleted_at IS NULL RETURNING updated_at")
        .bind(id)
        .fetch_optional(db)
        .await
}

/// Marks a thread as deleted. `false` if it is already.
pub(crate) async fn delete(db: &mut AnyConnection, id: &str, now: i64) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("UPDATE thread SET deleted_at = $1 WHERE id = $2 AND deleted_at IS NULL").bind(now).bind(id);
    Ok(done.execute(db).await?.rows_affected() == 1)
}

/// Undoes a deletion that was made after `since`.
pub(crate) async fn restore(db: &mut AnyConnection, id: &str, since: i64) -> Result<bool, sqlx::Error> {
    let done =
        sqlx::query("UPDATE thread SET deleted_at = NULL WHERE id = $1 AND deleted_at > $2").bind(id).bind(since);
    Ok(done.execute(db).await?.rows_affected() == 1)
}

/// The title of an owner's thread that was deleted after `since`.
pub(crate) async fn deleted(
    pool: &AnyPool,
    id: &str,
    owner: &Owner,
    since: i64,
) -> Result<Option<String>, sqlx::Error> {
    let (person, visitor) = owner.ids();
    sqlx::query_scalar(
        "SELECT title FROM thread WHERE id = $3 AND deleted_at > $4
             AND visitor IN (SELECT id FROM visitor WHERE person = $1 OR (id = $2 AND person IS NULL))",
    )
    .bind(person)
    .bind(visitor)
    .bind(id)
    .bind(since)
    .fetch_optional(pool)
    .await
}

/// Threads that were deleted before a time, and have no running or waiting turn and no open approval request. At most a
/// hundred.
pub(crate) async fn to_remove(pool: &AnyPool, before: i64) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT id FROM thread WHERE deleted_at <= $1
             AND NOT EXISTS (SELECT 1 FROM turn WHERE turn.thread = thread.id AND state IN ('running', 'waiting'))
             AND NOT EXISTS (SELECT 1 FROM approval WHERE approval.asker = thread.id AND ended_at IS NULL)
         LIMIT 100",
    )
    .bind(before)
    .fetch_all(pool)
    .await
}
