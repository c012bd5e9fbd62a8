//! The table `configuration`: the digest of the configuration that instances agree on.

use sqlx::AnyConnection;

/// How an instance's configuration compares with the stored one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreed {
    /// It is the stored configuration.
    Same,
    /// It replaced the stored one, or is the first.
    New,
    /// Another configuration is stored, and stays.
    Other,
}

/// Compares this configuration with the stored one, and replaces it if it `may`.
pub async fn agree(db: &mut AnyConnection, digest: &str, may: bool, now: i64) -> Result<Agreed, sqlx::Error> {
    if is_there(&mut *db, "SELECT COUNT(*) FROM configuration WHERE digest = $1", digest).await? {
        return Ok(Agreed::Same);
    }
    let done = sqlx::query(
        "INSERT INTO configuration (slot, digest, applied_at) VALUES ('current', $1, $2)
         ON CONFLICT (slot) DO UPDATE SET digest = excluded.digest, applied_at = excluded.applied_at
         WHERE configuration.digest = excluded.digest OR $3 = 1",
    )
    .bind(digest)
    .bind(now)
    .bind(i64::from(may))
    .execute(db)
    .await?;
    Ok(if done.rows_affected() == 1 { Agreed::New } else { Agreed::Other })
}

/// Whether this configuration is the stored one, or none is stored.
pub async fn is_agreed(db: &mut AnyConnection, digest: &str) -> Result<bool, sqlx::Error> {
    Ok(!is_there(db, "SELECT COUNT(*) FROM configuration WHERE digest <> $1", digest).await?)
}

async fn is_there(db: &mut AnyConnection, sql: &'static str, digest: &str) -> Result<bool, sqlx::Error> {
    let count: i64 = sqlx::query_scalar(sql).bind(digest).fetch_one(db).await?;
    Ok(count > 0)
}
