//! What a test arranges: an agent, the two sites that it talks to, and a person.

use std::sync::Arc;

use agent::{
    Agent,
    config::{Config, Model},
    tools::{self, Answer, Caller, Stop},
};
use base::{
    CancellationToken, SecretString,
    axum::Router,
    clock::Clock,
    db::{Db, Place},
    guard,
    http::Http,
    login,
    parts::Parts,
    seal::Sealer,
    secret,
    site::Site,
};
use reqwest::Response;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::{broker::Broker, tenant::Tenant};

pub struct World {
    pub agent: Agent,
    pub site: Site,
    pub tenant: Tenant,
    pub broker: Broker,
    pub clock: Clock,
    pub http: Http,
    parts: Parts,
    _folder: tempfile::TempDir,
}

/// Serves a router at a port of its own, under a host name of its own.
pub async fn serve(name: &str) -> (Site, TcpListener) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{name}.localhost:{}", listener.local_addr().unwrap().port());
    (Site::new(url.parse().unwrap()).unwrap(), listener)
}

pub fn run(listener: TcpListener, router: Router) {
    tokio::spawn(async move { base::axum::serve(listener, router).await });
}

impl World {
    pub async fn new() -> Self {
        let (tenant_site, listener) = serve("id").await;
        let tenant = Tenant::new(&tenant_site);
        run(listener, tenant.router());
        let (broker_site, listener) = serve("trade").await;
        let broker = Broker::new();
        run(listener, broker.router());
        let (site, listener) = serve("agent").await;
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let db = Db::open(&place(folder.path()).await, "agent", &agent::migrator()).await.unwrap();
        let parts = Parts {
            db,
            clock: clock.clone(),
            sealer: Sealer::new(&[9; 32], "agent"),
            http: Http::new(),
            shutdown: CancellationToken::new(),
        };
        let config = Config {
            site: site.clone(),
            folder: folder.path().to_owned(),
            login: login::Settings {
                issuer: tenant_site.issuer().into(),
                client_id: "agent".into(),
                client_secret: "agent-secret".into(),
                redirect_uri: site.at("auth/callback"),
            },
            mcp_client: ("agent-mcp".into(), "agent-mcp-secret".into()),
            broker: broker_site,
            connection: ("stocktrade".into(), "StockTrade".into()),
            model: Model {
                base_url: site.at("rehearsal/v1"),
                api_key: "k".into(),
                name: "rehearsal".into(),
                rehearsal: true,
            },
        };
        let agent = Agent::start(config, parts.clone()).await.unwrap();
        run(listener, guard::site(agent.routes(), &site));
        Self { agent, site, tenant, broker, clock, http: Http::new(), parts, _folder: folder }
    }

    /// With Alice's account connected, for everything.
    pub async fn connected() -> (Self, Caller) {
        let world = Self::new().await;
        world.tenant.state().connected = Some("portfolio:read trade:read trade:write".into());
        let alice = world.alice().await;
        (world, alice)
    }

    /// Alice has logged in: the agent holds a refresh token of hers.
    pub async fn alice(&self) -> Caller {
        let id = "per_alice";
        let sealed = self.parts.sealer.seal(&format!("person.refresh_token:{id}"), "refresh-alice");
        let sql = "INSERT INTO person (id, issuer, subject, name, email, refresh_token, created_at, updated_at)
                   VALUES ($1, $2, 'usr_alice', 'Alice', 'alice@example.com', $3, 0, 0)";
        let insert = sqlx::query(sql).bind(id).bind(self.tenant.site.issuer()).bind(sealed);
        insert.execute(self.parts.db.pool()).await.unwrap();
        Caller::Person {
            person: id.into(),
            subject: "usr_alice".into(),
            name: Some("Alice".into()),
            email: Some("alice@example.com".into()),
        }
    }

    /// A browser that is logged in as Alice (or as nobody): its `Cookie` and the proof of its forms.
    pub async fn browser(&self, person: Option<&str>) -> (String, String) {
        let sessions = self.parts.sessions("mandate_agent", false, 12, 720);
        let mut db = self.parts.db.pool().acquire().await.unwrap();
        let (session, cookie) = sessions.start(&mut db, person, json!({})).await.unwrap();
        let cookie = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
        (cookie, sessions.proof(&session))
    }

    pub async fn call(&self, caller: &Caller, tool: &str, arguments: Value) -> Result<Answer, Stop> {
        tools::call(&self.agent, caller, tool, &arguments.to_string()).await
    }

    pub fn url(&self, path: &str) -> String {
        self.site.at(path)
    }

    /// A page of the agent's, without following where it leads.
    pub async fn get(&self, path: &str, cookie: &str) -> Response {
        self.http.client().get(self.url(path)).header("cookie", cookie).send().await.unwrap()
    }

    /// A token for `/mcp`, as the identity service gives it to a client that registered itself.
    pub fn mcp_token(&self, scopes: &str) -> String {
        self.tenant.token(&self.mcp_claims(scopes))
    }

    pub fn mcp_claims(&self, scopes: &str) -> Value {
        let now = self.clock.seconds();
        json!({
            "iss": self.tenant.site.issuer(),
            "aud": self.url("mcp"),
            "sub": "usr_alice",
            "azp": "tpc_claude",
            "client_id": "tpc_claude",
            "scope": scopes,
            "iat": now,
            "exp": now + 3600,
            "jti": secret::token(),
        })
    }

    pub fn mcp_caller(&self, scopes: &str) -> Caller {
        Caller::Mcp {
            token: SecretString::from(self.mcp_token(scopes)),
            subject: "usr_alice".into(),
            client: "tpc_claude".into(),
            scopes: scopes.split(' ').map(str::to_owned).collect(),
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.parts.shutdown.cancel();
    }
}

/// SQLite in the test's folder; with `TEST_DATABASE_URL` a fresh PostgreSQL database.
async fn place(folder: &std::path::Path) -> Place {
    let Ok(server) = std::env::var("TEST_DATABASE_URL") else { return Place::Sqlite(folder.to_owned()) };
    sqlx::any::install_default_drivers();
    let name = secret::id("agent_tools_");
    let pool = sqlx::AnyPool::connect(&server).await.unwrap();
    let create = format!("CREATE DATABASE {name}");
    sqlx::query(sqlx::AssertSqlSafe(create)).execute(&pool).await.unwrap();
    let mut url: url::Url = server.parse().unwrap();
    url.set_path(&name);
    Place::Postgres(url)
}

/// A message of a tool that stopped.
pub fn message(result: Result<Answer, Stop>) -> String {
    match result {
        Err(Stop::Failed { message } | Stop::Unavailable { message }) => message,
        other => panic!("{other:?}"),
    }
}

pub type Shared<T> = Arc<std::sync::Mutex<T>>;
