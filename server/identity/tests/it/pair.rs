//! Two real instances of the identity service over HTTP, Mandate identity (T) and the broker's provider (B), with
//! people, browsers, clients, and a receiver of pings.

pub(crate) mod browser;
pub(crate) mod config;
pub(crate) mod database;
pub(crate) mod render;
pub(crate) mod walk;

use std::sync::{Arc, Mutex};

use axum::{Router, extract::State, http::HeaderMap, http::StatusCode, routing::post};
use foundation::{
    CancellationToken,
    clock::Clock,
    db::Db,
    http::{Http, Layer},
    parts::Parts,
    seal::Sealer,
    site::Site,
};
use identity::{Identity, config::Config};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

use config::configs;
pub(crate) use config::secret_of;
use database::Databases;

pub(crate) const AGENT: &str = "http://agent.localhost:9/";
pub(crate) const CALLBACK: &str = "http://agent.localhost:9/auth/callback";
const MASTER: [u8; 32] = [7; 32];

/// One running instance.
pub(crate) struct Instance {
    pub(crate) site: Site,
    pub(crate) identity: Identity,
    config: Config,
    instance: &'static str,
    stop: CancellationToken,
    server: JoinHandle<()>,
}

/// T and B, on a shared clock.
pub(crate) struct Pair {
    pub(crate) t: Instance,
    pub(crate) b: Instance,
    pub(crate) clock: Clock,
    pub(crate) pings: Pings,
    world: World,
}

/// Shared by both instances.
struct World {
    clock: Clock,
    databases: Databases,
    /// The HTTP client: it connects the two without the network, unless `TEST_SITES_APART` is set.
    http: Http,
}

/// Receives T's pings.
#[derive(Clone, Default)]
pub(crate) struct Pings {
    /// (bearer token, auth_req_id)
    pub(crate) taken: Arc<Mutex<Vec<(String, String)>>>,
    /// The status it answers with, 204 by default.
    pub(crate) refuse: Arc<Mutex<Option<StatusCode>>>,
    /// The number of pings, including refused ones.
    pub(crate) asked: Arc<Mutex<usize>>,
}

/// Changes that a test makes to the settings before starting.
#[derive(Default)]
pub(crate) struct Change {
    pub(crate) t: Option<Settings>,
    pub(crate) b: Option<Settings>,
    /// Injects faults between the two.
    pub(crate) layer: Option<Arc<dyn Layer>>,
}

/// Changes an instance's settings.
pub(crate) type Settings = Box<dyn FnOnce(&mut Config) + Send>;

impl Pair {
    pub(crate) async fn start() -> Self {
        Self::with(Change::default()).await
    }

    pub(crate) async fn with(change: Change) -> Self {
        let clock = Clock::system();
        let pings = Pings::default();
        let http = Http::new();
        let http = change.layer.map_or(http.clone(), |layer| http.layered(layer));
        let world = World { clock: clock.clone(), databases: Databases::make().await, http };
        let (t_listener, t_site) = listen("id").await;
        let (b_listener, b_site) = listen("trade").await;
        let ping = serve_pings(pings.clone()).await;
        let (mut t_config, mut b_config) = configs(&t_site, &b_site, &ping);
        if let Some(change) = change.b {
            change(&mut b_config);
        }
        if let Some(change) = change.t {
            change(&mut t_config);
        }
        let b = Instance::start("broker_identity", b_config, b_listener, &world).await;
        let t = Instance::start("tenant", t_config, t_listener, &world).await;
        Self { t, b, clock, pings, world }
    }

    /// Stops T and starts it on the same database, as after a crash.
    pub(crate) async fn restart_t(&mut self) {
        self.t.go_away(&self.world);
        self.t = self.t.again(&self.world).await;
    }

    /// As [`Self::restart_t`], with other settings.
    pub(crate) async fn restart_t_with(&mut self, change: impl Fn(&mut Config)) {
        self.t.go_away(&self.world);
        change(&mut self.t.config);
        self.t = self.t.again(&self.world).await;
    }

    /// Stops both and starts them with other settings on the same databases.
    pub(crate) async fn restart_with(&mut self, change: impl Fn(&mut Config)) {
        for instance in [&mut self.b, &mut self.t] {
            instance.go_away(&self.world);
            change(&mut instance.config);
            *instance = instance.again(&self.world).await;
        }
    }

    /// Starts another instance of T on the same database, which isn't reachable.
    pub(crate) async fn start_beside(&self, config: Config) -> Result<Identity, identity::StartError> {
        let parts = Parts {
            db: Db::open(&self.world.databases.place, self.t.instance, &identity::migrator())
                .await
                .expect("a database"),
            clock: self.world.clock.clone(),
            sealer: Sealer::new(&MASTER, self.t.instance),
            http: self.world.http.clone(),
            shutdown: CancellationToken::new(),
        };
        parts.shutdown.cancel();
        Identity::start(config, parts).await
    }

