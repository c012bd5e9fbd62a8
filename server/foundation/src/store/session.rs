//! The table `session`: the sessions of browsers, in every instance.
//!
//! `person`, `visitor` and `created_at` repeat parts of the sealed `data`, for statements over many rows. `id_token` is
//! the sealed hint for logout at the provider. It is written with the row and never changed.

use sqlx::{AnyConnection, AnyPool};

/// A new session.
pub(crate) struct New<'a> {
    /// The hash of the cookie's value.
    pub(crate) id: &'a str,
    pub(crate) person: Option<&'a str>,
    pub(crate) visitor: &'a str,
    pub(crate) data: &'a str,
    pub(crate) id_token: Option<&'a str>,
    pub(crate) now: i64,
}

/// A session has ended if its last request or its start is at or before these times.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    pub(crate) seen: i64,
    /// The last request, for sessions in which nobody is logged in.
    pub(crate) visitor_seen: i64,
    pub(crate) began: i64,
}

#[derive(sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) data: String,
    pub(crate) seen_at: i64,
}

pub(crate) async fn insert(db: &mut AnyConnection, new: &New<'_>) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO session (id, person, visitor, data, id_token, created_at, seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6)",
    )
    .bind(new.id)
    .bind(new.person)
    .bind(new.visitor)
    .bind(new.data)
    .bind(new.id_token)
    .bind(new.now)
    .execute(db)
    .await?;
    Ok(())
}

/// Updates a session's data if the session still exists. An upsert would undo a logout.
pub(crate) async fn save(pool: &AnyPool, id: &str, data: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE session SET data = $1 WHERE id = $2").bind(data).bind(id).execute(pool).await?;
    Ok(())
}

/// The session, unless it has ended.
pub(crate) async fn find(pool: &AnyPool, id: &str, ends: Ends) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as(
        "SELECT data, seen_at FROM session WHERE id = $1 AND seen_at > $2 AND created_at > $3
             AND (person IS NOT NULL OR seen_at > $4)",
    )
    .bind(id)
    .bind(ends.seen)
    .bind(ends.began)
    .bind(ends.visitor_seen)
    .fetch_optional(pool)
    .await
}

/// The tag of the language that the session's person chose, unless the session has ended. For the sites with a table
/// `person`.
pub(crate) async fn language(pool: &AnyPool, id: &str, ends: Ends) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT person.lang FROM session JOIN person ON person.id = session.person
         WHERE session.id = $1 AND session.seen_at > $2 AND session.created_at > $3 AND person.lang IS NOT NULL",
    )
    .bind(id)
    .bind(ends.seen)
    .bind(ends.began)
    .fetch_optional(pool)
    .await
}

pub(crate) async fn touch(pool: &AnyPool, id: &str, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE session SET seen_at = $1 WHERE id = $2").bind(now).bind(id).execute(pool).await?;
    Ok(())
}

/// The sealed ID token of the session's login.
pub(crate) async fn id_token(pool: &AnyPool, id: &str) -> Result<Option<String>, sqlx::Error> {
    let found: Option<Option<String>> =
        sqlx::query_scalar("SELECT id_token FROM session WHERE id = $1").bind(id).fetch_optional(pool).await?;
    Ok(found.flatten())
}

/// Ends a session. `false` if it had already ended.
pub(crate) async fn delete(db: &mut AnyConnection, id: &str) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("DELETE FROM session WHERE id = $1").bind(id).execute(db).await?;
    Ok(done.rows_affected() == 1)
}

/// Ends all sessions of a person; returns how many.
pub(crate) async fn delete_of_person(db: &mut AnyConnection, person: &str) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM session WHERE person = $1").bind(person).execute(db).await?;
    Ok(done.rows_affected())
}

/// Ends all sessions of a visitor in which nobody is logged in, and returns their ids.
pub(crate) async fn delete_of_visitor(db: &mut AnyConnection, visitor: &str) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("DELETE FROM session WHERE visitor = $1 AND person IS NULL RETURNING id")
        .bind(visitor)
        .fetch_all(db)
        .await
}

/// Deletes sessions that have expired.
pub(crate) async fn clean_up(pool: &AnyPool, ends: Ends) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM session WHERE seen_at <= $1 OR created_at <= $2 OR (seen_at <= $3 AND person IS NULL)")
        .bind(ends.seen)
        .bind(ends.began)
        .bind(ends.visitor_seen)
        .execute(pool)
        .await?;
    Ok(())
}
