//! The three sites: opens each instance's database, starts the instance, and builds its router.

use std::{
    path::Path,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use agent::Agent;
use axum::Router;
use broker::Broker;
use foundation::{
    CancellationToken,
    clock::Clock,
    db::{Db, Place, Pulse},
    guard,
    http::Http,
    lang,
    parts::Parts,
    seal::Sealer,
    trace,
};
use identity::Identity;
use sqlx::migrate::Migrator;

use crate::{
    health::{self, Needs},
    settings::{Settings, SiteName},
};

/// Renders the identity services' pages.
pub const RENDER: identity::page::Render = app::identity::render;

/// How long closing the databases may take.
const CLOSING: Duration = Duration::from_secs(2);

#[derive(Debug, thiserror::Error)]
pub enum SiteError {
    #[error("the database of {0} can't be opened: {1}")]
    Database(&'static str, #[source] sqlx::Error),
    #[error("{0} can't start: {1}")]
    Start(&'static str, String),
}

/// The common parts that every instance starts with.
#[derive(Debug)]
pub struct Opener<'a> {
    pub master: [u8; 32],
    pub clock: Clock,
    pub http: Http,
    pub shutdown: CancellationToken,
    pub place: &'a Place,
    /// The pulse of `place`.
    pub pulse: Pulse,
    pub site_dir: &'a Path,
    /// The most connections for each PostgreSQL database.
    pub connections: u32,
    /// The open databases, to close at the end.
    pub databases: Mutex<Vec<(&'static str, Db)>>,
}

impl Opener<'_> {
    async fn open(&self, instance: &'static str, migrator: &Migrator) -> Result<Parts, SiteError> {
        let db = Db::open_with(self.place, instance, migrator, self.connections)
            .await
            .map_err(|error| SiteError::Database(instance, error))?
            .watched_by(&self.pulse);
        self.databases.lock().unwrap_or_else(PoisonError::into_inner).push((instance, db.clone()));
        Ok(Parts {
            db,
            clock: self.clock.clone(),
            sealer: Sealer::new(&self.master, instance),
            http: self.http.clone(),
            shutdown: self.shutdown.clone(),
        })
    }

    /// The number of open databases.
    pub fn opened(&self) -> usize {
        self.databases.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// The databases opened after the first `before`.
    pub fn opened_since(&self, before: usize) -> Vec<(&'static str, Db)> {
        self.databases.lock().unwrap_or_else(PoisonError::into_inner)[before..].to_vec()
    }

    /// Closes the databases. After the deadline, tasks that still hold a connection lose it, as in a crash; committed
    /// data stays.
    pub async fn close(self) {
        self.http.unmount_all();
        let databases = self.databases.into_inner().unwrap_or_else(PoisonError::into_inner);
        let closing = databases.iter().map(|(_, db)| db.close());
        if tokio::time::timeout(CLOSING, futures::future::join_all(closing)).await.is_err() {
            tracing::warn!("a database was still in use and was left open");
        }
    }

    fn assets(&self) -> app::Assets {
        app::Assets::load(self.site_dir)
    }
}

/// Starts Mandate identity.
///
/// # Errors
/// If its database can't be opened, or it can't start.
pub async fn identity(opener: &Opener<'_>, config: identity::config::Config) -> Result<(Router, Identity), SiteError> {
    let parts = opener.open("tenant", &identity::migrator()).await?;
    let identity = Identity::start(config, parts).await.map_err(|error| failed("Mandate identity", error))?;
    let routes = identity.routes().merge(app::asset_routes(&opener.assets()));
    let pages = app::identity::error_page(identity.clone());
    let own = identity.clone();
    let routes = lang::of_person(routes, move |headers| own.clone().language_of(headers));
    let routes = answered(opener, routes, app::ui::Site::Identity, pages);
    Ok((trace::recorded(routes, &identity.recorder), identity))
}

/// Starts StockTrade, with its own provider on the same origin.
///
/// # Errors
/// Like [`identity`].
pub async fn broker(
    opener: &Opener<'_>,
    provider: identity::config::Config,
    config: broker::Config,
) -> Result<(Router, Identity, Broker), SiteError> {
    let failed = |error: &dyn std::fmt::Display| failed("StockTrade", error);
    let parts = opener.open("broker_identity", &identity::migrator()).await?;
    let provider = Identity::start(provider, parts).await.map_err(|error| failed(&error))?;
    let parts = opener.open("broker", broker::migrator()).await?;
    let broker = Broker::start(config, parts).await.map_err(|error| failed(&error))?;
    let shut_out = provider.shut_out().await.map_err(|error| failed(&error))?;
    broker.log_out(&shut_out).await.map_err(|error| failed(&error))?;
    let assets = opener.assets();
    let routes = broker
        .beside(provider.routes())
        .merge(broker.routes(app::broker::render))
        .merge(app::broker::routes(broker.clone(), &assets))
        .merge(app::asset_routes(&assets));
    let pages = app::broker::error_page(broker.clone());
    let own = provider.clone();
    let routes = lang::of_person(routes, move |headers| own.clone().language_of(headers));
    let routes = answered(opener, routes, app::ui::Site::Broker, pages);
    Ok((trace::recorded(routes, &provider.recorder), provider, broker))
}

/// Starts the agent, and locks out people with these e-mails.
///
/// # Errors
/// Like [`identity`].
pub async fn agent(
    opener: &Opener<'_>,
    config: agent::config::Config,
    shut_out: &[String],
) -> Result<(Router, Agent), SiteError> {
    let parts = opener.open("agent", &agent::migrator()).await?;
    let agent = Agent::start(config, parts).await.map_err(|error| failed("Mandate", error))?;
    agent.shut_out(shut_out).await.map_err(|error| failed("Mandate", error))?;
    let agent = agent.rendered_by(app::agent::render, app::agent::RENDERER);
    let assets = opener.assets();
    let routes = agent.routes().merge(app::agent::routes(agent.clone(), &assets)).merge(app::asset_routes(&assets));
    let pages = app::agent::error_page(agent.clone());
    let own = agent.clone();
    let routes = lang::of_person(routes, move |headers| own.clone().language_of(headers));
    let routes = answered(opener, routes, app::ui::Site::Agent, pages);
    Ok((trace::recorded(routes, agent.recorder()), agent))
}

/// Routes that answer every request: 503 while the database server is silent, 500 when a handler panics, and errors as
/// pages.
fn answered(opener: &Opener<'_>, routes: Router, site: app::ui::Site, pages: app::ErrorPage) -> Router {
    let routes = guard::without_panics(health::cut_off(routes, &opener.pulse));
    app::with_error_pages(routes, site, pages)
}

/// A site's complete router: with `/healthz` and `/readyz`, and the guards in front.
pub fn finished(routes: Router, name: SiteName, settings: &Settings, needs: Needs) -> Router {
    let routes = foundation::canonical::redirecting(health::routes(needs).merge(routes));
    let site = &settings.address(name).site;
    let routes = guard::site(lang::of_browser(routes, site), site);
    foundation::proxy::behind(routes, &settings.proxies)
}

fn failed(site: &'static str, error: impl std::fmt::Display) -> SiteError {
    SiteError::Start(site, error.to_string())
}
