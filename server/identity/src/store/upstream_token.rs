//! The table `upstream_token`: cached access tokens of providers.

use sqlx::{Any, Executor};

/// A token of the provider.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Row {
    pub account: String,
    /// The requested scopes, separated by spaces.
    pub scopes: String,
    /// Sealed.
    pub token: String,
    /// The granted scopes.
    pub granted: String,
    pub expires_at: i64,
}

/// The cached token of an account for these scopes, if it is valid beyond `until`.
pub async fn find(
    db: impl Executor<'_, Database = Any>,
    account: &str,
    scopes: &str,
    until: i64,
) -> Result<Option<Row>, sqlx::Error> {
    sqlx::query_as("SELECT * FROM upstream_token WHERE account = $1 AND scopes = $2 AND expires_at > $3")
        .bind(account)
        .bind(scopes)
        .bind(until)
        .fetch_optional(db)
        .await
}

/// Stores a token, and replaces the previous one.
pub async fn put(db: impl Executor<'_, Database = Any>, row: &Row) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO upstream_token (account, scopes, token, granted, expires_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (account, scopes) DO UPDATE SET token = excluded.token, granted = excluded.granted, \
         expires_at = excluded.expires_at",
    )
    .bind(&row.account)
    .bind(&row.scopes)
    .bind(&row.token)
    .bind(&row.granted)
    .bind(row.expires_at)
    .execute(db)
    .await?;
    Ok(())
}

/// Deletes an account's tokens.
pub async fn delete_of(db: impl Executor<'_, Database = Any>, account: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM upstream_token WHERE account = $1").bind(account).execute(db).await?;
    Ok(())
}
