//! Starts the world: the sites with the deployed configuration, plus a test's changes.

use std::{collections::HashMap, sync::Arc};

use agent::Agent;
use axum::Router;
use broker::Broker;
use foundation::{
    CancellationToken,
    clock::Clock,
    db::Db,
    http::{Http, Layer},
    site::Site,
};
use identity::{Identity, config::Config};
use mandate::{
    clients,
    settings::SiteName,
    sites::{self, Opener},
};
use sqlx::AnyPool;
use tokio::task::JoinHandle;

use crate::{front::Front, ground::Ground};

type Change<C> = Box<dyn FnOnce(&mut C) + Send>;

/// A test's changes before the start.
#[derive(Default)]
pub struct Setup {
    settings: Vec<(String, String)>,
    file: Option<String>,
    agent: Option<Change<agent::config::Config>>,
    identity: Option<Change<Config>>,
    provider: Option<Change<Config>>,
    broker: Option<Change<broker::Config>>,
    layer: Option<Arc<dyn Layer>>,
    without_agent: bool,
    apart: bool,
}

impl Setup {
    /// A setting of docs/CONFIGURATION.md.
    #[must_use]
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings.push((name.to_owned(), value.into()));
        self
    }

    /// The operator's configuration file.
    #[must_use]
    pub fn file(mut self, text: String) -> Self {
        self.file = Some(text);
        self
    }

    /// Changes to the agent beyond the settings, such as times below a second.
    #[must_use]
    pub fn agent(mut self, change: impl FnOnce(&mut agent::config::Config) + Send + 'static) -> Self {
        self.agent = Some(Box::new(change));
        self
    }

    /// Changes to Mandate identity beyond the settings.
    #[must_use]
    pub fn identity(mut self, change: impl FnOnce(&mut Config) + Send + 'static) -> Self {
        self.identity = Some(Box::new(change));
        self
    }

    /// Changes to StockTrade's own provider beyond the settings.
    #[must_use]
    pub fn provider(mut self, change: impl FnOnce(&mut Config) + Send + 'static) -> Self {
        self.provider = Some(Box::new(change));
        self
    }

    /// Changes to StockTrade beyond the settings.
    #[must_use]
    pub fn broker(mut self, change: impl FnOnce(&mut broker::Config) + Send + 'static) -> Self {
        self.broker = Some(Box::new(change));
        self
    }

    /// A layer around the agent's calls to other sites.
    #[must_use]
    pub fn layer(mut self, layer: Arc<dyn Layer>) -> Self {
        self.layer = Some(layer);
        self
    }

    /// The test itself starts the agent, with [`Ground::agent`]. The sites reach each other over TCP.
    #[must_use]
    pub fn without_agent(mut self) -> Self {
        self.without_agent = true;
        self.apart()
    }

    /// The sites call each other over TCP, like separate processes.
    #[must_use]
    pub fn apart(mut self) -> Self {
        self.apart = true;
        self
    }

    pub async fn start(self) -> World {
        World::with(self).await
    }
}

/// The sites, running.
pub struct World {
    pub ground: Ground,
    pub clock: Clock,
    /// The fronts of the sites.
    pub at_agent: Front,
    pub at_identity: Front,
    pub at_broker: Front,
    /// Mandate identity.
    pub identity: Identity,
    pub identity_config: Config,
    /// StockTrade's own provider.
    pub provider: Identity,
    pub provider_config: Config,
    pub broker: Broker,
    pub broker_config: broker::Config,
    agent: Option<Agent>,
    pub agent_config: agent::config::Config,
    running: HashMap<SiteName, Running>,
}

/// A site that answers.
struct Running {
    /// Ends its background work.
    work: CancellationToken,
    listening: JoinHandle<()>,
    databases: Vec<(&'static str, Db)>,
}

impl World {
    pub async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    async fn with(setup: Setup) -> Self {
        let ground = Ground::make(&setup.settings, setup.file.as_deref(), setup.apart).await;
        let (settings, shared, render) = (&ground.settings, &ground.shared, sites::RENDER);
        let (at_agent, at_identity, at_broker) = (Front::default(), Front::default(), Front::default());
        let mut provider_config = clients::broker_identity(settings, shared, render);
        let mut broker_config = clients::broker(settings, shared);
        // Prices stay the same until a test moves them.
        broker_config.tick_ms = 0;
        let mut identity_config = clients::identity(settings, shared, render);
        let mut agent_config = clients::agent(settings, shared);
        change(setup.provider, &mut provider_config);
        change(setup.broker, &mut broker_config);
        change(setup.identity, &mut identity_config);
        change(setup.agent, &mut agent_config);

        let mut running = HashMap::new();
        let (provider, broker, opened) =
            Running::broker(&ground, &provider_config, &broker_config, &ground.clock, &at_broker).await;
        running.insert(SiteName::Broker, opened);
        // The copied people belong to the provider that existed when the template was made.
        let people = sqlx::query("UPDATE person SET issuer = $1").bind(provider.issuer());
        people.execute(provider.db.pool()).await.unwrap();
        let (identity, opened) = Running::identity(&ground, &identity_config, &at_identity).await;
        running.insert(SiteName::Identity, opened);

        let mut agent = None;
        if !setup.without_agent {
            let http = setup.layer.map_or_else(|| ground.http.clone(), |layer| ground.http.layered(layer));
            let opener = ground.opener(&http, ground.shutdown.child_token());
            let (routes, started) = sites::agent(&opener, agent_config.clone(), &[]).await.unwrap();
            running.insert(SiteName::Agent, Running::open(&ground, SiteName::Agent, &opener, routes, &at_agent));
            agent = Some(started);
        }
        Self {
            clock: ground.clock.clone(),
            at_agent,
            at_identity,
            at_broker,
            identity,
            identity_config,
            provider,
            provider_config,
            broker,
            broker_config,
            agent,
            agent_config,
            running,
            ground: ground.clone(),
        }
    }

