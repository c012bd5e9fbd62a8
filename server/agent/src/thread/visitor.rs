//! Whoever asks for threads: a person, or somebody who has not logged in.

use axum::http::HeaderMap;
use foundation::session::Session;

use super::owner;
use crate::{error::Error, state::Agent, store};

#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) session: Session,
}

impl Visitor {
    /// Whose session these headers carry, if any.
    pub(crate) async fn of(agent: &Agent, headers: &HeaderMap) -> Result<Option<Self>, Error> {
        Ok(agent.sessions.find(headers).await?.map(|session| Self { session }))
    }

    /// As threads name their owner: a person, or a session.
    pub(crate) fn owner(&self) -> String {
        match &self.session.person {
            Some(person) => owner::of_person(person),
            None => owner::of_session(&self.session.id),
        }
    }

    /// # Errors
    /// [`Error::NotFound`] where the thread is somebody else's or nobody's (THREATS.md line 46).
    pub(crate) async fn must_own(&self, agent: &Agent, thread: &str) -> Result<(), Error> {
        let owns = store::thread::is_of(agent.db.pool(), thread, &self.owner()).await?;
        if owns { Ok(()) } else { Err(Error::NotFound) }
    }
}
