//! Joins the sites: opens each instance's database, starts it, listens, and stops in order.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::Router;
use foundation::{
    CancellationToken,
    clock::Clock,
    db::Db,
    http::Http,
    listen::{self, Bounds, Connections},
    parts::Parts,
    seal::Sealer,
    site::Site,
};
use sqlx::migrate::Migrator;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};

use crate::{
    clients, files,
    health::{self, Needs},
    lock::{self, LockError},
    neighbours::{self, NeighboursError},
    secrets::{self, SecretsError, Shared},
    settings::{Settings, SiteName},
    words,
};

/// How long open requests may take after the program was told to stop.
const GRACE: Duration = Duration::from_secs(5);

/// And after that, how long closing the databases may.
const CLOSING: Duration = Duration::from_secs(2);

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Neighbours(#[from] NeighboursError),
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error("the database of {0} can't be opened: {1}")]
    Database(&'static str, #[source] sqlx::Error),
    #[error("the signals that stop the program can't be listened for: {0}")]
    Signal(std::io::Error),
    #[error("{0} can't start: {1}")]
    Start(&'static str, String),
    #[error(
        "{address} is taken by another program. Stop that one, or move {site} with {setting}, such as {setting}={example}"
    )]
    Taken { site: &'static str, address: SocketAddr, setting: &'static str, example: String },
    #[error("{setting}: can't listen on {address}: {error}")]
    Listen { setting: &'static str, address: SocketAddr, error: std::io::Error },
}

/// Serves the sites until SIGINT or SIGTERM.
pub async fn run(settings: Settings, sites: Vec<SiteName>) -> Result<(), ServeError> {
    let shutdown = CancellationToken::new();
    let held = sites.iter().map(|site| site.name()).collect::<Vec<_>>().join(", ");
    let _lock = lock::hold(&settings.data_dir, &format!("mandate serve {held}"))?;
    // The sockets first: a port that is taken is said before anything else is done.
    let mut listeners = Vec::new();
    for name in &sites {
        listeners.push((*name, bind(&settings, *name).await?));
    }
    neighbours::look(&settings, &sites).await?;
    let shared = secrets::shared(&settings, &sites)?;
    let opener = Opener {
        master: secrets::master_key(&settings)?,
        clock: Clock::system(),
        http: Http::new(),
        shutdown: shutdown.clone(),
        settings: &settings,
        connections: share(settings.database_connections, neighbours::instances(&sites).len()),
        databases: Mutex::default(),
    };
    // Before a site answers: whoever sees it answer may stop the program.
    let stopped = stop_signal().map_err(ServeError::Signal)?;
    let total = files::connections(files::raise(), sites.len());
    let bounds = Bounds { per_address: settings.connections_per_address, total, ..Bounds::default() };
    let mut servers = JoinSet::new();
    let mut agent = None;
    for (name, sockets) in listeners {
        let before = opener.opened();
        let routes = match name {
            SiteName::Identity => tenant_site(&opener, &shared).await?,
            SiteName::Broker => broker_site(&opener, &shared).await?,
            SiteName::Agent => {
                let (routes, started) = agent_site(&opener, &shared).await?;
                agent = Some(started);
                routes
            }
        };
        let provider = (name == SiteName::Agent).then(|| clients::agent_login(&settings, &shared).issuer);
        let needs = Needs { databases: opener.opened_since(before), provider, http: opener.http.clone() };
        let routes = routes.merge(health::routes(needs));
        let look = match name {
            SiteName::Agent => app::ui::Site::Agent,
            SiteName::Identity => app::ui::Site::Identity,
            SiteName::Broker => app::ui::Site::Broker,
        };
        let routes = foundation::canonical::redirecting(app::with_error_pages(routes, look));
        let routes = foundation::guard::site(routes, &settings.address(name).site);
        let routes = foundation::proxy::behind(routes, &settings.proxies);
        let connections = Connections::new(bounds.clone());
        let proxies: Arc<[IpAddr]> = settings.proxies.iter().map(IpAddr::to_canonical).collect();
        opener.http.mount(&settings.address(name).site, routes.clone());
        for socket in sockets {
            let (routes, connections, proxies) = (routes.clone(), connections.clone(), proxies.clone());
            servers.spawn(listen::serve(socket, routes, connections, proxies, shutdown.clone()));
        }
    }
    announce(&settings, &sites);
    stopped.await;
    words::say("Stopping.");
    shutdown.cancel();
    let _ = tokio::time::timeout(GRACE, servers.join_all()).await;
    if let Some(agent) = agent {
        agent.stopped().await;
    }
    opener.close().await;
    Ok(())
}

