//! The table `price`: past prices, thinned with age.

use sqlx::{AnyConnection, AnyExecutor};

#[derive(Clone, Copy, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct PriceRow {
    pub(crate) at: i64,
    pub(crate) value: i64,
}

pub(crate) async fn insert(db: &mut AnyConnection, symbol: &str, row: PriceRow, level: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO price (symbol, at, value, level) VALUES ($1, $2, $3, $4)
         ON CONFLICT (symbol, at) DO UPDATE SET value = $3",
    )
    .bind(symbol)
    .bind(row.at)
    .bind(row.value)
    .bind(level)
    .execute(db)
    .await?;
    Ok(())
}

/// The oldest price that is kept.
pub(crate) async fn oldest(db: impl AnyExecutor<'_>, symbol: &str) -> Result<Option<PriceRow>, sqlx::Error> {
    sqlx::query_as("SELECT at, value FROM price WHERE symbol = $1 ORDER BY at LIMIT 1")
        .bind(symbol)
        .fetch_optional(db)
        .await
}

/// A stock's prices since `from`, of this level or above, oldest first.
pub(crate) async fn since(
    db: impl AnyExecutor<'_>,
    symbol: &str,
    from: i64,
    level: i64,
) -> Result<Vec<PriceRow>, sqlx::Error> {
    sqlx::query_as("SELECT at, value FROM price WHERE symbol = $1 AND at >= $2 AND level >= $3 ORDER BY at")
        .bind(symbol)
        .bind(from)
        .bind(level)
        .fetch_all(db)
        .await
}

/// Deletes the prices of a level from before `before`.
pub(crate) async fn drop_older(db: impl AnyExecutor<'_>, level: i64, before: i64) -> Result<u64, sqlx::Error> {
    let done =
        sqlx::query("DELETE FROM price WHERE level = $1 AND at < $2").bind(level).bind(before).execute(db).await?;
    Ok(done.rows_affected())
}
