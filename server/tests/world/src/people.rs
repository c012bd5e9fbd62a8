//! People: what they do at the three sites, with a browser, and programs that act for them.

use std::sync::Arc;

use driver::{Browser, Credentials, Sites};
use tokio::sync::Mutex;

use crate::start::World;

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

    /// A browser that was nowhere yet.
    pub fn browser(&self) -> Browser {
        Browser::new(driver::Secrets::default(), &self.sites().hosts()).unwrap()
    }

    /// A person who was nowhere yet.
    pub fn person(&self, credentials: Credentials) -> Person {
        Person { browser: Arc::new(Mutex::new(self.browser())), credentials }
    }

    /// A person, logged in at the agent.
    pub async fn logged_in(&self, credentials: Credentials) -> Person {
        let person = self.person(credentials);
        person.browser.lock().await.log_in(&self.sites(), credentials).await.unwrap();
        person
    }

    /// A person, logged in, with their account at StockTrade connected for everything.
    pub async fn connected(&self, credentials: Credentials) -> Person {
        let person = self.logged_in(credentials).await;
        person.browser.lock().await.connect(&self.sites()).await.unwrap();
        person
    }
}

impl Person {
    /// Decides a request for approval on its page: `approve` or `deny`.
    pub async fn decide(&self, page: &str, decision: &str) {
        self.browser.lock().await.decide(page, decision).await.unwrap();
    }

    /// Opens an address, logs in where the person is asked to, and goes on until an address that begins with `until`.
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