/// What every instance is opened with.
struct Opener<'a> {
    master: [u8; 32],
    clock: Clock,
    http: Http,
    shutdown: CancellationToken,
    settings: &'a Settings,
    /// How many connections each database on PostgreSQL may have.
    connections: u32,
    /// Those that are open, to be closed at the end.
    databases: Mutex<Vec<(&'static str, Db)>>,
}

impl Opener<'_> {
    async fn open(&self, instance: &'static str, migrator: &Migrator) -> Result<Parts, ServeError> {
        let db = Db::open_with(&self.settings.database, instance, migrator, self.connections)
            .await
            .map_err(|error| ServeError::Database(instance, error))?;
        self.databases.lock().unwrap_or_else(PoisonError::into_inner).push((instance, db.clone()));
        Ok(Parts {
            db,
            clock: self.clock.clone(),
            sealer: Sealer::new(&self.master, instance),
            http: self.http.clone(),
            shutdown: self.shutdown.clone(),
        })
    }

    fn opened(&self) -> usize {
        self.databases.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn opened_since(&self, before: usize) -> Vec<(&'static str, Db)> {
        self.databases.lock().unwrap_or_else(PoisonError::into_inner)[before..].to_vec()
    }

    /// Closes the databases. What holds a connection for longer than that loses it as in a crash: nothing that was
    /// committed is lost.
    async fn close(self) {
        self.http.unmount_all();
        let databases = self.databases.into_inner().unwrap_or_else(PoisonError::into_inner);
        let closing = databases.iter().map(|(_, db)| db.close());
        if tokio::time::timeout(CLOSING, futures::future::join_all(closing)).await.is_err() {
            tracing::warn!("a database was still in use and was left open");
        }
    }

    fn assets(&self) -> app::Assets {
        app::Assets::load(&self.settings.site_dir)
    }
}

async fn tenant_site(opener: &Opener<'_>, shared: &Shared) -> Result<Router, ServeError> {
    let config = clients::identity(opener.settings, shared, app::identity::render);
    let parts = opener.open("tenant", &identity::migrator()).await?;
    let identity = identity::Identity::start(config, parts).await.map_err(|error| failed("Mandate identity", error))?;
    Ok(identity.routes().merge(app::asset_routes(&opener.assets())))
}

async fn broker_site(opener: &Opener<'_>, shared: &Shared) -> Result<Router, ServeError> {
    let config = clients::broker_identity(opener.settings, shared, app::identity::render);
    let parts = opener.open("broker_identity", &identity::migrator()).await?;
    let identity = identity::Identity::start(config, parts).await.map_err(|error| failed("StockTrade", error))?;
    let config = broker::config::Config {
        site: opener.settings.broker.site.clone(),
        login: clients::stocktrade_login(opener.settings, shared),
        trade_without_approval: opener.settings.trade_without_approval.clone(),
        tick_ms: opener.settings.market_tick_ms,
        // Below the connections of one address, so that the rest of the site answers it as well.
        streams_per_address: opener.settings.connections_per_address / 4,
        seed: 42,
    };
    let parts = opener.open("broker", broker::migrator()).await?;
    let broker = broker::Broker::start(config, parts).await.map_err(|error| failed("StockTrade", error))?;
    let shut_out = identity.shut_out().await.map_err(|error| failed("StockTrade", error))?;
    broker.log_out(&shut_out).await.map_err(|error| failed("StockTrade", error))?;
    let assets = opener.assets();
    Ok(broker
        .beside(identity.routes())
        .merge(broker.routes(app::broker::render))
        .merge(app::broker::routes(broker, &assets))
        .merge(app::asset_routes(&assets)))
}

