//! StockTrade's state, shared by its handlers and workers.

use std::sync::Arc;

use foundation::{
    cleanup,
    db::Db,
    jwt::RemoteKeys,
    limit::{AtOnce, Limit, Shared},
    parts::Parts,
    session::Sessions,
};

use crate::{
    config::Config,
    error::Error,
    market::Market,
    store::{self, personal::Removed},
};

/// A running StockTrade. Clones share everything.
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
    /// The keys of the broker's own provider, which signs access tokens for the API.
    pub(crate) keys: RemoteKeys,
    pub(crate) market: Market,
    /// Rate limit on orders, by account.
    pub(crate) placing: Shared,
    /// Rate limit on logins by address, since each stores a row. A workshop of sixty people may share an address.
    pub(crate) visits: Limit,
    /// Open price streams, by address.
    pub(crate) streams: Arc<AtOnce>,
}

impl Broker {
    /// Opens the market and moves its prices until `parts.shutdown`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn start(config: Config, parts: Parts) -> Result<Self, Error> {
        let market = Market::open(parts.db.clone(), parts.clock.clone(), config.seed).await?;
        tokio::spawn(market.clone().run(config.tick_ms, parts.shutdown.clone()));
        // 12 hours idle, 30 days in all. A session created for a login lives as long as a login may take.
        let sessions = parts.sessions("mandate_broker", config.site.is_secure(), 12, 24 * 30).visitors_for(1);
        tokio::spawn(cleanup::run(sessions.clone(), parts.one_time(), parts.shutdown.clone()));
        let login = foundation::login::Login::new(
            config.login.clone(),
            parts.http.clone(),
            parts.clock.clone(),
            parts.one_time(),
        );
        let keys = RemoteKeys::new(parts.http.clone(), format!("{}.well-known/jwks.json", config.login.issuer));
        let placing = parts.limit("placing", 60, 1_000);
        let visits = Limit::new(parts.clock.clone(), 600, 1_000);
        let streams = Arc::new(AtOnce::new(config.streams_per_address));
        let inner = Inner { config, parts, sessions, login, keys, market, placing, visits, streams };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Ends the sessions of these people, given by their `sub` at the provider.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn log_out(&self, subjects: &[String]) -> Result<(), Error> {
        for subject in subjects {
            log_out(&self.inner.parts.db, subject).await?;
        }
        Ok(())
    }

    /// The market.
    pub fn market(&self) -> &Market {
        &self.inner.market
    }
}

/// Deletes everything that StockTrade keeps about a person, by their `sub` at the provider, directly in the database.
/// A `rehearsal` is rolled back: it only counts what would be deleted.
///
/// # Errors
/// If the database fails.
pub async fn remove_person(db: &Db, subject: &str, rehearsal: bool) -> Result<Removed, sqlx::Error> {
    let mut tx = db.begin().await?;
    let removed = store::personal::delete(&mut tx, subject).await?;
    foundation::db::end(tx, rehearsal).await?;
    Ok(removed)
}

/// Ends the sessions of a person, by their `sub` at the provider, directly in the database. Returns their number.
///
/// # Errors
/// If the database fails.
pub async fn log_out(db: &Db, subject: &str) -> Result<u64, sqlx::Error> {
    let mut ended = 0;
    let mut tx = db.begin().await?;
    for account in store::account::of_subject(&mut tx, subject).await? {
        ended += Sessions::end_all_of(&mut tx, &account).await?;
    }
    tx.commit().await?;
    Ok(ended)
}
