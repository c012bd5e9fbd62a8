//! What the agent's pages show, gathered for a session.

use axum::http::{HeaderMap, HeaderValue};
use foundation::{
    guard::{self, Cookie},
    session::Session,
};
use shared::chat::Transcript;

use super::{Chat, Frame};
use crate::{error::Error, state::Agent, store, thread::visitor::Visitor};

impl Frame {
    /// What surrounds every page for the session of these headers; with that session, and with the `Set-Cookie`
    /// that takes a cookie away which is of no use.
    ///
    /// # Errors
    /// Where the database fails.
    pub(crate) async fn of(
        agent: &Agent,
        headers: &HeaderMap,
    ) -> Result<(Self, Option<Session>, Option<HeaderValue>), Error> {
        let session = agent.sessions.find(headers).await?;
        let useless = session.is_none() && guard::cookie(headers, agent.sessions.cookie) != Cookie::None;
        let person = match session.as_ref().and_then(|session| session.person.as_deref()) {
            Some(person) => store::person::find(agent.db.pool(), person).await?,
            None => None,
        };
        let threads = match &session {
            Some(session) => {
                let owner = Visitor { session: session.clone() }.owner();
                store::thread::list(agent.db.pool(), &owner).await?
            }
            None => Vec::new(),
        };
        let issuer = agent.issuer().trim_end_matches('/');
        let host = issuer.split_once("://").map_or(issuer, |(_, host)| host);
        let frame = Self {
            // Somebody who gave no name is still somebody.
            person: person
                .as_ref()
                .map(|person| person.name.clone().or_else(|| person.email.clone()).unwrap_or_else(|| "You".into())),
            who: session.as_ref().and_then(|it| it.person.as_deref()).map(|person| agent.sealer.mac("who", person)),
            email: person.and_then(|person| person.email),
            threads,
            rehearsal: agent.config.model.rehearsal,
            proof: session.as_ref().map(|session| agent.sessions.proof(session)).unwrap_or_default(),
            approvals: (host.to_owned(), format!("{issuer}/approvals")),
            orders: agent.config.broker.at("orders"),
        };
        Ok((frame, session, useless.then(|| agent.sessions.forget())))
    }
}

impl Agent {
    /// What `/` (no `thread`) and `/t/{thread}` show, for the session of these headers; with a `Set-Cookie` where
    /// the browser's cookie is of no use any more.
    ///
    /// # Errors
    /// [`Error::NotFound`] where the thread isn't this session's.
    pub async fn chat_page(
        &self,
        headers: &HeaderMap,
        thread: Option<&str>,
    ) -> Result<(Chat, Option<HeaderValue>), Error> {
        let (frame, session, cookie) = Frame::of(self, headers).await?;
        let transcript = match (thread, &session) {
            (None, _) => Transcript::default(),
            (Some(_), None) => return Err(Error::NotFound),
            (Some(thread), Some(session)) => {
                Visitor { session: session.clone() }.must_own(self, thread).await?;
                Transcript::from_events(store::event::all(self.db.pool(), thread).await?)
            }
        };
        let resume = frame.person.is_some();
        Ok((Chat { frame, thread: thread.map(str::to_owned), transcript, resume, now: self.clock.now() }, cookie))
    }

    /// The thread in which the person of these headers was asked for this approval.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn thread_of_approval(&self, headers: &HeaderMap, approval: &str) -> Result<Option<String>, Error> {
        let (_, session, _) = Frame::of(self, headers).await?;
        let Some(session) = session else { return Ok(None) };
        let owner = Visitor { session }.owner();
        Ok(store::approval::thread(self.db.pool(), &owner, approval).await?)
    }
}
