//! The table `once`: one-time values, sealed, under the hash of their token.

use sqlx::{AnyConnection, AnyPool};

/// Which value: only its holder (a session, a client) reads it, and only as the kind that it was stored as.
#[derive(Clone, Copy)]
pub(crate) struct Key<'a> {
    /// The token's hash.
    pub(crate) id: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) holder: &'a str,
}

pub(crate) async fn insert(
    db: &mut AnyConnection,
    key: Key<'_>,
    value: &str,
    expires_at: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO once (id, kind, holder, value, expires_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(key.id)
        .bind(key.kind)
        .bind(key.holder)
        .bind(value)
        .bind(expires_at)
        .execute(db)
        .await?;
    Ok(())
}

/// Deletes an unexpired value and returns it: exactly one of several concurrent attempts gets it.
pub(crate) async fn take(db: &mut AnyConnection, key: Key<'_>, now: i64) -> Result<Option<String>, sqlx::Error> {
    let sql = "DELETE FROM once WHERE id = $1 AND kind = $2 AND holder = $3 AND expires_at > $4 RETURNING value";
    read(db, sql, key, now).await
}

pub(crate) async fn look(db: &mut AnyConnection, key: Key<'_>, now: i64) -> Result<Option<String>, sqlx::Error> {
    let sql = "SELECT value FROM once WHERE id = $1 AND kind = $2 AND holder = $3 AND expires_at > $4";
    read(db, sql, key, now).await
}

async fn read(
    db: &mut AnyConnection,
    sql: &'static str,
    key: Key<'_>,
    now: i64,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar(sql).bind(key.id).bind(key.kind).bind(key.holder).bind(now).fetch_optional(db).await
}

pub(crate) async fn hand_over(db: &mut AnyConnection, key: Key<'_>, next: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE once SET holder = $1 WHERE id = $2 AND kind = $3 AND holder = $4")
        .bind(next)
        .bind(key.id)
        .bind(key.kind)
        .bind(key.holder)
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn remove_expired(pool: &AnyPool, now: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM once WHERE expires_at <= $1").bind(now).execute(pool).await?;
    Ok(())
}
