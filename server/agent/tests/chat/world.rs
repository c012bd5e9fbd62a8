//! A test's surroundings: the agent in its own runtime, so that a test can kill it; and a model, an identity service
//! and a broker that follow instructions.

use std::{net::TcpListener, path::PathBuf, time::Duration};

use agent::{
    Agent,
    config::{Config, Model as Settings, Patience},
};
use foundation::{
    CancellationToken,
    axum::{self, Router},
    clock::Clock,
    db::{Db, Place},
    guard,
    session::Handle,
    site::Site,
};
use sqlx::AnyPool;
use tokio::{runtime::Runtime, task::JoinHandle};

use crate::{arrange, broker::Broker, browser::Browser, identity::Identity, model::Model};

pub struct World {
    pub site: Site,
    pub clock: Clock,
    pub identity: Identity,
    pub broker: Broker,
    pub model: Model,
    config: Config,
    place: Place,
    socket: TcpListener,
    running: Option<Server>,
    _folder: tempfile::TempDir,
}

/// A running agent.
struct Server {
    runtime: Runtime,
    shutdown: CancellationToken,
    served: JoinHandle<()>,
}

impl World {
    /// With a model that follows the test's instructions.
    pub async fn new() -> Self {
        Self::with(None, Patience::default(), true).await
    }

    /// With these timeouts in milliseconds: before the model's first token, and between two.
    pub async fn patient(first: i64, next: i64) -> Self {
        Self::with(None, Patience { first, next }, true).await
    }

    /// With the rehearsal model of this name.
    pub async fn rehearsal(name: &str) -> Self {
        Self::with(Some(name), Patience::default(), true).await
    }

    /// With the identity service's issuer configured with or without a trailing slash.
    pub async fn typed(slash: bool) -> Self {
        Self::with(None, Patience::default(), slash).await
    }

    async fn with(rehearsal: Option<&str>, patience: Patience, slash: bool) -> Self {
        let (identity, broker, broker_site) = arrange::others();
        let (model_site, socket) = arrange::bind("model");
        let model = Model::default();
        arrange::serve(socket, model.router());
        let (site, socket) = arrange::bind("agent");
        let folder = tempfile::tempdir().unwrap();
        let settings = match rehearsal {
            Some(name) => arrange::rehearsal(&site, name),
            None => Settings {
                base_url: model_site.at("v1"),
                api_key: "sk-test".into(),
                name: "test-model".into(),
                rehearsal: false,
                patience,
            },
        };
        let mut config = arrange::config(&site, folder.path(), &identity, broker_site, settings);
        if !slash {
            config.login.issuer = config.login.issuer.trim_end_matches('/').to_owned();
        }
        let place = arrange::place(folder.path()).await;
        let clock = Clock::system();
        let mut world =
            Self { site, clock, identity, broker, model, config, place, socket, running: None, _folder: folder };
        world.start();
        world
    }

    /// Starts the agent on its database and address.
    pub fn start(&mut self) {
        assert!(self.running.is_none());
        self.running = Some(self.server(Some(self.socket.try_clone().unwrap()), self.config.folder.clone()));
    }

    /// From the next start on, another model of the same endpoint answers.
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
        Second(Some(self.server(None, self.config.folder.clone())))
    }

    /// Another process on the same database in its own folder, as on another machine.
    pub fn elsewhere(&self) -> Second {
        let folder = self.config.folder.join("elsewhere");
        std::fs::create_dir_all(&folder).unwrap();
        Second(Some(self.server(None, folder)))
    }

    fn server(&self, socket: Option<TcpListener>, folder: PathBuf) -> Server {
        let runtime = Runtime::new().unwrap();
        let shutdown = CancellationToken::new();
        let config = Config { folder, ..self.config.clone() };
        let (place, clock, stop) = (self.place.clone(), self.clock.clone(), shutdown.clone());
        let served = runtime.spawn(async move {
            let parts = arrange::parts(&place, clock, stop.clone()).await;
            let site = config.site.clone();
            let agent = Agent::start(config, parts).await.unwrap();
            let Some(socket) = socket else { return };
            let socket = tokio::net::TcpListener::from_std(socket).unwrap();
            let pages = Router::new()
                .route("/t/{thread}", axum::routing::get(chat_page))
                .route("/of/{approval}", axum::routing::get(thread_of_approval))
                .with_state(agent.clone());
            let router = guard::site(agent.routes().merge(agent.in_session(pages)), &site);
            let server = axum::serve(socket, router).with_graceful_shutdown(async move { stop.cancelled().await });
            server.await.unwrap();
            agent.stopped().await;
        });
        Server { runtime, shutdown, served }
    }

    /// Like SIGKILL: everything stops where it is.
    pub fn kill(&mut self) {
        self.running.take().unwrap().runtime.shutdown_background();
        // A killed process releases its locks at once; here the tasks end one by one.
        let file = std::fs::File::open(self.config.folder.join("agent.instance")).unwrap();
        for _ in 0..500 {
            if file.try_lock().is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("something of it lives on");
    }

    /// Stops it with a signal; returns how long that took.
    pub async fn stop(&mut self) -> Duration {
        let server = self.running.take().unwrap();
        let began = std::time::Instant::now();
        server.shutdown.cancel();
        server.served.await.unwrap();
        let took = began.elapsed();
        server.runtime.shutdown_background();
        took
    }

    /// Somebody who has not logged in.
    pub fn visitor(&self) -> Browser {
        Browser::new(&self.site)
    }

    /// Alice, logged in.
    pub async fn alice(&self) -> Browser {
        let mut browser = self.visitor();
        browser.log_in(self, "alice", "/").await;
        browser
    }

    /// Alice, logged in, with a connected account.
    pub async fn connected(&self) -> Browser {
        self.connect();
        self.alice().await
    }

    pub fn connect(&self) {
        self.identity.state().connected = Some("portfolio:read trade:read trade:write".into());
    }

    /// Opens the database for inspection.
    pub async fn pool(&self) -> AnyPool {
        Db::open(&self.place, "agent", &agent::migrator()).await.unwrap().pool().clone()
    }
}

pub struct Second(Option<Server>);

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

async fn chat_page(
    axum::extract::State(agent): axum::extract::State<Agent>,
    axum::extract::Path(thread): axum::extract::Path<String>,
    handle: Handle,
) -> Result<String, agent::Error> {
    let page = agent.chat_page(&handle, Some(&thread)).await?;
    Ok(format!("{:?} {:?} {}", page.frame.person, page.frame.threads, page.transcript.title))
}

async fn thread_of_approval(
    axum::extract::State(agent): axum::extract::State<Agent>,
    axum::extract::Path(approval): axum::extract::Path<String>,
    handle: Handle,
) -> Result<String, agent::Error> {
    Ok(agent.thread_of_approval(&handle, &approval).await?.unwrap_or_default())
}

/// Waits up to ten seconds until this holds.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, mut is_so: impl FnMut() -> F) -> T {
    for _ in 0..500 {
        if let Some(found) = is_so().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it never came to this: {what}");
}
