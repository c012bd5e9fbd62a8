//! The table `message`: messages from people.

use sqlx::{AnyConnection, AnyPool};

use crate::thread::owner::Owner;

/// Stores a message. `false` if its key was already used in this thread.
pub(crate) async fn keep(
    db: &mut AnyConnection,
    id: &str,
    thread: &str,
    key: &str,
    text: &str,
    now: i64,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO message (id, thread, key, text, created_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (thread, key) DO NOTHING",
    )
    .bind(id)
    .bind(thread)
    .bind(key)
    .bind(text)
    .bind(now)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// A message that was already accepted.
#[derive(sqlx::FromRow)]
pub(crate) struct Taken {
    pub(crate) id: String,
    pub(crate) thread: String,
    pub(crate) text: String,
}

/// The message sent under this key, in any thread of this owner.
pub(crate) async fn taken(db: &mut AnyConnection, owner: &Owner, key: &str) -> Result<Option<Taken>, sqlx::Error> {
    let (person, visitor) = owner.ids();
    sqlx::query_as(
        "SELECT message.id, message.thread, message.text FROM message JOIN thread ON thread.id = message.thread
         WHERE thread.visitor IN (SELECT id FROM visitor WHERE person = $1 OR (id = $2 AND person IS NULL))
             AND message.key = $3",
    )
    .bind(person)
    .bind(visitor)
    .bind(key)
    .fetch_optional(db)
    .await
}

/// When the message that a turn answers was written.
pub(crate) async fn written_at(pool: &AnyPool, turn: &str) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT message.created_at FROM message JOIN turn ON turn.message = message.id WHERE turn.id = $1",
    )
    .bind(turn)
    .fetch_optional(pool)
    .await
}
