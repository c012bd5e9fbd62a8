//! The agent's state, shared by its handlers and workers.

use std::{ops::Deref, sync::Arc};

use axum::{
    Router,
    http::{HeaderMap, HeaderValue},
};
use foundation::{
    CancellationToken, clock::Clock, db::Db, http::Http, login::Login, one_time::OneTime, seal::Sealer,
    session::Sessions, trace::Recorder,
};

use crate::{
    approval::wake::Approvals,
    config::Config,
    event::Streams,
    identity::document::Identity,
    instance::Instance,
    limits::Limits,
    mcp::kept::Kept,
    model::Client,
    page::{Render, Renderer},
    tools::definition::Definition,
    turn::turns::Turns,
};

/// A running agent. Clones share everything: each request and each open stream holds some.
#[derive(Clone, Debug)]
pub struct Agent(pub(crate) Arc<Inner>);

/// The parts of an agent.
#[derive(Clone, Debug)]
pub struct Inner {
    pub(crate) config: Arc<Config>,
    pub(crate) tools: Arc<[Definition]>,
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) sealer: Sealer,
    pub(crate) http: Http,
    pub(crate) one_time: OneTime,
    pub(crate) sessions: Sessions,
    pub(crate) login: Login,
    pub(crate) limits: Arc<Limits>,
    pub(crate) shutdown: CancellationToken,
    pub(crate) streams: Streams,
    pub(crate) model: Client,
    pub(crate) turns: Turns,
    pub(crate) approvals: Approvals,
    pub(crate) instance: Arc<Instance>,
    pub(crate) mcp_kept: Arc<Kept>,
    pub(crate) identity: Identity,
    pub(crate) recorder: Recorder,
    pub(crate) render: Render,
    pub(crate) renderer: Renderer,
}

impl Deref for Agent {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Agent {
    /// Adds the browser's session to routes.
    pub fn in_session(&self, routes: Router) -> Router {
        self.sessions.layer(routes)
    }

    /// The `Set-Cookie` for a page opened by a browser without a session: see [`Sessions::prepare_visitor`].
    pub fn prepare_visitor(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        self.sessions.prepare_visitor(headers)
    }

    /// Records requests for people who turned it on.
    pub fn recorder(&self) -> &Recorder {
        &self.recorder
    }

    /// The identity service's issuer, as discovered, or as configured before discovery.
    pub(crate) fn issuer(&self) -> &str {
        self.identity.issuer.get().unwrap_or(&self.config.login.issuer)
    }
}