async fn agent_site(opener: &Opener<'_>, shared: &Shared) -> Result<(Router, agent::Agent), ServeError> {
    let settings = opener.settings;
    let (first, next) = settings.model_seconds;
    let patience = agent::config::Patience { first: first * 1000, next: next * 1000 };
    let model = match &settings.model {
        Some((base_url, api_key, name)) => agent::config::Model {
            base_url: base_url.clone(),
            api_key: api_key.clone(),
            name: name.clone(),
            rehearsal: false,
            patience,
        },
        None => agent::config::Model {
            base_url: settings.agent.site.at("rehearsal/v1"),
            api_key: shared.rehearsal.clone(),
            name: settings.rehearsal.clone(),
            rehearsal: true,
            patience,
        },
    };
    let config = agent::config::Config {
        site: settings.agent.site.clone(),
        folder: settings.data_dir.clone(),
        login: clients::agent_login(settings, shared),
        mcp_client: ("agent-mcp".into(), shared.agent_mcp.clone()),
        mcp_origins: settings.mcp_origins.clone(),
        mcp_wait_ms: settings.mcp_wait_seconds * 1000,
        broker: settings.broker.site.clone(),
        connection: (clients::CONNECTION.into(), "StockTrade".into()),
        model,
        retention: settings.chats,
    };
    let parts = opener.open("agent", &agent::migrator()).await?;
    let agent = agent::Agent::start(config, parts).await.map_err(|error| failed("Mandate", error))?;
    // Demo people are those of our own identity service.
    if settings.external.is_none() {
        agent.shut_out(&clients::shut_out(settings)).await.map_err(|error| failed("Mandate", error))?;
    }
    let agent = agent.rendered_by(app::agent::render, app::agent::for_browsers);
    let assets = opener.assets();
    let routes = agent.routes().merge(app::agent::routes(agent.clone(), &assets)).merge(app::asset_routes(&assets));
    Ok((routes, agent))
}

/// What each of so many databases gets of the process's connections.
fn share(connections: u32, databases: usize) -> u32 {
    connections / u32::try_from(databases).unwrap_or(u32::MAX).max(1)
}

fn failed(site: &'static str, error: impl std::fmt::Display) -> ServeError {
    ServeError::Start(site, error.to_string())
}

async fn bind(settings: &Settings, name: SiteName) -> Result<Vec<TcpListener>, ServeError> {
    let address = settings.address(name);
    let mut sockets = Vec::new();
    for (at, socket) in address.listen.iter().enumerate() {
        match TcpListener::bind(socket).await {
            Ok(listener) => sockets.push(listener),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
                let setting = address.moved_by;
                let port = socket.port().checked_add(100).unwrap_or(3100);
                let example = if setting == name.listen_setting() {
                    SocketAddr::new(socket.ip(), port).to_string()
                } else {
                    format!("http://localhost:{port}")
                };
                return Err(ServeError::Taken { site: name.title(), address: *socket, setting, example });
            }
            // A machine without IPv6 serves 127.0.0.1 alone.
            Err(_) if at > 0 => {}
            Err(error) => {
                return Err(ServeError::Listen { setting: name.listen_setting(), address: *socket, error });
            }
        }
    }
    Ok(sockets)
}

fn announce(settings: &Settings, sites: &[SiteName]) {
    let line = |name: &SiteName| {
        let site: &Site = &settings.address(*name).site;
        format!("  {:<17} {}", name.title(), site.issuer())
    };
    words::say(&sites.iter().map(line).collect::<Vec<_>>().join("\n"));
    if settings.is_loopback() && sites.contains(&SiteName::Broker) {
        words::say("  Demo people       alice@example.com, bob@example.com; password mandate-demo");
    }
    if settings.model.is_none() && sites.contains(&SiteName::Agent) {
        words::say("  Model             rehearsal (set OPENAI_API_KEY or OPENAI_BASE_URL for a real one)");
    }
    words::say("Ready. Ctrl-C stops.");
}

/// Listens for Ctrl-C and SIGTERM from here on; the future ends when one comes.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
