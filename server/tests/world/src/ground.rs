//! The environment of the sites: settings, a folder with databases, and sockets on ports that the system chose.

use std::{
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    sync::{Arc, Mutex},
};

use agent::Agent;
use axum::Router;
use driver::until;
use foundation::{
    CancellationToken,
    clock::Clock,
    db::{Db, Place},
    http::Http,
    listen::{self, Bounds, Connections},
    parts::Parts,
    seal::Sealer,
};
use mandate::{
    health::Needs,
    secrets::{self, Shared},
    settings::{Settings, SiteName},
    sites::{self, Opener},
};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::{front::Front, place};

/// A site's port, kept for it while the world lasts.
struct Socket {
    site: SiteName,
    address: SocketAddr,
    /// `None` while the site is closed, so that connections are refused.
    listener: Mutex<Option<TcpListener>>,
}

/// Clones share everything.
#[derive(Clone)]
pub struct Ground {
    pub settings: Arc<Settings>,
    pub shared: Arc<Shared>,
    pub clock: Clock,
    pub place: Place,
    /// The HTTP client between the sites.
    pub http: Http,
    pub master: [u8; 32],
    pub shutdown: CancellationToken,
    sockets: Arc<[Socket]>,
    is_apart: bool,
    folder: Arc<TempDir>,
}

impl Ground {
    pub(crate) async fn make(changes: &[(String, String)], file: Option<&str>, is_apart: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = place::fill(folder.path()).await;
        let sockets = [SiteName::Agent, SiteName::Identity, SiteName::Broker].map(Socket::new);
        let mut given = vec![("DATA_DIR".to_owned(), folder.path().display().to_string())];
        for (socket, host) in sockets.iter().zip(["agent", "id", "trade"]) {
            let url = format!("http://{host}.localhost:{}", socket.address.port());
            given.push((socket.site.url_setting().to_owned(), url));
        }
        if let Some(text) = file {
            let path = folder.path().join("mandate.toml");
            std::fs::write(&path, text).unwrap();
            given.push(("MANDATE_CONFIG".to_owned(), path.display().to_string()));
        }
        given.extend(changes.iter().cloned());
        let value = |name: &str| given.iter().rfind(|(known, _)| known == name).map(|(_, value)| value.clone());
        let mut settings = Settings::read(&value, &SiteName::ALL).unwrap();
        // The database is a copy of one that was made at other ports.
        settings.new_config = true;
        let shared = secrets::shared(&settings, &SiteName::ALL).unwrap();
        let master = secrets::master_key(&settings).unwrap();
        Self {
            settings: settings.into(),
            shared: shared.into(),
            clock: Clock::system(),
            place,
            http: Http::new(),
            master,
            shutdown: CancellationToken::new(),
            sockets: sockets.into(),
            is_apart,
            folder: folder.into(),
        }
    }

    /// The `DATA_DIR`.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    /// The sites' common parts, with this HTTP client.
    pub fn opener(&self, http: &Http, shutdown: CancellationToken) -> Opener<'_> {
        Opener {
            master: self.master,
            clock: self.clock.clone(),
            http: http.clone(),
            shutdown,
            place: &self.place,
            pulse: foundation::db::Pulse::default(),
            site_dir: &self.settings.site_dir,
            // The default's share of one database.
            connections: 5,
            databases: Mutex::default(),
        }
    }

    /// Starts an agent in the current runtime. It reaches the other sites over TCP.
    pub async fn agent(&self, config: agent::config::Config, shutdown: CancellationToken) -> (Router, Agent) {
        sites::agent(&self.opener(&Http::new(), shutdown), config, &[]).await.unwrap()
    }

    /// Serves a site behind this front at its address until the token is cancelled.
    pub async fn serve(&self, name: SiteName, routes: Router, front: &Front, stop: CancellationToken) {
        let listener = self.socket(name).listener();
        listen::serve(listener, self.finished(name, routes, front), connections(), [].into(), stop).await;
    }

    /// Opens a site at its socket and, unless the sites are apart, for the other sites in this process. An address
    /// that isn't the socket's is open in this process alone.
    pub(crate) fn open(&self, name: SiteName, routes: Router, front: &Front) -> JoinHandle<()> {
        let routes = self.finished(name, routes, front);
        let (site, socket) = (&self.settings.address(name).site, self.socket(name));
        if !self.is_apart || site.url().port() != Some(socket.address.port()) {
            self.http.mount(site, routes.clone());
        }
        let listener = socket.listener();
        tokio::spawn(listen::serve(listener, routes, connections(), [].into(), self.shutdown.clone()))
    }

    /// Closes a site. New connections are refused.
    pub(crate) fn close(&self, name: SiteName, listening: &JoinHandle<()>) {
        self.http.unmount(&self.settings.address(name).site);
        listening.abort();
        *self.socket(name).listener.lock().unwrap() = None;
    }

    /// Takes a closed site's port again.
    pub(crate) async fn rebind(&self, name: SiteName) {
        let socket = self.socket(name);
        let listener = until("its port is free", async || TcpListener::bind(socket.address).ok()).await;
        *socket.listener.lock().unwrap() = Some(listener);
    }

    fn finished(&self, name: SiteName, routes: Router, front: &Front) -> Router {
        let needs = Needs { databases: Vec::new(), provider: None, http: self.http.clone() };
        front.before(sites::finished(routes, name, &self.settings, needs))
    }

    fn socket(&self, name: SiteName) -> &Socket {
        self.sockets.iter().find(|socket| socket.site == name).unwrap()
    }

    /// Opens an instance's database for inspection: `agent`, `tenant`, `broker_identity` or `broker`.
    pub async fn db(&self, instance: &str) -> Db {
        let opened = match instance {
            "agent" => Db::open(&self.place, instance, &agent::migrator()).await,
            "broker" => Db::open(&self.place, instance, broker::migrator()).await,
            _ => Db::open(&self.place, instance, &identity::migrator()).await,
        };
        opened.unwrap()
    }

    /// An instance's parts, for inspecting its sessions and sealed values.
    pub async fn parts(&self, instance: &str) -> Parts {
        Parts {
            db: self.db(instance).await,
            clock: self.clock.clone(),
            sealer: Sealer::new(&self.master, instance),
            http: self.http.clone(),
            shutdown: self.shutdown.clone(),
        }
    }
}

impl Socket {
    fn new(site: SiteName) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self { site, address: listener.local_addr().unwrap(), listener: Some(listener).into() }
    }

    fn listener(&self) -> tokio::net::TcpListener {
        let listener = self.listener.lock().unwrap().as_ref().unwrap().try_clone().unwrap();
        listener.set_nonblocking(true).unwrap();
        tokio::net::TcpListener::from_std(listener).unwrap()
    }
}

fn connections() -> Arc<Connections> {
    Connections::new(Bounds::default())
}
