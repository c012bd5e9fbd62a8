//! The table `revoked_token`: individually revoked access tokens. Also determines whether a token is active.

use sqlx::AnyConnection;

/// Revokes a token. `false` if it was already revoked.
pub async fn insert(db: &mut AnyConnection, jti: &str, expires_at: i64) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("INSERT INTO revoked_token (jti, expires_at) VALUES ($1, $2) ON CONFLICT (jti) DO NOTHING")
        .bind(jti)
        .bind(expires_at)
        .execute(db)
        .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether an access token is active: itself, its client, its person, and its grant if it has one (empty: none).
/// The grant may be another client's, on whose behalf this one acts.
pub async fn is_active(
    db: &mut AnyConnection,
    jti: &str,
    client: &str,
    person: &str,
    grant: &str,
) -> Result<bool, sqlx::Error> {
    let active: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM client c, person p
         WHERE c.id = $1 AND c.disabled = 0 AND p.id = $2 AND p.disabled = 0
         AND NOT EXISTS (SELECT 1 FROM revoked_token r WHERE r.jti = $3)
         AND ($4 = '' OR EXISTS (SELECT 1 FROM authorization_grant g
              JOIN client gc ON gc.id = g.client AND gc.disabled = 0
              WHERE g.id = $4 AND g.person = $2 AND g.revoked_at IS NULL))",
    )
    .bind(client)
    .bind(person)
    .bind(jti)
    .bind(grant)
    .fetch_one(db)
    .await?;
    Ok(active == 1)
}

/// Deletes tokens that have expired.
pub async fn clean_up(db: &mut AnyConnection, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM revoked_token WHERE expires_at < $1").bind(now).execute(db).await?;
    Ok(())
}
