//! The branches of a thread: which turn follows which (`turn.parent`), where the shown branch ends (`thread.leaf`), and
//! which events it hides (`event.hidden`).

use sqlx::{AnyConnection, AnyExecutor};

/// The last turn of the shown branch. Lock the thread first.
pub(crate) async fn leaf(db: &mut AnyConnection, thread: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT leaf FROM thread WHERE id = $1").bind(thread).fetch_one(db).await
}

/// Adds a turn to the end of the shown branch.
pub(crate) async fn grow(db: &mut AnyConnection, thread: &str, leaf: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE thread SET leaf = $1 WHERE id = $2").bind(leaf).bind(thread).execute(db).await?;
    Ok(())
}

/// Shows the branch that ends with this turn, and no other. Lock the thread first: all writers of its events hold that
/// lock.
pub(crate) async fn show(db: &mut AnyConnection, thread: &str, leaf: &str) -> Result<(), sqlx::Error> {
    grow(db, thread, leaf).await?;
    sqlx::query(
        "WITH RECURSIVE branch (id, message, parent) AS (
             SELECT id, message, parent FROM turn WHERE id = $1
             UNION ALL
             SELECT turn.id, turn.message, turn.parent FROM turn JOIN branch ON turn.id = branch.parent
         ), shown (id) AS (SELECT id FROM branch UNION SELECT message FROM branch)
         UPDATE event SET hidden = 1 - hidden
         WHERE thread = $2 AND shown_with IS NOT NULL
             AND hidden = CASE WHEN shown_with IN (SELECT id FROM shown) THEN 1 ELSE 0 END",
    )
    .bind(leaf)
    .bind(thread)
    .execute(db)
    .await?;
    Ok(())
}

/// The turn that answers this message in the shown branch, and the one before it. `None` if the message isn't shown.
pub(crate) async fn shown_turn(
    db: &mut AnyConnection,
    thread: &str,
    message: &str,
) -> Result<Option<(String, Option<String>)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT turn.id, turn.parent FROM turn
             JOIN event ON event.thread = turn.thread AND event.item = 'e' || turn.id AND event.hidden = 0
         WHERE turn.thread = $1 AND turn.message = $2",
    )
    .bind(thread)
    .bind(message)
    .fetch_optional(db)
    .await
}

/// The newest end of the branches that contain this turn. `None` if the thread has no such turn.
pub(crate) async fn newest(db: &mut AnyConnection, thread: &str, turn: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(
        "WITH RECURSIVE below (id, seq) AS (
             SELECT id, seq FROM turn WHERE id = $1 AND thread = $2
             UNION ALL
             SELECT turn.id, turn.seq FROM turn JOIN below ON turn.parent = below.id WHERE turn.thread = $2
         )
         SELECT id FROM below ORDER BY seq DESC LIMIT 1",
    )
    .bind(turn)
    .bind(thread)
    .fetch_optional(db)
    .await
}

/// Cancels the turns that answer this message, and those after them in all branches. Returns those that weren't over.
/// Lock the thread afterwards: all writers lock turns first.
pub(crate) async fn cancel_from(
    db: &mut AnyConnection,
    thread: &str,
    message: &str,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "WITH RECURSIVE below (id) AS (
             SELECT id FROM turn WHERE thread = $1 AND message = $2
             UNION ALL
             SELECT turn.id FROM turn JOIN below ON turn.parent = below.id WHERE turn.thread = $1
         )
         UPDATE turn SET cancel = 1, woken = woken + 1,
             due_at = CASE WHEN state = 'waiting' THEN 0 ELSE due_at END
         WHERE id IN (SELECT id FROM below) AND state IN ('running', 'waiting') RETURNING id",
    )
    .bind(thread)
    .bind(message)
    .fetch_all(db)
    .await
}

/// A turn that has siblings: others after the same turn.
#[derive(Clone, Debug, PartialEq, sqlx::FromRow)]
pub(crate) struct Sibling {
    pub(crate) id: String,
    pub(crate) parent: Option<String>,
    pub(crate) message: String,
}

/// The turns of a thread that have siblings, oldest first.
pub(crate) async fn siblings(db: impl AnyExecutor<'_>, thread: &str) -> Result<Vec<Sibling>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, parent, message FROM turn WHERE thread = $1 AND COALESCE(parent, '') IN (
             SELECT COALESCE(parent, '') FROM turn WHERE thread = $1
             GROUP BY COALESCE(parent, '') HAVING COUNT(*) > 1
         )
         ORDER BY seq",
    )
    .bind(thread)
    .fetch_all(db)
    .await
}
