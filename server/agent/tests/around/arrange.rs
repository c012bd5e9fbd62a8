//! What every test of the agent begins with: sites under host names of their own, a fresh database, and an agent set up
//! for an identity service and a broker that do what they are told.

use std::{
    net::TcpListener,
    path::Path,
    sync::{Arc, Mutex},
};

use agent::config::{Config, Connection, Model, Patience, Retention};
use foundation::{
    CancellationToken,
    axum::{self, Router},
    clock::Clock,
    db::{Db, Place},
    http::Http,
    login,
    parts::Parts,
    seal::Sealer,
    secret,
    site::Site,
};

use crate::{broker::Broker, identity::Identity};

pub type Shared<T> = Arc<Mutex<T>>;

/// A free port, under a host name of its own.
pub fn bind(name: &str) -> (Site, TcpListener) {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let url = format!("http://{name}.localhost:{}", socket.local_addr().unwrap().port());
    (Site::new(url.parse().unwrap()).unwrap(), socket)
}

pub fn serve(socket: TcpListener, router: Router) {
    let socket = tokio::net::TcpListener::from_std(socket).unwrap();
    tokio::spawn(async move { axum::serve(socket, router).await });
}

/// The two sites that the agent talks to, running; and the broker's address.
pub fn others() -> (Identity, Broker, Site) {
    let (site, socket) = bind("id");
    let identity = Identity::new(&site);
    serve(socket, identity.router());
    let (site, socket) = bind("trade");
    let broker = Broker::new();
    serve(socket, broker.router());
    (identity, broker, site)
}

/// An agent at `site`, in `folder`, that talks to these.
pub fn config(site: &Site, folder: &Path, identity: &Identity, broker: Site, model: Model) -> Config {
    Config {
        site: site.clone(),
        folder: folder.to_owned(),
        login: login::Settings {
            issuer: identity.site.issuer().into(),
            client_id: "agent".into(),
            client_secret: "agent-secret".into(),
            redirect_uri: site.at("auth/callback"),
        },
        mcp_client: ("agent-mcp".into(), "agent-mcp-secret".into()),
        mcp_origins: vec!["https://inspector.example".into()],
        mcp_wait_ms: 25_000,
        apis: apis(&broker),
        tools: Vec::new(),
        connections: vec![Connection {
            name: "stocktrade".into(),
            title: "StockTrade".into(),
            api: "stocktrade".into(),
        }],
        model,
        retention: Retention { chats_ms: None, visitor_chats_ms: 7 * 24 * 3_600_000 },
    }
}

/// The broker's API.
fn apis(broker: &Site) -> details::Apis {
    details::Apis::parse(&stocktrade(broker)).unwrap()
}

/// The broker's API, as a file has it.
pub fn stocktrade(broker: &Site) -> String {
    format!(
        r#"
        [[api]]
        id = "stocktrade"
        audience = "{0}"
        url = "{0}"
        [api.scopes]
        "portfolio:read" = "See your cash, positions and their value"
        "trade:read" = "See your orders"
        "trade:write" = "Prepare orders, which you approve one by one"
        "#,
        broker.at("api")
    )
}

/// The rehearsal model of this name, at the agent itself.
pub fn rehearsal(site: &Site, name: &str) -> Model {
    Model {
        base_url: site.at("rehearsal/v1"),
        api_key: "k".into(),
        name: name.into(),
        rehearsal: true,
        patience: Patience::default(),
    }
}

/// What an agent is made of, on this database.
pub async fn parts(place: &Place, clock: Clock, shutdown: CancellationToken) -> Parts {
    let db = Db::open(place, "agent", &agent::migrator()).await.unwrap();
    Parts { db, clock, sealer: Sealer::new(&[9; 32], "agent"), http: Http::new(), shutdown }
}

/// SQLite in the test's folder; with `TEST_DATABASE_URL` a fresh PostgreSQL database.
pub async fn place(folder: &Path) -> Place {
    let Ok(server) = std::env::var("TEST_DATABASE_URL") else { return Place::Sqlite(folder.to_owned()) };
    sqlx::any::install_default_drivers();
    let name = secret::id("agent_");
    let pool = sqlx::AnyPool::connect(&server).await.unwrap();
    let create = format!("CREATE DATABASE {name}");
    sqlx::query(sqlx::AssertSqlSafe(create)).execute(&pool).await.unwrap();
    let mut url: url::Url = server.parse().unwrap();
    url.set_path(&name);
    Place::Postgres(url)
}