    /// Closes a site, as if its process ended.
    pub fn close(&self, site: SiteName) {
        self.stop_work(site);
        self.ground.close(site, &self.running[&site].listening);
    }

    /// Ends a site's background work. It still answers.
    pub fn stop_work(&self, site: SiteName) {
        self.running[&site].work.cancel();
    }

    /// Starts Mandate identity again after [`Self::close`], with `identity_config`.
    pub async fn reopen_identity(&mut self) {
        self.ground.rebind(SiteName::Identity).await;
        let (identity, opened) = Running::identity(&self.ground, &self.identity_config, &self.at_identity).await;
        self.identity = identity;
        self.running.insert(SiteName::Identity, opened);
    }

    /// Starts StockTrade again after [`Self::close`], with `provider_config`, `broker_config` and this clock.
    pub async fn reopen_broker(&mut self, clock: &Clock) {
        self.ground.rebind(SiteName::Broker).await;
        let (provider, broker, opened) =
            Running::broker(&self.ground, &self.provider_config, &self.broker_config, clock, &self.at_broker).await;
        (self.provider, self.broker) = (provider, broker);
        self.running.insert(SiteName::Broker, opened);
    }

    /// The agent.
    pub fn agent(&self) -> &Agent {
        self.agent.as_ref().expect("the world started one")
    }

    pub fn agent_site(&self) -> &Site {
        &self.ground.settings.agent.site
    }

    pub fn identity_site(&self) -> &Site {
        &self.ground.settings.identity.site
    }

    pub fn broker_site(&self) -> &Site {
        &self.ground.settings.broker.site
    }

    /// The database of an instance in this world: `agent`, `tenant`, `broker_identity` or `broker`.
    pub fn pool(&self, instance: &str) -> &AnyPool {
        let mut databases = self.running.values().flat_map(|site| &site.databases);
        databases.find(|(name, _)| *name == instance).expect("it was started").1.pool()
    }

    /// The tests' HTTP client: over TCP, following no redirects.
    pub fn http(&self) -> Http {
        Http::new()
    }

    /// Forgets the recorded requests.
    pub fn forget(&self) {
        for front in [&self.at_agent, &self.at_identity, &self.at_broker] {
            front.forget();
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.ground.shutdown.cancel();
        self.ground.http.unmount_all();
    }
}

impl Running {
    /// Starts Mandate identity.
    async fn identity(ground: &Ground, config: &Config, front: &Front) -> (Identity, Self) {
        let opener = ground.opener(&ground.http, ground.shutdown.child_token());
        let (routes, identity) = sites::identity(&opener, config.clone()).await.unwrap();
        (identity, Self::open(ground, SiteName::Identity, &opener, routes, front))
    }

    /// Starts StockTrade with its provider.
    async fn broker(
        ground: &Ground,
        provider: &Config,
        config: &broker::Config,
        clock: &Clock,
        front: &Front,
    ) -> (Identity, Broker, Self) {
        let mut opener = ground.opener(&ground.http, ground.shutdown.child_token());
        opener.clock = clock.clone();
        let started = sites::broker(&opener, provider.clone(), config.clone()).await;
        let (routes, provider, broker) = started.unwrap();
        (provider, broker, Self::open(ground, SiteName::Broker, &opener, routes, front))
    }

    fn open(ground: &Ground, site: SiteName, opener: &Opener<'_>, routes: Router, front: &Front) -> Self {
        Self {
            work: opener.shutdown.clone(),
            listening: ground.open(site, routes, front),
            databases: opener.opened_since(0),
        }
    }
}

fn change<C>(change: Option<Change<C>>, config: &mut C) {
    if let Some(change) = change {
        change(config);
    }
}
