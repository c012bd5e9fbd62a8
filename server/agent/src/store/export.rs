//! All rows of a person, for themselves: what they export, and what must end before they delete it.

use sqlx::AnyPool;

/// How many events are read at once.
const PAGE: i64 = 500;

/// The person's threads, newest first: also those whose deletion can be undone, which are kept until then.
pub(crate) async fn threads(pool: &AnyPool, person: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT id FROM thread WHERE visitor IN (SELECT id FROM visitor WHERE person = $1)
         ORDER BY updated_at DESC, id",
    )
    .bind(person)
    .fetch_all(pool)
    .await
}

#[derive(sqlx::FromRow)]
pub(crate) struct Thread {
    pub(crate) title: String,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) leaf: Option<String>,
    pub(crate) deleted_at: Option<i64>,
}

pub(crate) async fn thread(pool: &AnyPool, id: &str) -> Result<Option<Thread>, sqlx::Error> {
    let sql = "SELECT title, created_at, updated_at, leaf, deleted_at FROM thread WHERE id = $1";
    sqlx::query_as(sql).bind(id).fetch_optional(pool).await
}

#[derive(sqlx::FromRow)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) text: String,
    pub(crate) created_at: i64,
}

pub(crate) async fn messages(pool: &AnyPool, thread: &str) -> Result<Vec<Message>, sqlx::Error> {
    let sql = "SELECT id, text, created_at FROM message WHERE thread = $1 ORDER BY created_at, id";
    sqlx::query_as(sql).bind(thread).fetch_all(pool).await
}

#[derive(sqlx::FromRow)]
pub(crate) struct Turn {
    pub(crate) id: String,
    pub(crate) message: String,
    pub(crate) parent: Option<String>,
    pub(crate) state: String,
}

pub(crate) async fn turns(pool: &AnyPool, thread: &str) -> Result<Vec<Turn>, sqlx::Error> {
    let sql = "SELECT id, message, parent, state FROM turn WHERE thread = $1 ORDER BY seq";
    sqlx::query_as(sql).bind(thread).fetch_all(pool).await
}

#[derive(sqlx::FromRow)]
pub(crate) struct Event {
    pub(crate) seq: i64,
    pub(crate) at: i64,
    pub(crate) kind: String,
    pub(crate) hidden: i64,
}

/// A page of a thread's events, those of all its branches.
pub(crate) async fn events(pool: &AnyPool, thread: &str, after: i64) -> Result<Vec<Event>, sqlx::Error> {
    let sql = "SELECT seq, at, kind, hidden FROM event WHERE thread = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    sqlx::query_as(sql).bind(thread).bind(after).bind(PAGE).fetch_all(pool).await
}

#[derive(sqlx::FromRow)]
pub(crate) struct Approval {
    pub(crate) prepared: String,
    pub(crate) code: String,
    pub(crate) txn: Option<String>,
    pub(crate) asked_at: i64,
    pub(crate) state: String,
    pub(crate) result: Option<String>,
    pub(crate) ended_at: Option<i64>,
    pub(crate) client: Option<String>,
}

/// The requests for the person's approval, in the chat and at /mcp, without their tokens.
pub(crate) async fn approvals(pool: &AnyPool, person: &str, subject: &str) -> Result<Vec<Approval>, sqlx::Error> {
    sqlx::query_as(
        "SELECT prepared, code, txn, asked_at, state, result, ended_at, client FROM approval
         WHERE person = $1 OR subject = $2 ORDER BY asked_at, id",
    )
    .bind(person)
    .bind(subject)
    .fetch_all(pool)
    .await
}

/// The requests that aren't over: id and state.
pub(crate) async fn open(pool: &AnyPool, person: &str, subject: &str) -> Result<Vec<(String, String)>, sqlx::Error> {
    sqlx::query_as("SELECT id, state FROM approval WHERE (person = $1 OR subject = $2) AND ended_at IS NULL")
        .bind(person)
        .bind(subject)
        .fetch_all(pool)
        .await
}
