//! People, what they do at the three sites with a browser, and programs that act for them.

use std::sync::Arc;

use driver::{Browser, Credentials, Sites};
use identity::Identity;
use tokio::sync::Mutex;

use crate::{fault::Fault, start::World};

/// A person's browser. Clones share it.
#[derive(Clone, Debug)]
pub struct Person {
    pub browser: Arc<Mutex<Browser>>,
    pub credentials: Credentials,
}

impl World {
    /// The addresses of the sites.
    pub fn sites(&self) -> Sites {
        let of = |site: &foundation::site::Site| site.url().clone();
        Sites { agent: of(self.agent_site()), identity: of(self.identity_site()), broker: of(self.broker_site()) }
    }

    /// A new browser.
    pub fn browser(&self) -> Browser {
        Browser::new(driver::Secrets::default(), &self.sites().hosts()).unwrap()
    }

    /// A person with a new browser.
    pub fn person(&self, credentials: Credentials) -> Person {
        Person { browser: Arc::new(Mutex::new(self.browser())), credentials }
    }

    /// A person, logged in at the agent.
    pub async fn logged_in(&self, credentials: Credentials) -> Person {
        let person = self.person(credentials);
        person.browser.lock().await.log_in(&self.sites(), credentials).await.unwrap();
        person
    }

    /// A logged-in person with their account at StockTrade connected, with all scopes.
    pub async fn connected(&self, credentials: Credentials) -> Person {
        let person = self.logged_in(credentials).await;
        person.browser.lock().await.connect(&self.sites()).await.unwrap();
        person
    }
}

impl World {
    /// From now on the person decides like this (`approve` or `deny`) whenever asked, including waiting requests.
    pub async fn decides(&self, person: &Person, decision: &'static str) {
        let (asked, by) = (person.clone(), tokio::runtime::Handle::current());
        self.at_identity.fails(
            "POST /bc-authorize",
            Fault::changed(move |answer| {
                if let Some(page) = answer["approval_uri"].as_str().map(str::to_owned) {
                    let person = asked.clone();
                    by.spawn(async move { person.decide(&page, decision).await });
                }
            }),
        );
        self.decide_waiting(person, decision).await;
    }

    /// The person decides what waits now.
    pub async fn decide_waiting(&self, person: &Person, decision: &str) {
        // Requests made together are decided together.
        while let Some(page) = self.waiting().await.first() {
            person.decide(page, decision).await;
        }
    }

    /// The pages of undecided requests.
    pub async fn waiting(&self) -> Vec<String> {
        let waiting = "SELECT id FROM approval WHERE state = 'waiting' AND expires_at > $1 ORDER BY asked_at";
        let waiting = sqlx::query_scalar(waiting).bind(self.clock.now());
        let waiting: Vec<String> = waiting.fetch_all(self.pool("tenant")).await.unwrap();
        waiting.iter().map(|id| self.identity_site().at(&format!("approvals/{id}"))).collect()
    }

    /// A person's `sub` at Mandate identity, after their first login there.
    pub async fn subject(&self, credentials: Credentials) -> String {
        let subject = sqlx::query_scalar("SELECT id FROM person WHERE email = $1").bind(credentials.email);
        subject.fetch_one(self.pool("tenant")).await.unwrap()
    }

    /// The refresh token of the only person who logged in at the agent, which holds it.
    pub async fn refresh_token(&self) -> String {
        let agent = self.ground.parts("agent").await;
        let row = sqlx::query_as("SELECT id, refresh_token FROM person");
        let (id, sealed): (String, String) = row.fetch_one(agent.db.pool()).await.unwrap();
        agent.sealer.open(&format!("person.refresh_token:{id}"), &sealed).unwrap()
    }

    /// An identity service's signing key.
    pub async fn signing_key(&self, of: &Identity) -> String {
        let sealed = sqlx::query_scalar("SELECT private FROM signing_key WHERE slot = 'current'");
        let sealed: String = sealed.fetch_one(of.db.pool()).await.unwrap();
        of.sealer.open("signing_key.private:current", &sealed).unwrap()
    }

    /// Registers an app at an identity service like `POST /oidc/register`, but with a chosen id.
    pub async fn register_app(&self, at: &Identity, id: &str, name: &str) {
        let now = self.clock.now();
        let insert =
            "INSERT INTO client (id, name, redirect_uris, post_logout_redirect_uris, grants, scopes, audiences,
            first_party, registered, approval_required, disabled, created_at, used_at)
            VALUES ($1, $2, $3, '[]', $4, '[]', '[]', 0, 1, 0, 0, $5, $5)";
        let insert = sqlx::query(insert).bind(id).bind(name).bind(r#"["http://127.0.0.1:5555/callback"]"#);
        let insert = insert.bind(r#"["authorization_code","refresh_token"]"#).bind(now);
        insert.execute(at.db.pool()).await.unwrap();
    }
}

impl Person {
    /// Decides an approval request on its page: `approve` or `deny`.
    pub async fn decide(&self, page: &str, decision: &str) {
        self.browser.lock().await.decide(page, decision).await.unwrap();
    }

    /// Opens an address that leads to StockTrade's consent page, and decides there: `allow` or `deny`. Returns the
    /// final address.
    pub async fn consents(&self, url: &str, decision: &str, until: &str) -> url::Url {
        let mut browser = self.browser.lock().await;
        browser.open(url).await.unwrap();
        let button = ("decision", decision);
        let form = browser.page().unwrap().form_to(button).unwrap();
        browser.submit_until(&form, &[], Some(button), until).await.unwrap()
    }

    /// Opens an address, logs in if asked, and follows redirects until an address starts with `until`.
    pub async fn goes(&self, url: &str, until: &str) -> url::Url {
        let mut browser = self.browser.lock().await;
        if let Ok(reached) = browser.open_until(url, until).await {
            return reached;
        }
        let form = browser.page().unwrap().form_with("password").unwrap();
        let typed = [("email", self.credentials.email), ("password", self.credentials.password)];
        browser.submit_until(&form, &typed, None, until).await.unwrap()
    }
}
