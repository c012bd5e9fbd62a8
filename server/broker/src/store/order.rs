//! The table `orders`.

use sqlx::{AnyConnection, AnyExecutor};

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct OrderRow {
    pub(crate) id: String,
    pub(crate) account: String,
    /// Counts the account's orders.
    pub(crate) number: i64,
    pub(crate) symbol: String,
    pub(crate) side: String,
    pub(crate) quantity: i64,
    pub(crate) limit_price: Option<i64>,
    pub(crate) price: i64,
    pub(crate) status: String,
    pub(crate) reason: Option<String>,
    pub(crate) placed_by: String,
    pub(crate) agent_name: Option<String>,
    pub(crate) asked_by: Option<String>,
    pub(crate) approval_issuer: Option<String>,
    pub(crate) txn: Option<String>,
    pub(crate) code: Option<String>,
    pub(crate) approved_at: Option<i64>,
    pub(crate) key: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

/// Stores a new order, unless its approval (issuer, txn) or its key has placed one. Returns whether it was stored.
pub(crate) async fn insert(db: &mut AnyConnection, row: &OrderRow) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO orders (id, account, number, symbol, side, quantity, limit_price, price, status, reason,
             placed_by, agent_name, asked_by, approval_issuer, txn, code, approved_at, key, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
         ON CONFLICT DO NOTHING",
    )
    .bind(&row.id)
    .bind(&row.account)
    .bind(row.number)
    .bind(&row.symbol)
    .bind(&row.side)
    .bind(row.quantity)
    .bind(row.limit_price)
    .bind(row.price)
    .bind(&row.status)
    .bind(&row.reason)
    .bind(&row.placed_by)
    .bind(&row.agent_name)
    .bind(&row.asked_by)
    .bind(&row.approval_issuer)
    .bind(&row.txn)
    .bind(&row.code)
    .bind(row.approved_at)
    .bind(&row.key)
    .bind(row.created_at)
    .bind(row.updated_at)
    .execute(db)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Stores what became of an order in the transaction that inserted it.
pub(crate) async fn settle(
    db: &mut AnyConnection,
    id: &str,
    status: &str,
    price: i64,
    reason: Option<&str>,
) -> Result<OrderRow, sqlx::Error> {
    sqlx::query_as(
        "UPDATE orders SET status = $2, price = $3, reason = $4 WHERE id = $1
         RETURNING *",
    )
    .bind(id)
    .bind(status)
    .bind(price)
    .bind(reason)
    .fetch_one(db)
    .await
}

/// Cancels an account's order while it waits. `None` where it doesn't.
pub(crate) async fn cancel(
    db: impl AnyExecutor<'_>,
    account: &str,
    id: &str,
    now: i64,
) -> Result<Option<OrderRow>, sqlx::Error> {
    sqlx::query_as(
        "UPDATE orders SET status = 'CANCELLED', updated_at = $3 WHERE id = $1 AND account = $2 AND status = 'PENDING'
         RETURNING *",
    )
    .bind(id)
    .bind(account)
    .bind(now)
    .fetch_optional(db)
    .await
}

/// An account's order; another's is `None`, as if it did not exist.
pub(crate) async fn find(db: impl AnyExecutor<'_>, account: &str, id: &str) -> Result<Option<OrderRow>, sqlx::Error> {
    one(db, "SELECT * FROM orders WHERE account = $1 AND id = $2", account, id).await
}

/// The order that an approval has placed, whoever's it is.
pub(crate) async fn of_approval(
    db: impl AnyExecutor<'_>,
    issuer: &str,
    txn: &str,
) -> Result<Option<OrderRow>, sqlx::Error> {
    one(db, "SELECT * FROM orders WHERE approval_issuer = $1 AND txn = $2", issuer, txn).await
}

/// The order that a review by hand has placed.
pub(crate) async fn of_key(
    db: impl AnyExecutor<'_>,
    account: &str,
    key: &str,
) -> Result<Option<OrderRow>, sqlx::Error> {
    one(db, "SELECT * FROM orders WHERE account = $1 AND key = $2", account, key).await
}

async fn one(
    db: impl AnyExecutor<'_>,
    sql: &'static str,
    first: &str,
    second: &str,
) -> Result<Option<OrderRow>, sqlx::Error> {
    sqlx::query_as(sql).bind(first).bind(second).fetch_optional(db).await
}

/// An account's orders, the newest first; those of one approval where `txn` says so.
pub(crate) async fn list(
    db: impl AnyExecutor<'_>,
    account: &str,
    txn: Option<&str>,
    most: i64,
) -> Result<Vec<OrderRow>, sqlx::Error> {
    sqlx::query_as(
        "SELECT * FROM orders WHERE account = $1 AND (CAST($2 AS TEXT) IS NULL OR txn = $2) ORDER BY number DESC LIMIT $3",
    )
    .bind(account)
    .bind(txn)
    .bind(most)
    .fetch_all(db)
    .await
}
