//! The table `authorization_code`: authorization codes by their hash.

use sqlx::AnyConnection;

/// A code's row.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AuthorizationCode {
    pub id: String,
    pub authorization_grant: String,
    pub client: String,
    pub redirect_uri: String,
    pub code_challenge: String,
    pub nonce: Option<String>,
    pub expires_at: i64,
    pub used_at: Option<i64>,
}

pub async fn insert(db: &mut AnyConnection, code: &AuthorizationCode) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO authorization_code
         (id, authorization_grant, client, redirect_uri, code_challenge, nonce, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&code.id)
    .bind(&code.authorization_grant)
    .bind(&code.client)
    .bind(&code.redirect_uri)
    .bind(&code.code_challenge)
    .bind(&code.nonce)
    .bind(code.expires_at)
    .execute(db)
    .await?;
    Ok(())
}

pub async fn find(db: &mut AnyConnection, id: &str) -> Result<Option<AuthorizationCode>, sqlx::Error> {
    sqlx::query_as(
        "SELECT id, authorization_grant, client, redirect_uri, code_challenge, nonce, expires_at, used_at
         FROM authorization_code WHERE id = $1",
    )
    .bind(id)
    .fetch_optional(db)
    .await
}

/// Marks a code as used. Of any number of concurrent attempts, exactly one gets `true` (THREATS.md line 61).
pub async fn redeem(db: &mut AnyConnection, id: &str, now: i64) -> Result<bool, sqlx::Error> {
    let done =
        sqlx::query("UPDATE authorization_code SET used_at = $1 WHERE id = $2 AND used_at IS NULL AND expires_at > $1")
            .bind(now)
            .bind(id)
            .execute(db)
            .await?;
    Ok(done.rows_affected() == 1)
}

/// Deletes codes that expired before this time.
pub async fn clean_up(db: &mut AnyConnection, before: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM authorization_code WHERE expires_at < $1").bind(before).execute(db).await?;
    Ok(())
}
