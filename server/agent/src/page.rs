//! What the agent's pages show, as data.

use axum::http::{HeaderMap, HeaderValue};
use base::{
    guard::{self, Cookie},
    session::Session,
};
use wire::chat::{ConnectedAccount, ThreadSummary, Transcript};

use crate::{Agent, Error, store, thread::Visitor};

/// What every page of the agent shows around its content.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The name of the person who is logged in, or none for a visitor.
    pub person: Option<String>,
    pub email: Option<String>,
    pub threads: Vec<ThreadSummary>,
    /// Whether the rehearsal model answers.
    pub rehearsal: bool,
    /// The anti-forgery proof for forms (logout, disconnect).
    pub proof: String,
    /// Where approvals are given: `localhost:3001`, and its address.
    pub approvals: (String, String),
    /// The address of the person's orders at the broker.
    pub orders: String,
}

/// `/` and `/t/{thread}`. `thread` is none on `/`.
#[derive(Clone, Debug)]
pub struct Chat {
    pub frame: Frame,
    pub thread: Option<String>,
    pub transcript: Transcript,
    /// A message that was kept while the person logged in, to be sent now, may be in the browser's storage.
    pub resume: bool,
    /// Milliseconds since 1970 (UTC): what counts down in the browser counts from here.
    pub now: i64,
}

/// `/accounts`.
#[derive(Clone, Debug)]
pub struct Accounts {
    pub frame: Frame,
    pub accounts: Vec<ConnectedAccount>,
    /// What can still be connected: name for people, scopes in words, address that starts it.
    pub available: Vec<(String, Vec<String>, String)>,
    /// Said once: connected, disconnected, refused.
    pub told: Option<String>,
    /// The identity service could not be asked.
    pub unavailable: Option<String>,
    pub now: i64,
}

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
            Some(person) => store::person::find(agent, person).await?,
            None => None,
        };
        let threads = match &session {
            Some(session) => {
                let owner = Visitor { session: session.clone() }.owner();
                store::thread::list(agent.db.pool(), &owner).await?
            }
            None => Vec::new(),
        };
        let issuer = agent.config.login.issuer.trim_end_matches('/');
        let host = issuer.split_once("://").map_or(issuer, |(_, host)| host);
        let frame = Self {
            // Somebody who gave no name is still somebody.
            person: person.as_ref().map(|person| {
                person.name.clone().or_else(|| person.email.clone()).unwrap_or_else(|| "You".into())
            }),
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
        _headers: &HeaderMap,
        _thread: Option<&str>,
    ) -> Result<(Chat, Option<HeaderValue>), Error> {
        Err(Error::NotFound)
    }
}
