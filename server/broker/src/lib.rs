//! StockTrade: market, accounts, orders.

pub mod config;
pub mod error;
pub mod page;

mod pages;

use std::sync::Arc;

use base::parts::Parts;
use sqlx::migrate::Migrator;

pub use crate::{config::Config, error::Error, pages::StockQuery};

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
struct Inner;

impl Broker {
    /// Opens the market and lets its prices move until `parts.shutdown`.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn start(config: Config, parts: Parts) -> Result<Self, Error> {
        let _ = (config, parts);
        Ok(Self { inner: Arc::new(Inner) })
    }

    /// REST, login and forms. The pages are mounted by whoever renders them; `render` draws the message pages.
    pub fn routes(&self, render: page::Render) -> axum::Router {
        let _ = (render, &self.inner);
        axum::Router::new()
    }
}
