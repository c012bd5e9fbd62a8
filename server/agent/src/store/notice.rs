//! The table `notice`: notices that the list of accounts shows once, to the session in which they arose.

use sqlx::AnyPool;

#[derive(sqlx::FromRow)]
pub(crate) struct Notice {
    id: String,
    pub(crate) text: String,
    /// The page of this site that the person came from.
    pub(crate) back: Option<String>,
}

pub(crate) async fn put(
    pool: &AnyPool,
    id: &str,
    session: &str,
    text: &str,
    back: Option<&str>,
    now: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO notice (id, session, text, back, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(id)
        .bind(session)
        .bind(text)
        .bind(back)
        .bind(now)
        .execute(pool)
        .await?;
    Ok(())
}

/// Takes the newest notice of a session. Only one of several concurrent requests gets it.
pub(crate) async fn take(pool: &AnyPool, session: &str) -> Result<Option<Notice>, sqlx::Error> {
    let newest: Option<Notice> = sqlx::query_as(
        "SELECT id, text, back FROM notice WHERE session = $1 ORDER BY created_at DESC, id DESC LIMIT 1",
    )
    .bind(session)
    .fetch_optional(pool)
    .await?;
    let Some(notice) = newest else { return Ok(None) };
    let done = sqlx::query("DELETE FROM notice WHERE id = $1").bind(&notice.id).execute(pool).await?;
    Ok((done.rows_affected() == 1).then_some(notice))
}

/// Deletes unread notices.
pub(crate) async fn clean_up(pool: &AnyPool, before: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM notice WHERE created_at < $1").bind(before).execute(pool).await?;
    Ok(())
}
