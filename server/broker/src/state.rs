//! StockTrade's state: what its handlers and workers share.

use std::sync::Arc;

use foundation::{
    housekeeping,
    jwt::RemoteKeys,
    limit::{AtOnce, Limit, Shared},
    parts::Parts,
    session::Sessions,
};

use crate::{config::Config, error::Error, market::Market, store};

/// StockTrade, running. Clones share everything.
#[derive(Clone, Debug)]
pub struct Broker {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) config: Config,
    pub(crate) parts: Parts,
    pub(crate) sessions: Sessions,
    pub(crate) login: foundation::login::Login,
    /// The keys of the broker's own provider, which signs the API's tokens.
    pub(crate) keys: RemoteKeys,
    pub(crate) market: Market,
    /// Orders placed, for each account.
    pub(crate) placing: Shared,
    /// Logins begun, each of which stores something, for each address. Sixty people of a workshop share one.
    pub(crate) visits: Limit,
    /// Open price streams, for each address.
    pub(crate) streams: Arc<AtOnce>,
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
        // Who only came to log in has as long as that may take.
        let sessions = parts.sessions("mandate_broker", config.site.is_secure(), 12, 24 * 30).visitors_for(1);
        tokio::spawn(housekeeping::run(sessions.clone(), parts.once(), parts.shutdown.clone()));
        let login =
            foundation::login::Login::new(config.login.clone(), parts.http.clone(), parts.clock.clone(), parts.once());
        let keys = RemoteKeys::new(parts.http.clone(), format!("{}.well-known/jwks.json", config.login.issuer));
        let placing = parts.limit("placing", 60, 1_000);
        let visits = Limit::new(parts.clock.clone(), 600, 1_000);
        let streams = Arc::new(AtOnce::new(config.streams_per_address));
        let inner = Inner { config, parts, sessions, login, keys, market, placing, visits, streams };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Ends the sessions of people, by their `sub` at the provider.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn log_out(&self, subjects: &[String]) -> Result<(), Error> {
        let inner = &self.inner;
        for subject in subjects {
            let mut tx = inner.parts.db.begin().await?;
            for account in store::account::of_subject(&mut tx, subject).await? {
                inner.sessions.end_all_of(&mut tx, &account).await?;
            }
            tx.commit().await?;
        }
        Ok(())
    }

    /// The market, whose prices move by themselves.
    pub fn market(&self) -> &Market {
        &self.inner.market
    }
}
