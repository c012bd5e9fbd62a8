//! StockTrade: market, accounts, orders.

pub mod config;
pub mod error;
pub mod page;

mod account;
mod hand;
mod login;
mod market;
mod openapi;
mod order;
mod pages;
mod routes;
mod store;
mod token;

use std::sync::Arc;

use base::{jwt::RemoteKeys, limit::Limit, parts::Parts, session::Sessions};
use sqlx::migrate::Migrator;

pub use crate::{config::Config, error::Error, market::Market, pages::StockQuery};

static MIGRATOR: Migrator = sqlx::migrate!("../../migrations/broker");

/// What the broker's database is migrated with.
pub fn migrator() -> &'static Migrator {
    &MIGRATOR
}

/// StockTrade, running. Clones share everything.
#[derive(Clone, Debug)]
pub struct Broker {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    config: Config,
    parts: Parts,
    sessions: Sessions,
    login: base::login::Login,
    /// The keys of the broker's own provider, which signs the API's tokens.
    keys: RemoteKeys,
    market: Market,
    /// Orders placed, for each account.
    placing: Limit,
}

impl Broker {
    /// Opens the market and lets its prices move until `parts.shutdown`.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn start(config: Config, parts: Parts) -> Result<Self, Error> {
        let market = Market::open(parts.db.clone(), parts.clock.clone(), config.seed).await?;
        tokio::spawn(market.clone().run(config.tick_ms, parts.shutdown.clone()));
        // 12 hours without a request, 30 days in all.
        let sessions = parts.sessions("mandate_broker", config.site.is_secure(), 12, 24 * 30);
        let login =
            base::login::Login::new(config.login.clone(), parts.http.clone(), parts.clock.clone(), parts.once());
        let keys = RemoteKeys::new(parts.http.clone(), format!("{}.well-known/jwks.json", config.login.issuer));
        let placing = Limit::new(parts.clock.clone(), 60, 1_000);
        Ok(Self { inner: Arc::new(Inner { config, parts, sessions, login, keys, market, placing }) })
    }

    /// The market, whose prices move by themselves.
    pub fn market(&self) -> &Market {
        &self.inner.market
    }
}
