//! What the databases say about a reader of the workshop, and where they started again.

use sqlx::AnyPool;

use crate::thread::owner::Owner;

/// Something that happened in a chat.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct InChat {
    pub(crate) thread: String,
    pub(crate) at: i64,
}

/// The last answer in a chat without tools.
pub(crate) async fn bare_answer(pool: &AnyPool, owner: &Owner, since: i64) -> Result<Option<InChat>, sqlx::Error> {
    let (person, visitor) = owner.ids();
    sqlx::query_as(
        "SELECT turn.thread, message.created_at AS at FROM turn
             JOIN message ON message.id = turn.message
             JOIN thread ON thread.id = turn.thread
             JOIN bare_chat ON bare_chat.visitor = thread.visitor AND bare_chat.key = thread.key
         WHERE turn.state = 'done' AND message.created_at >= $3
             AND thread.visitor IN (SELECT id FROM visitor WHERE person = $1 OR (id = $2 AND person IS NULL))
         ORDER BY message.created_at DESC LIMIT 1",
    )
    .bind(person)
    .bind(visitor)
    .bind(since)
    .fetch_optional(pool)
    .await
}

/// A tool's last answers to a reader.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Called {
    pub(crate) thread: String,
    pub(crate) at: i64,
    /// The person for whom the turn ran, if somebody was logged in.
    pub(crate) person: Option<String>,
    /// JSON: `status` is `ok` if the tool did what it was asked.
    pub(crate) answer: String,
}

/// The newest answers of a tool in the reader's chats, at most twenty.
pub(crate) async fn called(pool: &AnyPool, owner: &Owner, tool: &str, since: i64) -> Result<Vec<Called>, sqlx::Error> {
    let (person, visitor) = owner.ids();
    sqlx::query_as(
        "SELECT turn.thread, call.created_at AS at, turn.person, call.answer FROM call
             JOIN turn ON turn.id = call.turn JOIN thread ON thread.id = turn.thread
         WHERE call.tool = $3 AND call.state = 'answered' AND call.answer IS NOT NULL AND call.created_at >= $4
             AND thread.visitor IN (SELECT id FROM visitor WHERE person = $1 OR (id = $2 AND person IS NULL))
         ORDER BY call.created_at DESC LIMIT 20",
    )
    .bind(person)
    .bind(visitor)
    .bind(tool)
    .bind(since)
    .fetch_all(pool)
    .await
}

/// An approval that a person was asked for in the chat.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Asked {
    pub(crate) thread: String,
    pub(crate) at: i64,
    pub(crate) state: String,
}

/// The person's approvals in the chat, the newest first, at most twenty.
pub(crate) async fn approvals(pool: &AnyPool, person: &str, since: i64) -> Result<Vec<Asked>, sqlx::Error> {
    sqlx::query_as(
        "SELECT asker AS thread, asked_at AS at, state FROM approval
         WHERE person = $1 AND asked_at >= $2 ORDER BY asked_at DESC LIMIT 20",
    )
    .bind(person)
    .bind(since)
    .fetch_all(pool)
    .await
}

/// Keeps the answer to an attempt that must fail.
pub(crate) async fn attempted(pool: &AnyPool, person: &str, status: i64, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO workshop_attempt (person, what, status, at) VALUES ($1, 'buy_with_reading_token', $2, $3)
         ON CONFLICT (person, what) DO UPDATE SET status = excluded.status, at = excluded.at",
    )
    .bind(person)
    .bind(status)
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}

/// The answer to the person's last attempt, and its time.
pub(crate) async fn attempt(pool: &AnyPool, person: &str, since: i64) -> Result<Option<(i64, i64)>, sqlx::Error> {
    sqlx::query_as("SELECT status, at FROM workshop_attempt WHERE person = $1 AND at >= $2")
        .bind(person)
        .bind(since)
        .fetch_optional(pool)
        .await
}

/// Nothing from before now counts for this reader.
pub(crate) async fn start_again(pool: &AnyPool, owner: &Owner, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO workshop_start (reader, at) VALUES ($1, $2) ON CONFLICT (reader) DO UPDATE SET at = excluded.at",
    )
    .bind(owner.to_string())
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}

/// When the reader started again; 0 if never.
pub(crate) async fn started(pool: &AnyPool, owner: &Owner) -> Result<i64, sqlx::Error> {
    let at: Option<i64> = sqlx::query_scalar("SELECT at FROM workshop_start WHERE reader = $1")
        .bind(owner.to_string())
        .fetch_optional(pool)
        .await?;
    Ok(at.unwrap_or(0))
}

/// Deletes what is older.
pub(crate) async fn clean_up(pool: &AnyPool, before: i64) -> Result<(), sqlx::Error> {
    for sql in ["DELETE FROM workshop_attempt WHERE at < $1", "DELETE FROM workshop_start WHERE at < $1"] {
        sqlx::query(sql).bind(before).execute(pool).await?;
    }
    Ok(())
}
