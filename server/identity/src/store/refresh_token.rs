//! The table `refresh_token`: refresh tokens by their hash.

use sqlx::AnyConnection;

/// A refresh token's row.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub id: String,
    pub authorization_grant: String,
    pub client: String,
    pub used_at: i64,
    pub rotated_at: Option<i64>,
    /// The token that replaced it, sealed.
    pub successor: Option<String>,
}

pub async fn insert(db: &mut AnyConnection, id: &str, grant: &str, client: &str, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO refresh_token (id, authorization_grant, client, created_at, used_at) VALUES ($1, $2, $3, $4, $4)",
    )
    .bind(id)
    .bind(grant)
    .bind(client)
    .bind(now)
    .execute(db)
    .await?;
    Ok(())
}

pub async fn find(db: &mut AnyConnection, id: &str) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, authorization_grant, client, used_at, rotated_at, successor FROM refresh_token WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

/// Records the use of a token, which restarts its idle time.
pub async fn touch(db: &mut AnyConnection, id: &str, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE refresh_token SET used_at = $1 WHERE id = $2 AND used_at < $1")
        .bind(now)
        .bind(id)
        .execute(db)
        .await?;
    Ok(())
}

/// The replacement of a rotated token: its hash, and the token itself, sealed.
#[derive(Clone, Copy, Debug)]
pub struct Successor<'a> {
    pub id: &'a str,
    pub sealed: &'a str,
}

/// Rotates a token. Of any number of concurrent attempts, exactly one gets `true`.
pub async fn rotate(db: &mut AnyConnection, id: &str, next: Successor<'_>, now: i64) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE refresh_token SET rotated_at = $1, successor_id = $2, successor = $3
         WHERE id = $4 AND rotated_at IS NULL",
    )
    .bind(now)
    .bind(next.id)
    .bind(next.sealed)
    .bind(id)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Counts another answer with the successor of a token. `false` if the token was rotated before `since`, was already
/// answered `most` times, or its successor was used.
pub async fn repeat(db: &mut AnyConnection, id: &str, since: i64, most: i64) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE refresh_token SET repeated = repeated + 1
         WHERE id = $1 AND rotated_at > $2 AND repeated < $3
         AND EXISTS (SELECT 1 FROM refresh_token s WHERE s.id = refresh_token.successor_id AND s.rotated_at IS NULL)",
    )
    .bind(id)
    .bind(since)
    .bind(most)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes tokens that were last used before this time.
pub async fn clean_up(db: &mut AnyConnection, before: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM refresh_token WHERE used_at < $1").bind(before).execute(db).await?;
    Ok(())
}
