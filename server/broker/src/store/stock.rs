//! The table `stock`: current prices.

use sqlx::{AnyConnection, AnyExecutor};

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct StockRow {
    pub(crate) symbol: String,
    pub(crate) price: i64,
    /// The price at the start of the day of `updated_at`.
    pub(crate) open: i64,
    pub(crate) tick: i64,
    pub(crate) updated_at: i64,
}

pub(crate) async fn all(db: impl AnyExecutor<'_>) -> Result<Vec<StockRow>, sqlx::Error> {
    sqlx::query_as("SELECT symbol, price, open, tick, updated_at FROM stock ORDER BY symbol").fetch_all(db).await
}

pub(crate) async fn find(db: impl AnyExecutor<'_>, symbol: &str) -> Result<Option<StockRow>, sqlx::Error> {
    sqlx::query_as("SELECT symbol, price, open, tick, updated_at FROM stock WHERE symbol = $1")
        .bind(symbol)
        .fetch_optional(db)
        .await
}

/// Lists a new stock. Returns whether it was new.
pub(crate) async fn list(db: &mut AnyConnection, symbol: &str, price: i64, now: i64) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO stock (symbol, price, open, tick, updated_at) VALUES ($1, $2, $2, 0, $3)
         ON CONFLICT (symbol) DO NOTHING",
    )
    .bind(symbol)
    .bind(price)
    .bind(now)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores the next price, unless another process has already moved the stock past `row.tick - 1`.
pub(crate) async fn advance(db: &mut AnyConnection, row: &StockRow) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE stock SET price = $1, open = $2, tick = $3, updated_at = $4 WHERE symbol = $5 AND tick = $3 - 1",
    )
    .bind(row.price)
    .bind(row.open)
    .bind(row.tick)
    .bind(row.updated_at)
    .bind(&row.symbol)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
