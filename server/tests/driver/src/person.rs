//! A person's actions at the three sites, on their pages.

use reqwest::{Method, StatusCode};
use serde_json::json;
use shared::chat::Accepted;

use crate::{browser::Browser, events::Thread, outcome::Outcome, sites::Sites};

/// A person's login.
#[derive(Clone, Copy, Debug)]
pub struct Credentials {
    pub email: &'static str,
    pub password: &'static str,
    pub name: &'static str,
}

pub const ALICE: Credentials = Credentials { email: "alice@example.com", password: "mandate-demo", name: "Alice" };
pub const BOB: Credentials = Credentials { email: "bob@example.com", password: "mandate-demo", name: "Bob" };

impl Browser {
    /// Logs in at the agent, through the identity service and StockTrade's login page.
    ///
    /// # Errors
    /// When it ends elsewhere.
    pub async fn log_in(&mut self, sites: &Sites, person: Credentials) -> Outcome {
        self.open(sites.agent.join("auth/login")?.as_str()).await?;
        self.type_credentials(person).await?;
        self.expect_at(sites.agent.as_str())
    }

    /// Enters email and password into the current login page.
    ///
    /// # Errors
    /// When the page isn't a login page.
    pub async fn type_credentials(&mut self, person: Credentials) -> Outcome {
        let form = self.page()?.form_with("password")?;
        self.submit(&form, &[("email", person.email), ("password", person.password)], None).await?;
        Ok(())
    }

    /// Logs out everywhere, with the form on the agent's page.
    ///
    /// # Errors
    /// When it doesn't return to the agent.
    pub async fn log_out(&mut self, sites: &Sites) -> Outcome {
        self.open(sites.agent.as_str()).await?;
        let form = self.form_at("/auth/logout")?;
        self.submit(&form, &[], None).await?;
        self.expect_at(sites.agent.as_str())
    }

    /// Connects the StockTrade account from *Connected accounts*: consents at StockTrade and returns.
    ///
    /// # Errors
    /// When a page on the way isn't the expected one.
    pub async fn connect(&mut self, sites: &Sites) -> Outcome {
        self.open(sites.agent.join("accounts")?.as_str()).await?;
        let page = self.page()?;
        let to = crate::html::addresses(&page.body, "[href], [action]")
            .into_iter()
            .find(|to| to.contains("/accounts/connect"))
            .ok_or_else(|| format!("nothing to connect at {}: {}", page.url, page.text()))?;
        let url = page.url.join(&to)?;
        self.consent(sites, url.as_str()).await
    }

    /// Opens the address that starts a connection, and allows StockTrade's request.
    ///
    /// # Errors
    /// When a page on the way isn't the expected one.
    pub async fn consent(&mut self, sites: &Sites, connect: &str) -> Outcome {
        self.open(connect).await?;
        // The login at StockTrade may have ended.
        if self.page()?.form_with("password").is_ok() {
            return Err(format!("asked to log in before the consent page: {}", self.page()?.text()).into());
        }
        let allow = ("decision", "allow");
        let form = self.page()?.form_to(allow)?;
        self.submit(&form, &[], Some(allow)).await?;
        self.expect_at(sites.agent.as_str())
    }

    /// Disconnects the connected account, with the form on *Connected accounts*.
    ///
    /// # Errors
    /// When none is connected.
    pub async fn disconnect(&mut self, sites: &Sites) -> Outcome {
        self.open(sites.agent.join("accounts")?.as_str()).await?;
        let form = self.form_at("/disconnect")?;
        let page = self.submit(&form, &[], None).await?;
        if page.text().contains("The account is disconnected.") {
            Ok(())
        } else {
            Err(format!("{}: {}", page.status, page.text()).into())
        }
    }

    /// Decides an approval request on its page: `approve` or `deny`.
    ///
    /// # Errors
    /// When the page doesn't offer it.
    pub async fn decide(&mut self, approval: &str, decision: &str) -> Outcome {
        self.open(approval).await?;
        let button = ("decision", decision);
        let form = self.page()?.form_to(button)?;
        self.submit(&form, &[], Some(button)).await?;
        let page = self.page()?;
        if page.status.is_success() { Ok(()) } else { Err(format!("{}: {}", page.status, page.text()).into()) }
    }

    /// Sends a message in a new thread.
    ///
    /// # Errors
    /// When the agent doesn't accept it.
    pub async fn say(&mut self, sites: &Sites, text: &str) -> Outcome<Thread> {
        self.say_once(sites, text, &foundation::secret::token()).await
    }

    /// Sends a message in a new thread, under a key. A message sent again under the same key is accepted once.
    ///
    /// # Errors
    /// When the agent doesn't accept it, or dies meanwhile.
    pub async fn say_once(&mut self, sites: &Sites, text: &str, key: &str) -> Outcome<Thread> {
        let url = sites.agent.join("api/threads")?;
        let accepted = self.post_message(url.as_str(), text, key).await?;
        Ok(Thread::new(sites.agent.as_str(), accepted.thread))
    }

    /// Sends another message in a thread.
    ///
    /// # Errors
    /// When the agent doesn't accept it.
    pub async fn say_in(&mut self, sites: &Sites, thread: &Thread, text: &str) -> Outcome {
        let url = sites.agent.join(&format!("api/threads/{}/messages", thread.id))?;
        self.post_message(url.as_str(), text, &foundation::secret::token()).await?;
        Ok(())
    }

    async fn post_message(&mut self, url: &str, text: &str, key: &str) -> Outcome<Accepted> {
        let body = json!({"text": text, "key": key, "signed_in": false});
        let (status, answer) = self.fetch(Method::POST, url, Some(body)).await?;
        if status.is_success() {
            Ok(serde_json::from_value(answer)?)
        } else {
            Err(format!("«{text}» was not taken: {status} {answer}").into())
        }
    }

    fn form_at(&self, action: &str) -> Outcome<crate::html::Form> {
        let page = self.page()?;
        crate::html::forms(&page.body)
            .into_iter()
            .find(|form| form.action.ends_with(action))
            .ok_or_else(|| format!("no form to {action} at {}: {}", page.url, page.text()).into())
    }

    /// Checks that the current page is a successful one of this site.
    ///
    /// # Errors
    /// When it is another page.
    pub fn expect_at(&self, site: &str) -> Outcome {
        let page = self.page()?;
        if page.url.as_str().starts_with(site) && page.status == StatusCode::OK {
            Ok(())
        } else {
            Err(format!("expected a page of {site}, but {} ({}) says: {}", page.url, page.status, page.text()).into())
        }
    }
}
