//! StockTrade's data: prices, and the contents of an account.

use foundation::secret;

use crate::start::World;

impl World {
    /// Sets a stock's current price, in cents. It opened at 100.00.
    pub async fn set_price(&self, symbol: &str, cents: i64) {
        let market = self.pool("broker");
        let update = sqlx::query("UPDATE stock SET price = $1, open = 10000 WHERE symbol = $2");
        update.bind(cents).bind(symbol).execute(market).await.unwrap();
    }

    /// Gives the only account this cash, in cents, and shares of WAYNE, through movements.
    pub async fn give(&self, cash: i64, shares: i64) {
        let market = self.pool("broker");
        let account: String = sqlx::query_scalar("SELECT id FROM account").fetch_one(market).await.unwrap();
        let before: i64 = sqlx::query_scalar("SELECT cash FROM account").fetch_one(market).await.unwrap();
        sqlx::query("UPDATE account SET cash = $1").bind(cash).execute(market).await.unwrap();
        sqlx::query("INSERT INTO holding (account, symbol, shares, cost) VALUES ($1, 'WAYNE', $2, $3)")
            .bind(&account)
            .bind(shares)
            .bind(shares * 10_200)
            .execute(market)
            .await
            .unwrap();
        sqlx::query("INSERT INTO movement (id, account, at, cash, symbol, shares) VALUES ($1, $2, 0, $3, 'WAYNE', $4)")
            .bind(secret::id("mov_"))
            .bind(&account)
            .bind(cash - before)
            .bind(shares)
            .execute(market)
            .await
            .unwrap();
    }

    /// The number of orders at StockTrade.
    pub async fn orders(&self) -> i64 {
        let count = sqlx::query_scalar("SELECT CAST(COUNT(*) AS BIGINT) FROM orders");
        count.fetch_one(self.pool("broker")).await.unwrap()
    }

    /// Adds an order of the only account: 5 WAYNE at 103.42 USD, filled or waiting.
    pub async fn has_order(&self, id: &str, status: &str, txn: Option<&str>) {
        let market = self.pool("broker");
        let account: String = sqlx::query_scalar("SELECT id FROM account").fetch_one(market).await.unwrap();
        let number: i64 =
            sqlx::query_scalar("SELECT CAST(COUNT(*) AS BIGINT) + 1 FROM orders").fetch_one(market).await.unwrap();
        let insert = "INSERT INTO orders (id, account, number, symbol, side, quantity, limit_price, price, status,
            placed_by, agent_name, asked_by, approval_issuer, txn, code, approved_at, created_at, updated_at)
            VALUES ($1, $2, $3, 'WAYNE', 'BUY', 5, 10549, 10342, $4, 'agent', 'Mandate', 'agent', $5, $6, 'K7 QD', 0, $7, $7)";
        let insert = sqlx::query(insert).bind(id).bind(account).bind(number).bind(status);
        let insert = insert.bind(self.identity_site().issuer()).bind(txn).bind(self.clock.now());
        insert.execute(market).await.unwrap();
    }

    /// The ids of the orders at StockTrade, the latest last.
    pub async fn order_ids(&self) -> Vec<String> {
        sqlx::query_scalar("SELECT id FROM orders ORDER BY number").fetch_all(self.pool("broker")).await.unwrap()
    }
}
