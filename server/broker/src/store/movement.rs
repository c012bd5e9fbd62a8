//! The table `movement`: every change to an account. Their sums are the account's cash and shares.

use foundation::secret;
use sqlx::{AnyConnection, AnyExecutor};

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct MovementRow {
    pub(crate) at: i64,
    pub(crate) cash: i64,
    pub(crate) symbol: Option<String>,
    pub(crate) shares: i64,
}

pub(crate) async fn insert(
    db: &mut AnyConnection,
    account: &str,
    order: Option<&str>,
    row: &MovementRow,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO movement (id, account, order_id, at, cash, symbol, shares) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(secret::id("mov_"))
    .bind(account)
    .bind(order)
    .bind(row.at)
    .bind(row.cash)
    .bind(&row.symbol)
    .bind(row.shares)
    .execute(db)
    .await?;
    Ok(())
}

/// An account's movements, oldest first.
pub(crate) async fn of_account(db: impl AnyExecutor<'_>, account: &str) -> Result<Vec<MovementRow>, sqlx::Error> {
    sqlx::query_as("SELECT at, cash, symbol, shares FROM movement WHERE account = $1 ORDER BY at, id")
        .bind(account)
        .fetch_all(db)
        .await
}
