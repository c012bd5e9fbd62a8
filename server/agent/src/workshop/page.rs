//! The data of the workshop's pages.

use foundation::session::Handle;

use super::check::{self, Check, Person, STEPS};
use crate::{
    broker,
    error::Error,
    identity::{IdentityError, me::Me},
    page::Frame,
    state::Agent,
    store,
};

/// `/workshop` and `/workshop/{step}`.
#[derive(Clone, Debug)]
pub struct Workshop {
    pub frame: Frame,
    /// The step that is shown, from 1.
    pub step: usize,
    /// What is known about each step.
    pub checks: Vec<Check>,
    /// What the reader made, which can be taken back.
    pub made: Made,
    /// The address of `/mcp`.
    pub mcp: String,
    /// The identity service's address, without a slash at the end.
    pub identity: String,
    pub now: i64,
}

/// What the workshop made for the reader, as far as the agent knows.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// The account at StockTrade, if it is connected: its id, and its name.
    pub account: Option<(String, String)>,
    /// Apps that called `/mcp`. The identity service has the list of all with access.
    pub apps: Vec<String>,
}

impl Agent {
    /// The data of the workshop for this session: of one step, or of the first that isn't done.
    ///
    /// # Errors
    /// [`Error::NotFound`] if there is no such step; if the database fails.
    pub async fn workshop_page(&self, handle: &Handle, step: Option<usize>) -> Result<Workshop, Error> {
        if step.is_some_and(|step| !(1..=STEPS).contains(&step)) {
            return Err(Error::NotFound);
        }
        let (frame, session) = Frame::of(self, handle).await?;
        let reader = check::reader(self, session).await?;
        let (mut made, mut connected) = (Made::default(), Some(false));
        if let Some(person) = reader.as_ref().and_then(|reader| reader.person.as_ref()) {
            let apps = store::mcp_call::apps(self.db.pool(), &person.subject).await?;
            made.apps = apps.into_iter().map(|app| app.name.unwrap_or(app.client)).collect();
            let account = self.account_of(person).await;
            connected = account.as_ref().ok().map(Option::is_some);
            made.account = account.ok().flatten();
        }
        let mut checks = Vec::new();
        for step in 1..=STEPS {
            checks.push(check::of(self, step, reader.as_ref(), connected).await?);
        }
        let open = checks.iter().position(|check| matches!(check, Check::Missing(_)));
        Ok(Workshop {
            frame,
            step: step.unwrap_or_else(|| open.map_or(STEPS, |at| at + 1)),
            checks,
            made,
            mcp: self.config.site.at("mcp"),
            identity: self.issuer().trim_end_matches('/').to_owned(),
            now: self.clock.now(),
        })
    }

    /// The person's account at StockTrade, if it is connected: its id and its name.
    async fn account_of(&self, person: &Person) -> Result<Option<(String, String)>, IdentityError> {
        let Some(connection) = self.config.connection_to(broker::API) else { return Ok(None) };
        let accounts = Me::of(self, &person.id).await?.accounts().await?;
        let account = accounts.into_iter().find(|account| account.connection == connection.name);
        Ok(account.map(|account| (account.id, account.name)))
    }
}