    pub(crate) fn b_goes_away(&self) {
        self.b.go_away(&self.world);
    }

    pub(crate) async fn b_comes_back(&mut self) {
        self.b = self.b.again(&self.world).await;
    }

    /// Starts B with a clock that is ahead of T's by this many milliseconds.
    pub(crate) async fn b_has_a_clock_of_its_own(&mut self, ahead: i64) {
        let clock = Clock::system();
        clock.advance(ahead);
        self.b.go_away(&self.world);
        let shared = std::mem::replace(&mut self.world.clock, clock);
        self.b = self.b.again(&self.world).await;
        self.world.clock = shared;
    }

    /// Waits until T has sent everything in its outbox.
    pub(crate) async fn until_outbox_is_empty(&self) {
        world::until("nothing is left in the outbox", async || {
            let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM outbox")
                .fetch_one(self.t.identity.db.pool())
                .await
                .expect("the database");
            (left == 0).then_some(())
        })
        .await;
    }

    /// The number of a client's grants at B.
    pub(crate) async fn grants_at_b(&self, client: &str) -> i64 {
        sqlx::query_scalar("SELECT COUNT(*) FROM authorization_grant WHERE client = $1 AND revoked_at IS NULL")
            .bind(client)
            .fetch_one(self.b.identity.db.pool())
            .await
            .expect("the database")
    }

    /// All bytes of the databases, if they are files.
    pub(crate) fn database_bytes(&self) -> Vec<u8> {
        self.world.databases.bytes()
    }

    /// An HTTP client without cookies.
    pub(crate) fn http(&self) -> reqwest::Client {
        browser::plain()
    }

    /// Posts a form; returns the status and the JSON body.
    pub(crate) async fn form(&self, url: &str, form: &[(&str, &str)]) -> (u16, Value) {
        self.form_with(url, form, &[]).await
    }

    pub(crate) async fn form_with(&self, url: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> (u16, Value) {
        let mut request = self.http().post(url).form(form);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }
}

impl Instance {
    async fn start(instance: &'static str, config: Config, listener: TcpListener, world: &World) -> Self {
        let stop = CancellationToken::new();
        let parts = Parts {
            db: Db::open(&world.databases.place, instance, &identity::migrator()).await.expect("a database"),
            clock: world.clock.clone(),
            sealer: Sealer::new(&MASTER, instance),
            http: world.http.clone(),
            shutdown: stop.clone(),
        };
        let site = config.site.clone();
        let identity = Identity::start(config.clone(), parts).await.expect("it starts");
        let routes = foundation::guard::site(identity.routes(), &site);
        if std::env::var_os("TEST_SITES_APART").is_none() {
            world.http.mount(&site, routes.clone());
        }
        let service = routes.into_make_service_with_connect_info::<std::net::SocketAddr>();
        let server = tokio::spawn(async move {
            let _ = axum::serve(listener, service).await;
        });
        Self { site, identity, config, instance, stop, server }
    }

    fn go_away(&self, world: &World) {
        world.http.unmount(&self.site);
        self.stop.cancel();
        self.server.abort();
    }

    /// Restarts the instance on its database and address.
    async fn again(&self, world: &World) -> Self {
        let address = format!("127.0.0.1:{}", self.site.url().port().expect("a port"));
        let listener = world::until("its port is free", async || TcpListener::bind(&address).await.ok()).await;
        Self::start(self.instance, self.config.clone(), listener, world).await
    }

    pub(crate) fn at(&self, path: &str) -> String {
        self.site.at(path)
    }

    pub(crate) fn stop_work(&self) {
        self.stop.cancel();
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        for instance in [&self.t, &self.b] {
            instance.go_away(&self.world);
        }
    }
}

pub(crate) async fn listen(name: &str) -> (TcpListener, Site) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let site = Site::new(format!("http://{name}.localhost:{port}").parse().expect("a URL")).expect("a site");
    (listener, site)
}

async fn serve_pings(pings: Pings) -> String {
    async fn ping(State(pings): State<Pings>, headers: HeaderMap, body: axum::Json<Value>) -> StatusCode {
        *pings.asked.lock().expect("a lock") += 1;
        if let Some(status) = *pings.refuse.lock().expect("a lock") {
            return status;
        }
        let bearer = headers.get("authorization").and_then(|it| it.to_str().ok()).unwrap_or_default();
        let bearer = bearer.trim_start_matches("Bearer ").to_owned();
        let id = body["auth_req_id"].as_str().unwrap_or_default().to_owned();
        pings.taken.lock().expect("a lock").push((bearer, id));
        StatusCode::NO_CONTENT
    }
    let (listener, site) = listen("agent").await;
    let routes = Router::new().route("/ciba/ping", post(ping)).with_state(pings);
    tokio::spawn(async move {
        let _ = axum::serve(listener, routes).await;
    });
    site.at("ciba/ping")
}
