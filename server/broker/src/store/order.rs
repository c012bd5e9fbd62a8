//! The table `orders`: orders with their outcome and, if an agent placed them, their approval.

use sqlx::{AnyConnection, AnyExecutor};

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct OrderRow {
    pub(crate) id: String,
    pub(crate) account: String,
    /// The order's sequence number within its account.
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
    /// The approval of its cancellation.
    pub(crate) cancelled_txn: Option<String>,
}

/// Stores a new order, unless its approval (issuer, txn) or key already placed one. Returns whether it was stored.
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

/// Stores the outcome of an order, in the transaction that inserted it.
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

/// Cancels an account's pending order. `None` if it isn't pending.
pub(crate) async fn cancel(
    db: impl AnyExecutor<'_>,
    account: &str,
    id: &str,
    txn: Option<&str>,
    now: i64,
) -> Result<Option<OrderRow>, sqlx::Error> {
    sqlx::query_as(
        "UPDATE orders SET status = 'CANCELLED', updated_at = $3, cancelled_txn = $4
         WHERE id = $1 AND account = $2 AND status = 'PENDING' RETURNING *",
    )
    .bind(id)
    .bind(account)
    .bind(now)
    .bind(txn)
    .fetch_optional(db)
    .await
}

/// An account's order. `None` for another account's, as if it didn't exist.
pub(crate) async fn find(db: impl AnyExecutor<'_>, account: &str, id: &str) -> Result<Option<OrderRow>, sqlx::Error> {
    one(db, "SELECT * FROM orders WHERE account = $1 AND id = $2", account, id).await
}

/// The order that an approval placed, in any account.
pub(crate) async fn of_approval(
    db: impl AnyExecutor<'_>,
    issuer: &str,
    txn: &str,
) -> Result<Option<OrderRow>, sqlx::Error> {
    one(db, "SELECT * FROM orders WHERE approval_issuer = $1 AND txn = $2", issuer, txn).await
}

/// The order that a manual review placed.
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

/// An account's orders, newest first, optionally only those of one approval.
pub(crate) async fn list(
    db: impl AnyExecutor<'_>,
    account: &str,
    txn: Option<&str>,
    most: i64,
) -> Result<Vec<OrderRow>, sqlx::Error> {
    // Two statements, because `$2 IS NULL OR txn = $2` can't use the index over `txn`.
    match txn {
        None => sqlx::query_as(OF_ACCOUNT).bind(account).bind(most),
        Some(txn) => sqlx::query_as(OF_TXN).bind(account).bind(most).bind(txn),
    }
    .fetch_all(db)
    .await
}

const OF_ACCOUNT: &str = "SELECT * FROM orders WHERE account = $1 ORDER BY number DESC LIMIT $2";
const OF_TXN: &str = "SELECT * FROM orders WHERE account = $1 AND txn = $3 ORDER BY number DESC LIMIT $2";

#[cfg(test)]
mod tests {
    use foundation::db::Db;
    use sqlx::AssertSqlSafe;

    use super::*;

    /// A database with one account and 20,000 orders.
    async fn filled(folder: &std::path::Path) -> Db {
        let place = driver::database::empty(folder).await.expect("a place");
        let db = Db::open(&place, "broker", crate::migrator()).await.expect("it opens");
        let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)";
        let orders = format!(
            "{numbers} INSERT INTO orders (id, account, number, symbol, side, quantity, price, status, placed_by, \
             approval_issuer, txn, created_at, updated_at) SELECT 'ord_' || i, 'acc', i, 'WAYNE', 'BUY', 1, 1, \
             'FILLED', 'agent', 'issuer', 'apr_' || i, 1, 1 FROM n",
        );
        for statement in [
            "INSERT INTO account VALUES ('acc', 'issuer', 'subject', 1, 20000, 1, NULL)",
            "INSERT INTO stock VALUES ('WAYNE', 1, 1, 1, 1)",
            &orders,
            "ANALYZE orders",
        ] {
            sqlx::query(AssertSqlSafe(statement.to_owned())).execute(db.pool()).await.expect(statement);
        }
        db
    }

    #[tokio::test]
    async fn order_of_an_approval_is_found_by_index() {
        let folder = tempfile::tempdir().expect("a folder");
        let db = filled(folder.path()).await;
        let found = list(db.pool(), "acc", Some("apr_70"), 200).await.expect("it reads");
        assert_eq!(found.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["ord_70"]);
        let all = list(db.pool(), "acc", None, 200).await.expect("it reads");
        assert_eq!((all.len(), all[0].number), (200, 20_000));

        let sqlite = std::env::var("TEST_DATABASE_URL").is_err();
        let (explain, column) = if sqlite { ("EXPLAIN QUERY PLAN", "detail") } else { ("EXPLAIN", "QUERY PLAN") };
        let sql = OF_TXN.replace("$1", "'acc'").replace("$2", "200").replace("$3", "'apr_70'");
        let plan = sqlx::query(AssertSqlSafe(format!("{explain} {sql}"))).fetch_all(db.pool()).await.expect("a plan");
        let plan: Vec<String> = plan.iter().map(|row| sqlx::Row::get(row, column)).collect();
        assert!(plan.iter().any(|step| step.contains("orders_txn")), "{plan:?}");
    }
}
