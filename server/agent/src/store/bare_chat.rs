//! The table `bare_chat`: chats of the workshop in which the model gets no tools and no name. A row is written before
//! its chat, which is found by the key that opens it.

use sqlx::AnyPool;

pub(crate) async fn put(pool: &AnyPool, visitor: &str, key: &str, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO bare_chat (visitor, key, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(visitor)
        .bind(key)
        .bind(now)
        .execute(pool)
        .await?;
    Ok(())
}

pub(crate) async fn is_bare(pool: &AnyPool, thread: &str) -> Result<bool, sqlx::Error> {
    let found: Option<String> = sqlx::query_scalar(
        "SELECT thread.id FROM thread JOIN bare_chat ON bare_chat.visitor = thread.visitor AND bare_chat.key = thread.key
         WHERE thread.id = $1",
    )
    .bind(thread)
    .fetch_optional(pool)
    .await?;
    Ok(found.is_some())
}

/// Deletes rows from before a time whose chat doesn't exist (any more).
pub(crate) async fn clean_up(pool: &AnyPool, before: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM bare_chat WHERE created_at < $1 AND NOT EXISTS (
             SELECT 1 FROM thread WHERE thread.visitor = bare_chat.visitor AND thread.key = bare_chat.key)",
    )
    .bind(before)
    .execute(pool)
    .await?;
    Ok(())
}
