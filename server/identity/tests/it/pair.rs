//! The two instances of the identity service in the world, Mandate identity (T) and the broker's provider (B), with
//! what tests of them share. These tests ask in the agent's place, which alone is at a fixed address.

pub(crate) mod browser;
pub(crate) mod config;
pub(crate) mod render;
pub(crate) mod walk;

use axum::Router;
use foundation::{CancellationToken, clock::Clock, db::Place, site::Site};
use identity::{Identity, config::Config};
use mandate::{
    settings::SiteName,
    sites::{self, SiteError},
};
use serde_json::Value;
use tokio::net::TcpListener;
use world::{Fault, Setup, World};

pub(crate) use config::secret_of;

pub(crate) const AGENT: &str = "http://agent.localhost:9/";
pub(crate) const CALLBACK: &str = "http://agent.localhost:9/auth/callback";
const PING: &str = "POST /ciba/ping";

/// One of the two.
pub(crate) struct Instance {
    pub(crate) site: Site,
    pub(crate) identity: Identity,
}

/// T and B, on a shared clock.
pub(crate) struct Pair {
    pub(crate) t: Instance,
    pub(crate) b: Instance,
    pub(crate) clock: Clock,
    pub(crate) world: World,
}

/// Changes that a test makes to the settings before starting.
#[derive(Default)]
pub(crate) struct Change {
    pub(crate) t: Option<Settings>,
    pub(crate) b: Option<Settings>,
}

/// Changes an instance's settings.
pub(crate) type Settings = Box<dyn FnOnce(&mut Config) + Send>;

impl Pair {
    pub(crate) async fn start() -> Self {
        Self::with(Change::default()).await
    }

    pub(crate) async fn with(Change { t, b }: Change) -> Self {
        let mut setup = Setup::default().set("AGENT_URL", AGENT.trim_end_matches('/'));
        for (name, client) in config::SECRETS {
            setup = setup.set(name, secret_of(client));
        }
        if std::env::var_os("TEST_SITES_APART").is_some() {
            setup = setup.apart();
        }
        let setup = setup.identity(|config| {
            config::at_t(config);
            t.into_iter().for_each(|change| change(config));
        });
        let setup = setup.provider(|config| {
            config::at_b(config);
            b.into_iter().for_each(|change| change(config));
        });
        let world = setup.start().await;
        let pair = Self {
            t: Instance { site: world.identity_site().clone(), identity: world.identity.clone() },
            b: Instance { site: world.broker_site().clone(), identity: world.provider.clone() },
            clock: world.clock.clone(),
            world,
        };
        // The agent knows none of the requests that these tests make.
        pair.pings_get(204);
        pair
    }

    /// From now on the agent answers pings with this status.
    pub(crate) fn pings_get(&self, status: u16) {
        self.world.at_agent.fails(PING, Fault::Answer(status, Value::Null));
    }

    /// The pings that the agent got, each with its bearer token and `auth_req_id`.
    pub(crate) fn pings(&self) -> Vec<(String, String)> {
        let seen = self.world.at_agent.seen(PING);
        let ping = |seen: &world::Seen| {
            let bearer = seen.header("authorization").trim_start_matches("Bearer ").to_owned();
            (bearer, seen.json()["auth_req_id"].as_str().unwrap_or_default().to_owned())
        };
        seen.iter().map(ping).collect()
    }

    /// The number of pings about a request.
    pub(crate) fn pings_of(&self, auth_req_id: &str) -> usize {
        self.pings().iter().filter(|(_, of)| of == auth_req_id).count()
    }

    /// Stops T and starts it on the same database, as after a crash.
    pub(crate) async fn restart_t(&mut self) {
        self.restart_t_with(|_| {}).await;
    }

    /// As [`Self::restart_t`], with other settings.
    pub(crate) async fn restart_t_with(&mut self, change: impl Fn(&mut Config)) {
        self.world.close(SiteName::Identity);
        change(&mut self.world.identity_config);
        self.world.reopen_identity().await;
        self.t.identity = self.world.identity.clone();
    }

    /// Stops both and starts them with other settings on the same databases.
    pub(crate) async fn restart_with(&mut self, change: impl Fn(&mut Config)) {
        self.b_goes_away();
        change(&mut self.world.provider_config);
        self.b_comes_back().await;
        self.restart_t_with(change).await;
    }

    /// Starts another instance of T on the same database, which isn't reachable.
    pub(crate) async fn start_beside(&self, config: Config) -> Result<Identity, SiteError> {
        let stopped = CancellationToken::new();
        stopped.cancel();
        let ground = &self.world.ground;
        sites::identity(&ground.opener(&ground.http, stopped), config).await.map(|(_, identity)| identity)
    }

    /// T does no background work from now on. It still answers.
    pub(crate) fn t_stops_work(&self) {
        self.world.stop_work(SiteName::Identity);
    }

    pub(crate) fn b_goes_away(&self) {
        self.world.close(SiteName::Broker);
    }

    pub(crate) async fn b_comes_back(&mut self) {
        self.b_comes_back_at(&self.clock.clone()).await;
    }

    async fn b_comes_back_at(&mut self, clock: &Clock) {
        self.world.reopen_broker(clock).await;
        self.b.identity = self.world.provider.clone();
    }

    /// Starts B with a clock that is ahead of T's by this many milliseconds.
    pub(crate) async fn b_has_a_clock_of_its_own(&mut self, ahead: i64) {
        let clock = Clock::system();
        clock.advance(ahead);
        self.b_goes_away();
        self.b_comes_back_at(&clock).await;
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

    /// All bytes of the two databases, if they are files.
    pub(crate) fn database_bytes(&self) -> Vec<u8> {
        let Place::Sqlite(folder) = &self.world.ground.place else { return Vec::new() };
        let files = std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file"));
        let is_ours = |name: &str| name.starts_with("tenant.") || name.starts_with("broker_identity.");
        let ours = files.filter(|file| file.file_name().to_str().is_some_and(is_ours));
        ours.flat_map(|file| std::fs::read(file.path()).expect("a file")).collect()
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
    pub(crate) fn at(&self, path: &str) -> String {
        self.site.at(path)
    }
}

pub(crate) async fn listen(name: &str) -> (TcpListener, Site) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let site = Site::new(format!("http://{name}.localhost:{port}").parse().expect("a URL")).expect("a site");
    (listener, site)
}

/// Another company's server, until the test ends.
pub(crate) fn serve(listener: TcpListener, routes: Router) {
    tokio::spawn(async move {
        let _ = axum::serve(listener, routes).await;
    });
}
