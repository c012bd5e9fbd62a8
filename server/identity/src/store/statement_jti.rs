//! The table `statement_jti`: used statements of approval.

use sqlx::AnyConnection;

/// Uses a statement. Of any number of concurrent attempts, exactly one gets `true`. Also deletes those that have
/// expired at `now`.
pub async fn take(
    db: &mut AnyConnection,
    issuer: &str,
    jti: &str,
    expires_at: i64,
    now: i64,
) -> Result<bool, sqlx::Error> {
    sqlx::query("DELETE FROM statement_jti WHERE expires_at < $1").bind(now).execute(&mut *db).await?;
    let taken: Option<String> = sqlx::query_scalar(
        "INSERT INTO statement_jti (issuer, jti, expires_at) VALUES ($1, $2, $3) \
         ON CONFLICT (issuer, jti) DO NOTHING RETURNING jti",
    )
    .bind(issuer)
    .bind(jti)
    .bind(expires_at)
    .fetch_optional(db)
    .await?;
    Ok(taken.is_some())
}
