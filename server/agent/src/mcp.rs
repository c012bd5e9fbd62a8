//! `/mcp`: the same tools for other people's agents, over the Model Context Protocol (revisions 2025-06-18, 2025-11-25
//! and 2026-07-28). A call passes `browser` (the page for people), `cors` (pages of listed origins), the `guard`
//! (origin, token, limit, scopes), rmcp's transport, the `server`, and `wait` if a person must approve.
//!
//! There are no sessions: any instance can answer any request.

use std::sync::Arc;

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};
use rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager,
};

use crate::state::Agent;

mod alive;
mod browser;
mod call;
mod cancel;
mod cors;
mod elicit;
mod guard;
pub(crate) mod kept;
mod metadata;
pub(crate) mod prompts;
mod request;
mod resources;
mod rpc;
pub(crate) mod seen;
mod server;
mod task;
mod text;
mod wait;

/// `/mcp` and the metadata that leads to its authorization server.
pub(crate) fn routes(agent: &Agent) -> Router {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(false)
        .with_sse_keep_alive(Some(alive::ALIVE))
        .with_sse_retry(None)
        .with_max_request_body_bytes(rpc::MOST)
        // The guard checks both more strictly.
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
        .layer(from_fn_with_state(agent.clone(), cors::allow))
        .layer(from_fn_with_state(agent.clone(), browser::show));
    metadata::routes(agent).merge(mcp)
}
