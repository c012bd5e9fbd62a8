//! The requester of threads: a person, or a visitor who hasn't logged in.

use axum::http::HeaderMap;
use foundation::{
    db::Tx,
    secret,
    session::{Handle, New, Session},
};

use super::owner::Owner;
use crate::{error::Error, state::Agent, store};

#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) session: Session,
}

impl Visitor {
    /// The session of a request, if it has one.
    pub(crate) async fn of(agent: &Agent, handle: &Handle) -> Result<Option<Self>, Error> {
        Ok(agent.sessions.find(handle).await?.map(|session| Self { session }))
    }

    /// Starts a session for the visitor that the browser's tabs share, thanks to the cookie that the page set. Two tabs
    /// that write or log in at once, or a message sent again after its answer was lost, belong to one visitor. `None`
    /// without the cookie, and if somebody has claimed that visitor.
    pub(crate) async fn of_tabs(agent: &Agent, handle: &Handle, headers: &HeaderMap) -> Result<Option<Self>, Error> {
        let Some(visitor) = agent.sessions.coming_visitor(headers) else { return Ok(None) };
        let now = agent.clock.now();
        let mut db = agent.db.begin().await?;
        store::visitor::hold(&mut db, &visitor, now).await?;
        if !store::visitor::is_free(&mut db, &visitor, now - agent.sessions.visitor_ms).await? {
            return Ok(None);
        }
        Self::start(agent, handle, db, &visitor).await.map(Some)
    }

    /// Starts a session for a new visitor.
    pub(crate) async fn begin(agent: &Agent, handle: &Handle) -> Result<Self, Error> {
        let db = agent.db.begin().await?;
        Self::start(agent, handle, db, &secret::id("vis_")).await
    }

    async fn start(agent: &Agent, handle: &Handle, mut db: Tx, visitor: &str) -> Result<Self, Error> {
        let begun = agent.sessions.begin(&mut db, New { visitor, ..New::default() }).await?;
        db.commit().await?;
        agent.sessions.adopt(handle, &begun).await?;
        Ok(Self { session: begun.session })
    }

    pub(crate) fn owner(&self) -> Owner {
        match &self.session.person {
            Some(person) => Owner::Person(person.clone()),
            None => Owner::Visitor(self.session.visitor.clone()),
        }
    }

    /// The address that limits count with this requester: a visitor's.
    pub(crate) fn counted<'a>(&self, address: Option<&'a str>) -> Option<&'a str> {
        address.filter(|_| self.session.person.is_none())
    }

    /// # Errors
    /// [`Error::NotFound`] unless the thread belongs to the requester (THREATS.md line 46).
    pub(crate) async fn must_own(&self, agent: &Agent, thread: &str) -> Result<(), Error> {
        let owns = store::thread::is_of(agent.db.pool(), thread, &self.owner()).await?;
        if owns { Ok(()) } else { Err(Error::NotFound) }
    }
}
