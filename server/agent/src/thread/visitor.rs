//! The requester of threads: a person, or a visitor who hasn't logged in.

use foundation::session::{Handle, Session};

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

    pub(crate) fn owner(&self) -> Owner {
        match &self.session.person {
            Some(person) => Owner::Person(person.clone()),
            None => Owner::Visitor(self.session.visitor.clone()),
        }
    }

    /// # Errors
    /// [`Error::NotFound`] unless the thread belongs to the requester (THREATS.md line 46).
    pub(crate) async fn must_own(&self, agent: &Agent, thread: &str) -> Result<(), Error> {
        let owns = store::thread::is_of(agent.db.pool(), thread, &self.owner()).await?;
        if owns { Ok(()) } else { Err(Error::NotFound) }
    }
}
