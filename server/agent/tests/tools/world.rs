//! A test's surroundings: an agent, the two sites that it calls, and a person.

use std::sync::{Arc, LazyLock};

use agent::{
    Agent,
    config::Config,
    tools::{self, Answer, Caller, Definition, Stop},
};
use foundation::{
    CancellationToken, SecretString,
    axum::http::HeaderMap,
    clock::Clock,
    guard,
    http::{Http, Layer},
    parts::Parts,
    secret,
    session::{New, Sessions},
    site::Site,
};
use reqwest::Response;
use serde_json::{Value, json};

use crate::{arrange, broker::Broker, identity::Identity};

pub struct World {
    pub agent: Agent,
    pub site: Site,
    pub identity: Identity,
    pub broker: Broker,
    pub clock: Clock,
    pub http: Http,
    parts: Parts,
    _folder: tempfile::TempDir,
}

impl World {
    pub async fn new() -> Self {
        Self::layered(None).await
    }

    /// With a layer around the agent's calls to other sites.
    pub async fn layered(layer: Option<Arc<dyn Layer>>) -> Self {
        Self::made(layer, |_| {}).await
    }

    /// With more in its configuration.
    pub async fn configured(change: impl FnOnce(&mut Config)) -> Self {
        Self::made(None, change).await
    }

    async fn made(layer: Option<Arc<dyn Layer>>, change: impl FnOnce(&mut Config)) -> Self {
        let (identity, broker, broker_site) = arrange::others();
        let (site, socket) = arrange::bind("agent");
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::system();
        let place = arrange::place(folder.path()).await;
        let mut parts = arrange::parts(&place, clock.clone(), CancellationToken::new()).await;
        if let Some(layer) = layer {
            parts.http = parts.http.layered(layer);
        }
        let model = arrange::rehearsal(&site, "rehearsal");
        let mut config = arrange::config(&site, folder.path(), &identity, broker_site, model);
        change(&mut config);
        let agent = Agent::start(config, parts.clone()).await.unwrap();
        arrange::serve(socket, guard::site(agent.routes(), &site));
        Self { agent, site, identity, broker, clock, http: Http::new(), parts, _folder: folder }
    }

    /// With Alice's account connected, with all scopes.
    pub async fn connected() -> (Self, Caller) {
        let world = Self::new().await;
        world.identity.state().connected = Some("portfolio:read trade:read trade:write".into());
        let alice = world.alice().await;
        (world, alice)
    }

    /// Alice, logged in: the agent holds her refresh token.
    pub async fn alice(&self) -> Caller {
        let id = "per_alice";
        let sealed = self.parts.sealer.seal(&format!("person.refresh_token:{id}"), "refresh-alice");
        let sql = "INSERT INTO person (id, issuer, subject, name, email, refresh_token, created_at, updated_at)
                   VALUES ($1, $2, 'usr_alice', 'Alice', 'alice@example.com', $3, 0, 0)";
        let insert = sqlx::query(sql).bind(id).bind(self.identity.site.issuer()).bind(sealed);
        insert.execute(self.parts.db.pool()).await.unwrap();
        Caller::Person {
            person: id.into(),
            subject: "usr_alice".into(),
            name: Some("Alice".into()),
            email: Some("alice@example.com".into()),
        }
    }

    pub fn sessions(&self) -> Sessions {
        self.parts.sessions("mandate_agent", false, 12, 720)
    }

    /// A browser logged in as Alice or as nobody: its `Cookie` and the CSRF token of its forms.
    pub async fn browser(&self, person: Option<&str>) -> (String, String) {
        let sessions = self.sessions();
        let mut db = self.parts.db.pool().acquire().await.unwrap();
        let new = New { person, visitor: "vis_1", ..New::default() };
        let begun = sessions.begin(&mut db, new).await.unwrap();
        let handle = sessions.handle(&HeaderMap::new());
        sessions.adopt(&handle, &begun).await.unwrap();
        (format!("mandate_agent={}", handle.id().unwrap()), sessions.csrf_token(&begun.session))
    }

    pub async fn call(&self, caller: &Caller, tool: &str, arguments: Value) -> Result<Answer, Stop> {
        tools::call(&self.agent, caller, tool, &arguments.to_string()).await
    }

    pub fn url(&self, path: &str) -> String {
        self.site.at(path)
    }

    /// Gets one of the agent's pages without following redirects.
    pub async fn get(&self, path: &str, cookie: &str) -> Response {
        self.http.client().get(self.url(path)).header("cookie", cookie).send().await.unwrap()
    }

    /// A token for `/mcp`, as a self-registered client gets it from the identity service.
    pub fn mcp_token(&self, scopes: &str) -> String {
        self.identity.token(&self.mcp_claims(scopes))
    }

    pub fn mcp_claims(&self, scopes: &str) -> Value {
        let now = self.clock.seconds();
        json!({
            "iss": self.identity.site.issuer(),
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

/// The message of a stopped tool.
pub fn message(result: Result<Answer, Stop>) -> String {
    match result {
        Err(Stop::Failed { message } | Stop::Unavailable { message }) => message,
        other => panic!("{other:?}"),
    }
}

/// The agent's built-in tools.
pub fn definitions() -> &'static [Definition] {
    static ALL: LazyLock<Vec<Definition>> = LazyLock::new(|| tools::compiled("StockTrade"));
    &ALL
}

pub fn find(name: &str) -> Option<&'static Definition> {
    definitions().iter().find(|tool| tool.name == name)
}
