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
}
