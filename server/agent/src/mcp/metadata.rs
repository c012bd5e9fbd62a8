//! The metadata that leads a client to its token: of this resource (RFC 9728), and of its authorization server, which
//! clients of 2025-03-26 request at the resource's own host.

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;

use crate::{identity::discovery, state::Agent, tools::scope};

/// Any page may read it, since it is public.
const ANYBODY: (HeaderName, &str) = (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");

/// Both are also served under the path of `/mcp` (RFC 8414 §3.1, RFC 9728 §3.1).
pub(super) fn routes(agent: &Agent) -> Router {
    let mut routes = Router::new();
    for at in ["", "/mcp", "/mcp/"] {
        routes = routes
            .route(&format!("/.well-known/oauth-protected-resource{at}"), get(protected_resource).options(preflight));
        routes = routes.route(
            &format!("/.well-known/oauth-authorization-server{at}"),
            get(authorization_server).options(preflight),
        );
    }
    routes.with_state(agent.clone())
}

/// RFC 9728 §2. Doesn't list `offline_access`, which isn't a scope of the resource.
async fn protected_resource(State(agent): State<Agent>) -> impl IntoResponse {
    // Discovers the exact form of the issuer.
    let _ = discovery::of(&agent).await;
    let body = json!({
        "resource": agent.config.site.at("mcp"),
        "resource_name": "Mandate",
        "authorization_servers": [agent.issuer()],
        "scopes_supported": scope::names(&agent.config),
        "bearer_methods_supported": ["header"],
    });
    ([ANYBODY], Json(body))
}

/// The identity service's own document (RFC 8414 §2), with its issuer and addresses.
async fn authorization_server(State(agent): State<Agent>) -> Response {
    match discovery::of(&agent).await {
        Ok(found) => ([ANYBODY, (header::CACHE_CONTROL, "public, max-age=60")], Json(found.document())).into_response(),
        Err(error) => {
            let body = json!({ "error": "temporarily_unavailable", "error_description": error.to_string() });
            (StatusCode::SERVICE_UNAVAILABLE, [ANYBODY, (header::RETRY_AFTER, "5")], Json(body)).into_response()
        }
    }
}

/// Browser clients send a preflight, because they add headers.
async fn preflight() -> impl IntoResponse {
    let headers = [ANYBODY, (header::ACCESS_CONTROL_ALLOW_METHODS, "GET"), (header::ACCESS_CONTROL_ALLOW_HEADERS, "*")];
    (StatusCode::NO_CONTENT, headers)
}
