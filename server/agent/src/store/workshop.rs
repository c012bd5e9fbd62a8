//! Reads a workshop reader's progress from all tables, and keeps their attempts and the time of their last restart.

use sqlx::AnyPool;

use super::approval::Approval;
use crate::thread::owner::Owner;

/// A turn in a chat without tools.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct BareTurn {
    pub(crate) thread: String,
    pub(crate) at: i64,
    pub(crate) state: String,
}

/// The newest turn in a chat without tools that was answered, or if there is none, the newest.
pub(crate) async fn bare_turn(pool: &AnyPool, owner: &Owner, since: i64) -> Result<Option<BareTurn>, sqlx::Error> {
    let (person, visitor) = owner.ids();
    sqlx::query_as(
        "SELECT turn.thread, message.created_at AS at, turn.state FROM turn
             JOIN message ON message.id = turn.message
             JOIN thread ON thread.id = turn.thread
             JOIN bare_chat ON bare_chat.visitor = thread.visitor AND bare_chat.key = thread.key
         WHERE message.created_at >= $3
             AND thread.visitor IN (SELECT id FROM visitor WHERE person = $1 OR (id = $2 AND person IS NULL))
         ORDER BY CASE WHEN turn.state = 'done' THEN 0 ELSE 1 END, message.created_at DESC LIMIT 1",
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

/// The person's approvals in the chat, the newest first, at most twenty.
pub(crate) async fn approvals(pool: &AnyPool, person: &str, since: i64) -> Result<Vec<Approval>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM approval WHERE person = $1 AND asked_at >= $2 ORDER BY asked_at DESC LIMIT 20")
        .bind(person)
        .bind(since)
        .fetch_all(pool)
        .await
}

/// A person's attempt at something that must fail.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Attempt {
    pub(crate) what: String,
    /// Whether it failed, as it must.
    pub(crate) held: i64,
    /// JSON.
    pub(crate) answers: String,
    pub(crate) at: i64,
}

/// Keeps the answers to an attempt, in the place of an earlier one of its kind.
pub(crate) async fn attempted(pool: &AnyPool, person: &str, tried: &Attempt) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO workshop_answers (person, what, held, answers, at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (person, what) DO UPDATE SET held = excluded.held, answers = excluded.answers,
             at = excluded.at",
    )
    .bind(person)
    .bind(&tried.what)
    .bind(tried.held)
    .bind(&tried.answers)
    .bind(tried.at)
    .execute(pool)
    .await?;
    Ok(())
}

/// The person's attempts, one of each kind.
pub(crate) async fn attempts(pool: &AnyPool, person: &str, since: i64) -> Result<Vec<Attempt>, sqlx::Error> {
    sqlx::query_as("SELECT what, held, answers, at FROM workshop_answers WHERE person = $1 AND at >= $2")
        .bind(person)
        .bind(since)
        .fetch_all(pool)
        .await
}

/// Stores that only later rows count for this reader.
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

/// The time from which rows count for the reader; 0 if they never started again.
pub(crate) async fn started(pool: &AnyPool, owner: &Owner) -> Result<i64, sqlx::Error> {
    let at: Option<i64> = sqlx::query_scalar("SELECT at FROM workshop_start WHERE reader = $1")
        .bind(owner.to_string())
        .fetch_optional(pool)
        .await?;
    Ok(at.unwrap_or(0))
}

/// Deletes attempts and restarts from before a time.
pub(crate) async fn clean_up(pool: &AnyPool, before: i64) -> Result<(), sqlx::Error> {
    for sql in ["DELETE FROM workshop_answers WHERE at < $1", "DELETE FROM workshop_start WHERE at < $1"] {
        sqlx::query(sql).bind(before).execute(pool).await?;
    }
    Ok(())
}
