//! `mandate serve`: opens the sockets, starts the sites, and stops them in order.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use foundation::{
    CancellationToken,
    clock::Clock,
    db::Pulse,
    http::Http,
    listen::{self, Bounds, Connections},
    site::Site,
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    task::JoinSet,
};

use crate::{
    clients, files,
    health::Needs,
    lock::{self, LockError},
    neighbours::{self, NeighboursError},
    secrets::{self, SecretsError},
    settings::{Settings, SiteName},
    sites::{self, Opener, SiteError},
    words,
};

/// How long open requests may take after the signal to stop.
const GRACE: Duration = Duration::from_secs(5);

#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Neighbours(#[from] NeighboursError),
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    #[error(transparent)]
    Site(#[from] SiteError),
    #[error(transparent)]
    Bundle(#[from] app::OtherVersion),
    #[error("the signals that stop the program can't be listened for: {0}")]
    Signal(std::io::Error),
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
    app::Assets::check(&settings.site_dir)?;
    // The sockets first: the operator learns of a taken port before anything else happens.
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
        place: &settings.database,
        pulse: Pulse::of(&settings.database),
        site_dir: &settings.site_dir,
        // The pulse uses one of them.
        connections: share(settings.database_connections - 1, neighbours::instances(&sites).len()),
        databases: Mutex::default(),
    };
    // Before any site answers: a caller that sees an answer may stop the program at once.
    let stopped = stop_signal().map_err(ServeError::Signal)?;
    let total = files::connections(files::raise(), sites.len());
    let bounds = Bounds { per_address: settings.connections_per_address, total, ..Bounds::default() };
    let mut servers = JoinSet::new();
    let mut agent = None;
    for (name, sockets) in listeners {
        let before = opener.opened();
        let routes = match name {
            SiteName::Identity => {
                sites::identity(&opener, clients::identity(&settings, &shared, sites::RENDER)).await?.0
            }
            SiteName::Broker => {
                let config = clients::broker_identity(&settings, &shared, sites::RENDER);
                sites::broker(&opener, config, clients::broker(&settings, &shared)).await?.0
            }
            SiteName::Agent => {
                let shut_out = clients::shut_out_at_agent(&settings);
                let (routes, started) = sites::agent(&opener, clients::agent(&settings, &shared), &shut_out).await?;
                agent = Some(started);
                routes
            }
        };
        let provider = (name == SiteName::Agent).then(|| clients::agent_login(&settings, &shared).issuer);
        let needs = Needs { databases: opener.opened_since(before), provider, http: opener.http.clone() };
        let routes = sites::finished(routes, name, &settings, needs);
        let connections = Connections::new(bounds.clone());
        let proxies: Arc<[IpAddr]> = settings.proxies.iter().map(IpAddr::to_canonical).collect();
        opener.http.mount(&settings.address(name).site, routes.clone());
        for socket in sockets {
            let (routes, connections, proxies) = (routes.clone(), connections.clone(), proxies.clone());
            servers.spawn(listen::serve(socket, routes, connections, proxies, shutdown.clone()));
        }
    }
    announce(&settings, &sites, agent.as_ref()).await;
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

/// Each database's share of the process's connections.
fn share(connections: u32, databases: usize) -> u32 {
    connections / u32::try_from(databases).unwrap_or(u32::MAX).max(1)
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
            // Without IPv6, it serves 127.0.0.1 only.
            Err(_) if at > 0 => {}
            Err(error) => {
                return Err(ServeError::Listen { setting: name.listen_setting(), address: *socket, error });
            }
        }
    }
    Ok(sockets)
}

async fn announce(settings: &Settings, sites: &[SiteName], agent: Option<&agent::Agent>) {
    let line = |name: &SiteName| {
        let site: &Site = &settings.address(*name).site;
        format!("  {:<17} {}", name.title(), site.issuer())
    };
    words::say(&sites.iter().map(line).collect::<Vec<_>>().join("\n"));
    if settings.is_loopback() && sites.contains(&SiteName::Broker) {
        words::say("  Demo people       alice@example.com, bob@example.com; password mandate-demo");
    }
    if let Some(agent) = agent {
        words::say(&model(settings, agent).await);
    }
    words::say("Ready. Ctrl-C stops.");
}

/// The startup line about the model, and its endpoint's error if it has one.
async fn model(settings: &Settings, agent: &agent::Agent) -> String {
    let Some((base_url, _, (name, _))) = &settings.model else {
        let name = &settings.rehearsal;
        return format!("  Model             {name} (set OPENAI_API_KEY or OPENAI_BASE_URL for a real one)");
    };
    // Shows only the host: the path may be confidential.
    let host = url::Url::parse(base_url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
    let trouble = agent
        .model_trouble()
        .await
        .map(|trouble| format!("\n  !                 The model doesn't answer: {trouble}."));
    format!("  Model             {name} at {host}{}", trouble.unwrap_or_default())
}

/// Listens for Ctrl-C and SIGTERM as soon as it is called; the future ends at the first signal.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
