//! `/mcp`: the same tools for other people's agents, over the Model Context Protocol (revisions 2025-06-18,
//! 2025-11-25 and 2026-07-28). A call passes `cors` (pages of listed origins), the `guard` (origin, token, limit,
//! scopes), rmcp's transport, the `server`, and where a person must approve, the `wait`.
//!
//! No session is kept: any instance answers any request.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};
use foundation::{CancellationToken, limit::Shared, parts::Parts, secret};
use rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager,
};
use tokio::sync::Notify;

use crate::Agent;

mod alive;
mod cors;
mod guard;
mod metadata;
mod prompts;
mod resources;
mod rpc;
mod server;
mod text;
mod wait;

/// How long a request at `/mcp` may be, in bytes.
const MOST: usize = 64 * 1024;

/// How often a stream that waits says that it lives.
const ALIVE: Duration = Duration::from_secs(10);

/// The calls that wait for a person. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Calls {
    /// Requests, for each person and client.
    limit: Arc<Shared>,
    /// By what the client calls them (person, client, request), to cancel them.
    waiting: Arc<Mutex<HashMap<u64, (Waiting, CancellationToken)>>>,
    /// By the hash of the notification token, to wake them.
    asleep: Arc<Mutex<HashMap<String, Arc<Notify>>>>,
}

/// A call, as its client names it. Two of a client's sessions may use the same id.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Waiting {
    subject: String,
    client: String,
    request: String,
}

impl Calls {
    pub(crate) fn new(parts: &Parts) -> Self {
        Self { limit: Arc::new(parts.limit("mcp", 60, 500)), waiting: Arc::default(), asleep: Arc::default() }
    }

    /// Cancels the call that the client names, unless the name fits several.
    fn cancel(&self, named: &Waiting) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = waiting.values().filter(|(waiting, _)| waiting == named);
        if let (Some((_, cancel)), None) = (found.next(), found.next()) {
            cancel.cancel();
        }
    }
}

/// Wakes the call at `/mcp` that waits under this notification token (CIBA Core §10.2). `false`: none does.
pub(crate) fn wake(agent: &Agent, notification_token: &str) -> bool {
    let asleep = agent.calls.asleep.lock().unwrap_or_else(PoisonError::into_inner);
    let found = asleep.get(&secret::hash(notification_token));
    found.inspect(|call| call.notify_one()).is_some()
}

/// `/mcp` and the metadata that leads to its authorization server.
pub(crate) fn routes(agent: &Agent) -> Router {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(false)
        .with_sse_keep_alive(Some(ALIVE))
        .with_sse_retry(None)
        .with_max_request_body_bytes(MOST)
        // The guard checks both, more strictly.
        .disable_allowed_hosts()
        .disable_allowed_origins()
        .with_cancellation_token(agent.shutdown.child_token());
    let server = server::Server::new(agent.clone());
    let service =
        StreamableHttpService::new(move || Ok(server.clone()), Arc::new(NeverSessionManager::default()), config);
    let mcp = Router::new()
        .route_service("/mcp", service.clone())
        .route_service("/mcp/", service)
        .layer(from_fn(alive::keep))
        .layer(from_fn_with_state(agent.clone(), guard::check))
        .layer(from_fn_with_state(agent.clone(), cors::allow));
    metadata::routes(agent).merge(mcp)
}
