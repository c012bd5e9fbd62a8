//! The table `holding`: an account's shares and their cost.

use sqlx::{AnyConnection, AnyExecutor};

/// An account's cash with one of its holdings, or with none.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(crate) struct PositionRow {
    pub(crate) cash: i64,
    pub(crate) symbol: Option<String>,
    pub(crate) shares: Option<i64>,
    pub(crate) cost: Option<i64>,
    pub(crate) price: Option<i64>,
}

/// Cash, holdings and prices at one moment, read by one statement. Returns a row for each holding, or a single row with
/// only the cash.
pub(crate) async fn positions(db: impl AnyExecutor<'_>, account: &str) -> Result<Vec<PositionRow>, sqlx::Error> {
    sqlx::query_as(
        "SELECT account.cash AS cash, holding.symbol AS symbol, holding.shares AS shares, holding.cost AS cost,
             stock.price AS price
         FROM account
         LEFT JOIN holding ON holding.account = account.id AND holding.shares > 0
         LEFT JOIN stock ON stock.symbol = holding.symbol
         WHERE account.id = $1
         ORDER BY holding.symbol",
    )
    .bind(account)
    .fetch_all(db)
    .await
}

pub(crate) async fn shares(db: impl AnyExecutor<'_>, account: &str, symbol: &str) -> Result<i64, sqlx::Error> {
    let shares = sqlx::query_scalar("SELECT shares FROM holding WHERE account = $1 AND symbol = $2")
        .bind(account)
        .bind(symbol)
        .fetch_optional(db)
        .await?;
    Ok(shares.unwrap_or(0))
}

pub(crate) async fn give(
    db: &mut AnyConnection,
    account: &str,
    symbol: &str,
    shares: i64,
    cost: i64,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO holding (account, symbol, shares, cost) VALUES ($1, $2, $3, $4)
         ON CONFLICT (account, symbol) DO UPDATE SET shares = holding.shares + $3, cost = holding.cost + $4",
    )
    .bind(account)
    .bind(symbol)
    .bind(shares)
    .bind(cost)
    .execute(db)
    .await?;
    Ok(())
}

/// Takes shares with their part of the cost. Returns whether there were enough.
pub(crate) async fn take(
    db: &mut AnyConnection,
    account: &str,
    symbol: &str,
    shares: i64,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE holding SET shares = shares - $3, cost = cost - cost * $3 / shares
         WHERE account = $1 AND symbol = $2 AND shares >= $3",
    )
    .bind(account)
    .bind(symbol)
    .bind(shares)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}
