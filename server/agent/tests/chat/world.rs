//! The environment of a test: the real sites, a model that follows instructions, and the agent in its own runtime, so
//! that a test can kill it.

use std::{ops::Deref, path::PathBuf, time::Duration};

use agent::config::{Config, Model as Settings, Timeouts};
use foundation::{CancellationToken, db::Db, site::Site};
use sqlx::AnyPool;
use tokio::{runtime::Runtime, task::JoinHandle};
pub use world::until;
use world::{ALICE, BOB, Person, Seen, Setup, mandate::settings::SiteName};

use crate::model::Model;

pub struct World {
    world: world::World,
    pub site: Site,
    pub model: Model,
    pub config: Config,
    /// Alice's and Bob's browsers at the other sites.
    pub alice: Person,
    bob: Person,
    running: Option<Server>,
}

/// A running agent.
struct Server {
    runtime: Runtime,
    shutdown: CancellationToken,
    served: JoinHandle<()>,
}

impl Deref for World {
    type Target = world::World;

    fn deref(&self) -> &world::World {
        &self.world
    }
}

impl World {
    /// With a model that follows the test's instructions.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// With these timeouts in milliseconds: until the model's first token, and between two tokens.
    pub async fn with_timeouts(first: i64, next: i64) -> Self {
        Self::with(|config| config.model.timeouts = Timeouts { first, next }).await
    }

    /// With the rehearsal model of this name.
    pub async fn rehearsal(name: &str) -> Self {
        Self::made(|config| config.model.name = name.into(), Model::default()).await
    }

    /// With a changed configuration.
    pub async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let (model, base_url) = Model::start().await;
        let settings = Settings {
            base_url,
            api_key: "sk-test".into(),
            name: "test-model".into(),
            others: Vec::new(),
            rehearsal: false,
            timeouts: Timeouts::default(),
        };
        let change = |config: &mut Config| {
            config.model = settings;
            change(config);
        };
        Self::made(change, model).await
    }

    async fn made(change: impl FnOnce(&mut Config), model: Model) -> Self {
        let world = Setup::default().set("PROXIES", "127.0.0.1").without_agent().start().await;
        let mut config = world.agent_config.clone();
        change(&mut config);
        let (alice, bob) = (world.person(ALICE), world.person(BOB));
        let mut world = Self { site: config.site.clone(), world, model, config, alice, bob, running: None };
        world.start();
        world
    }

    /// Starts the agent on its database and address.
    pub fn start(&mut self) {
        assert!(self.running.is_none());
        self.running = Some(self.server(true, self.config.folder.clone()));
    }

    /// Names another model of the same endpoint, which answers after the next start.
    pub fn name_model(&mut self, name: &str) {
        self.config.model.name = name.into();
    }

    /// Restarts it with this retention for people's chats, in milliseconds.
    pub async fn restart_keeping_chats(&mut self, kept_ms: i64) {
        self.stop().await;
        self.config.retention.chats_ms = Some(kept_ms);
        self.start();
    }

    /// Another process of the same agent in the same folder, so only one of them is the instance. It serves nobody.
    pub fn second(&self) -> Second {
        Second(Some(self.server(false, self.config.folder.clone())))
    }

    /// Another process on the same database in its own folder, as on another machine.
    pub fn elsewhere(&self) -> Second {
        let folder = self.config.folder.join("elsewhere");
        std::fs::create_dir_all(&folder).unwrap();
        Second(Some(self.server(false, folder)))
    }

    fn server(&self, serves: bool, folder: PathBuf) -> Server {
        let runtime = Runtime::new().unwrap();
        let shutdown = CancellationToken::new();
        let config = Config { folder, ..self.config.clone() };
        let (ground, front, stop) = (self.ground.clone(), self.at_agent.clone(), shutdown.clone());
        let served = runtime.spawn(async move {
            let (routes, agent) = ground.agent(config, stop.clone()).await;
            if serves {
                ground.serve(SiteName::Agent, routes, &front, stop).await;
                agent.stopped().await;
            }
        });
        Server { runtime, shutdown, served }
    }

    /// Like SIGKILL: everything stops where it is.
    pub fn kill(&mut self) {
        let server = self.running.take().unwrap();
        // A killed process releases its locks at once; here the tasks end one by one.
        tokio::task::block_in_place(|| server.runtime.shutdown_timeout(Duration::from_secs(60)));
    }

    /// Stops it with a signal.
    pub async fn stop(&mut self) {
        let server = self.running.take().unwrap();
        server.shutdown.cancel();
        server.served.await.unwrap();
        server.runtime.shutdown_background();
    }

    /// The other sites' browser of `alice` or `bob`.
    pub fn person(&self, name: &str) -> &Person {
        match name {
            "alice" => &self.alice,
            "bob" => &self.bob,
            other => panic!("nobody is called {other}"),
        }
    }

    /// Alice decides all waiting requests.
    pub async fn decide(&self, decision: &str) {
        self.decide_waiting(&self.alice, decision).await;
    }

    /// The requests for approval that the identity service got.
    pub fn asked(&self) -> Vec<Seen> {
        self.at_identity.seen("/bc-authorize")
    }

    /// The withdrawals of requests for approval.
    pub fn withdrawals(&self) -> usize {
        let all = self.at_identity.seen("/oauth/revoke");
        all.iter().filter(|seen| seen.field("token_type_hint").ends_with("auth-req-id")).count()
    }

    /// The number of writing requests that StockTrade's API got.
    pub fn posts(&self) -> usize {
        self.at_broker.seen("/api").iter().filter(|seen| seen.method != "GET").count()
    }

    /// Opens the database for inspection.
    pub async fn pool(&self) -> AnyPool {
        let db: Db = self.ground.db("agent").await;
        db.pool().clone()
    }
}

pub struct Second(Option<Server>);

impl Second {
    /// Waits until it has started, and has checked for turns to resume.
    pub async fn started(&mut self) {
        let server = self.0.as_mut().expect("it runs");
        (&mut server.served).await.unwrap();
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        if let Some(server) = self.0.take() {
            server.shutdown.cancel();
            server.runtime.shutdown_background();
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(server) = self.running.take() {
            server.shutdown.cancel();
            server.runtime.shutdown_background();
        }
    }
}
