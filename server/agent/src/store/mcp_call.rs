//! The table `mcp_call`: which apps called `/mcp` for a person, and which tools answered them.

use sqlx::AnyPool;

/// A call to store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) subject: &'a str,
    pub(crate) client: &'a str,
    /// The tool that answered. Empty: any request that was let in.
    pub(crate) tool: &'a str,
    /// The app's own name, if the request has it.
    pub(crate) name: Option<&'a str>,
}

/// The stored row of an app's calls.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct Row {
    pub(crate) client: String,
    pub(crate) name: Option<String>,
    pub(crate) first_at: i64,
    pub(crate) last_at: i64,
}

/// Keeps the time of a call, and of the first one.
pub(crate) async fn keep(pool: &AnyPool, call: Call<'_>, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO mcp_call (subject, client, tool, name, first_at, last_at) VALUES ($1, $2, $3, $4, $5, $5)
         ON CONFLICT (subject, client, tool)
         DO UPDATE SET last_at = excluded.last_at, name = COALESCE(excluded.name, mcp_call.name)",
    )
    .bind(call.subject)
    .bind(call.client)
    .bind(call.tool)
    .bind(call.name)
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}

/// The app of this person that called last, at or after `since`: any request, or a tool.
pub(crate) async fn last(pool: &AnyPool, subject: &str, tool: &str, since: i64) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as(
        "SELECT client, name, first_at, last_at FROM mcp_call
         WHERE subject = $1 AND tool = $2 AND last_at >= $3 ORDER BY last_at DESC, client LIMIT 1",
    )
    .bind(subject)
    .bind(tool)
    .bind(since)
    .fetch_optional(pool)
    .await
}

/// Deletes rows whose last call was before a time.
pub(crate) async fn clean_up(pool: &AnyPool, before: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM mcp_call WHERE last_at < $1").bind(before).execute(pool).await?;
    Ok(())
}

/// An app's own name.
pub(crate) async fn name(pool: &AnyPool, subject: &str, client: &str) -> Result<Option<String>, sqlx::Error> {
    let sql = "SELECT name FROM mcp_call WHERE subject = $1 AND client = $2 AND tool = ''";
    let found: Option<Option<String>> = sqlx::query_scalar(sql).bind(subject).bind(client).fetch_optional(pool).await?;
    Ok(found.flatten())
}

/// The app that used a tool last, at or after `since`, unless it calls itself `own`.
pub(crate) async fn tools_of_others(
    pool: &AnyPool,
    subject: &str,
    own: &str,
    since: i64,
) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as(
        "SELECT used.client, app.name, used.first_at, used.last_at FROM mcp_call used
             JOIN mcp_call app ON app.subject = used.subject AND app.client = used.client AND app.tool = ''
         WHERE used.subject = $1 AND used.tool <> '' AND used.last_at >= $3 AND COALESCE(app.name, '') <> $2
         ORDER BY used.last_at DESC, used.client LIMIT 1",
    )
    .bind(subject)
    .bind(own)
    .bind(since)
    .fetch_optional(pool)
    .await
}

/// The person's apps, the last ones first, at most twenty.
pub(crate) async fn apps(pool: &AnyPool, subject: &str) -> Result<Vec<Row>, sqlx::Error> {
    sqlx::query_as(
        "SELECT client, name, first_at, last_at FROM mcp_call
         WHERE subject = $1 AND tool = '' ORDER BY last_at DESC, client LIMIT 20",
    )
    .bind(subject)
    .fetch_all(pool)
    .await
}
