//! Threads as their owner sees them: who asks, what is theirs, what they write.

pub(crate) mod post;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
};
use foundation::session::Session;
use shared::chat::{Act, ThreadSummary, Transcript};

use crate::{Agent, Error, interrupt, store};

/// Whoever asks: a person, or somebody who has not logged in.
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
            Some(person) => owner_of_person(person),
            None => owner_of_session(&self.session.id),
        }
    }

    /// # Errors
    /// [`Error::NotFound`] where the thread is somebody else's or nobody's (THREATS.md line 46).
    pub(crate) async fn must_own(&self, agent: &Agent, thread: &str) -> Result<(), Error> {
        let owns = store::thread::is_of(agent.db.pool(), thread, &self.owner()).await?;
        if owns { Ok(()) } else { Err(Error::NotFound) }
    }
}

pub(crate) fn owner_of_person(person: &str) -> String {
    format!("p:{person}")
}

/// The person whose the thread is, if it isn't a visitor's.
pub(crate) fn person_of_owner(owner: &str) -> Option<&str> {
    owner.strip_prefix("p:")
}

pub(crate) fn owner_of_session(session: &str) -> String {
    format!("s:{session}")
}

async fn owner_of_thread(agent: &Agent, headers: &HeaderMap, thread: &str) -> Result<Visitor, Error> {
    let visitor = Visitor::of(agent, headers).await?.ok_or(Error::NotFound)?;
    visitor.must_own(agent, thread).await?;
    Ok(visitor)
}

/// The same for something that is to be done, by a page that says whether somebody was logged in when it was loaded.
async fn actor(agent: &Agent, headers: &HeaderMap, thread: &str, body: &Bytes) -> Result<Visitor, Error> {
    let visitor = Visitor::of(agent, headers).await?;
    let act: Act = foundation::json::read(body).unwrap_or_default();
    if act.signed_in && visitor.as_ref().is_none_or(|visitor| visitor.session.person.is_none()) {
        return Err(Error::LoginOver);
    }
    let visitor = visitor.ok_or(Error::NotFound)?;
    visitor.must_own(agent, thread).await?;
    Ok(visitor)
}

/// `GET /api/threads`
pub(crate) async fn list(State(agent): State<Agent>, headers: HeaderMap) -> Result<Json<Vec<ThreadSummary>>, Error> {
    Ok(Json(match Visitor::of(&agent, &headers).await? {
        Some(visitor) => store::thread::list(agent.db.pool(), &visitor.owner()).await?,
        None => Vec::new(),
    }))
}

/// `GET /api/threads/{id}`
pub(crate) async fn show(
    State(agent): State<Agent>,
    Path(thread): Path<String>,
    headers: HeaderMap,
) -> Result<Json<Transcript>, Error> {
    owner_of_thread(&agent, &headers, &thread).await?;
    Ok(Json(transcript(&agent, &thread).await?))
}

/// A thread, folded from its events.
pub(crate) async fn transcript(agent: &Agent, thread: &str) -> Result<Transcript, Error> {
    Ok(Transcript::from_events(store::event::all(agent.db.pool(), thread).await?))
}

/// `POST /api/threads/{id}/turns/{turn}/retry`
pub(crate) async fn retry(
    State(agent): State<Agent>,
    Path((thread, turn)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Error> {
    let visitor = actor(&agent, &headers, &thread, &body).await?;
    agent.limits.messages.take(&visitor.owner()).await?.map_err(Error::TooMany)?;
    if !store::turn::retry(agent.db.pool(), &thread, &turn).await? {
        return Err(Error::Conflict("There is nothing to try again here: it goes on already, or it is over."));
    }
    crate::turn::run(&agent, &turn);
    Ok(StatusCode::ACCEPTED)
}

/// `POST /api/threads/{id}/turns/{turn}/cancel`
pub(crate) async fn cancel(
    State(agent): State<Agent>,
    Path((thread, turn)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Error> {
    actor(&agent, &headers, &thread, &body).await?;
    if !store::turn::cancel(agent.db.pool(), &thread, &turn).await? {
        return Err(Error::Conflict("There is nothing to stop here: it is over."));
    }
    agent.turns.stop(&turn);
    crate::turn::run(&agent, &turn);
    Ok(StatusCode::ACCEPTED)
}

/// `POST /api/threads/{id}/calls/{call}/withdraw`
pub(crate) async fn withdraw(
    State(agent): State<Agent>,
    Path((thread, call)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Error> {
    actor(&agent, &headers, &thread, &body).await?;
    let call = store::call::of_thread(agent.db.pool(), &thread, &call).await?.ok_or(Error::NotFound)?;
    if !interrupt::withdraw(&agent, &call).await? {
        return Err(Error::Conflict("It was decided before it could be withdrawn."));
    }
    Ok(StatusCode::ACCEPTED)
}
