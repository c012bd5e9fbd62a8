//! The data of the workshop's pages.

use foundation::session::Handle;
use shared::{chat::ConnectedAccount, recording::Recording};

use super::{
    attempt::{self, Attempted},
    break_it,
    check::{self, Check, Known, STEPS},
    reader::{self, Person},
    recording,
};
use crate::{
    broker,
    error::Error,
    identity::{IdentityError, me::Me},
    page::Frame,
    state::Agent,
    store::workshop,
};

/// `/workshop` and `/workshop/{step}`.
#[derive(Clone, Debug)]
pub struct Workshop {
    pub frame: Frame,
    /// The step that is shown, from 1.
    pub step: usize,
    /// The state of each step.
    pub checks: Vec<Check>,
    /// The reader's account, order and request.
    pub holds: Holds,
    /// The reader's attempts at things that must fail, one of each kind.
    pub attempts: Vec<Attempted>,
    /// The address of `/mcp`.
    pub mcp: String,
    /// The identity service's address, without a slash at the end.
    pub identity: String,
    /// StockTrade's address, without a slash at the end, if it is configured.
    pub stocktrade: Option<String>,
    /// The person's recording, and whether recording is allowed. `None` if nobody is logged in, or the identity service
    /// doesn't answer.
    pub recording: Option<Recording>,
    pub now: i64,
}

/// The reader's id, account, order and request, as far as the agent knows them.
#[derive(Clone, Debug, Default)]
pub struct Holds {
    /// Their id in the identity service's id_token.
    pub subject: Option<String>,
    /// The account at StockTrade, if it is connected.
    pub account: Option<ConnectedAccount>,
    /// Whether an order was placed for an approval of theirs.
    pub order: bool,
    /// Whether they were asked for an approval.
    pub asked: bool,
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
        let reader = reader::of(self, session).await?;
        let mut known = Known { connected: Some(false), approvals: Vec::new(), attempts: Vec::new() };
        let mut holds = Holds::default();
        let mut recorded = (!self.recorder.is_allowed()).then(Recording::default);
        if let Some((reader, person)) = reader.as_ref().and_then(|reader| Some((reader, reader.person.as_ref()?))) {
            known.approvals = workshop::approvals(self.db.pool(), &person.id, reader.since).await?;
            known.attempts = attempt::all(self, &person.id, reader.since).await?;
            holds.subject = Some(person.subject.clone());
            holds.order = break_it::last_order(&known.approvals).is_some();
            holds.asked = break_it::last_asked(&known.approvals).is_some();
            let account = self.account_of(person).await;
            known.connected = account.as_ref().ok().map(Option::is_some);
            holds.account = account.ok().flatten();
            if recorded.is_none() {
                recorded = recording::of(self, person, reader.since).await.ok();
            }
        }
        let mut checks = Vec::new();
        for step in 1..=STEPS {
            checks.push(check::of(self, step, reader.as_ref(), &known).await?);
        }
        let open = checks.iter().position(|check| matches!(check, Check::Missing(_)));
        Ok(Workshop {
            frame,
            step: step.unwrap_or_else(|| open.map_or(STEPS, |at| at + 1)),
            checks,
            holds,
            attempts: known.attempts,
            mcp: self.config.site.at("mcp"),
            identity: self.issuer().trim_end_matches('/').to_owned(),
            stocktrade: broker::site(&self.config),
            recording: recorded,
            now: self.clock.now(),
        })
    }

    /// The person's account at StockTrade, if it is connected.
    async fn account_of(&self, person: &Person) -> Result<Option<ConnectedAccount>, IdentityError> {
        let Some(connection) = self.config.connection_to(broker::API) else { return Ok(None) };
        let accounts = Me::of(self, &person.id).await?.accounts().await?;
        Ok(accounts.into_iter().find(|account| account.connection == connection.name))
    }
}
