//! Starts the world: the sites with the deployed configuration, plus a test's changes.

use std::sync::Arc;

use agent::Agent;
use broker::Broker;
use foundation::{
    clock::Clock,
    db::Db,
    http::{Http, Layer},
    site::Site,
};
use identity::Identity;
use mandate::{clients, settings::SiteName, sites};
use sqlx::AnyPool;

use crate::{front::Front, ground::Ground};

type Change<C> = Box<dyn FnOnce(&mut C) + Send>;

/// A test's changes before the start.
#[derive(Default)]
pub struct Setup {
    settings: Vec<(String, String)>,
    file: Option<String>,
    agent: Option<Change<agent::config::Config>>,
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
    /// StockTrade's own provider.
    pub provider: Identity,
    pub broker: Broker,
    pub broker_config: broker::Config,
    agent: Option<Agent>,
    pub agent_config: agent::config::Config,
    databases: Vec<(&'static str, Db)>,
}

impl World {
    pub async fn start() -> Self {
        Self::with(Setup::default()).await
    }

    async fn with(setup: Setup) -> Self {
        let ground = Ground::make(&setup.settings, setup.file.as_deref(), setup.apart).await;
        let (settings, shared, render) = (&ground.settings, &ground.shared, sites::RENDER);
        let mut opener = ground.opener(&ground.http, ground.shutdown.clone());
        let provider = clients::broker_identity(settings, shared, render);
        let mut market = clients::broker(settings, shared);
        // Prices stay the same until a test moves them.
        market.tick_ms = 0;
        if let Some(change) = setup.broker {
            change(&mut market);
        }
        let broker_config = market.clone();
        let (routes, provider, broker) = sites::broker(&opener, provider, market).await.unwrap();
        // The copied people belong to the provider that existed when the template was made.
        let people = sqlx::query("UPDATE person SET issuer = $1").bind(provider.issuer());
        people.execute(provider.db.pool()).await.unwrap();
        let at_broker = ground.open(SiteName::Broker, routes);
        let identity = clients::identity(settings, shared, render);
        let (routes, identity) = sites::identity(&opener, identity).await.unwrap();
        let at_identity = ground.open(SiteName::Identity, routes);
        let mut agent_config = clients::agent(settings, shared);
        if let Some(change) = setup.agent {
            change(&mut agent_config);
        }
        let (mut at_agent, mut agent) = (Front::default(), None);
        if !setup.without_agent {
            if let Some(layer) = setup.layer {
                opener.http = ground.http.layered(layer);
            }
            let (routes, started) = sites::agent(&opener, agent_config.clone(), &[]).await.unwrap();
            at_agent = ground.open(SiteName::Agent, routes);
            agent = Some(started);
        }
        let databases = opener.opened_since(0);
        Self {
            clock: ground.clock.clone(),
            at_agent,
            at_identity,
            at_broker,
            identity,
            provider,
            broker,
            broker_config,
            agent,
            agent_config,
            databases,
            ground: ground.clone(),
        }
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
        self.databases.iter().find(|(name, _)| *name == instance).expect("it was started").1.pool()
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
