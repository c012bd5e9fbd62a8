//! Pages of other origins at `/mcp` (the Fetch standard, "CORS protocol"): those in `MCP_ORIGINS` may use it with their
//! own token, never with a cookie. The guard refuses all others.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::state::Agent;

/// The single `Origin` of a request, if it is listed.
pub(super) fn listed<'a>(agent: &Agent, headers: &'a HeaderMap) -> Option<&'a HeaderValue> {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let (Some(origin), None) = (origins.next(), origins.next()) else { return None };
    agent.config.mcp_origins.iter().any(|listed| listed.as_bytes() == origin.as_bytes()).then_some(origin)
}

pub(super) async fn allow(State(agent): State<Agent>, request: Request, next: Next) -> Response {
    let Some(origin) = listed(&agent, request.headers()).cloned() else { return next.run(request).await };
    // A preflight carries no token and does nothing.
    let preflight =
        request.method() == Method::OPTIONS && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if preflight { StatusCode::NO_CONTENT.into_response() } else { next.run(request).await };
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(header::ACCESS_CONTROL_EXPOSE_HEADERS, "www-authenticate, retry-after");
    if preflight {
        set(header::ACCESS_CONTROL_ALLOW_METHODS, "POST");
        set(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "authorization, content-type, accept, last-event-id, mcp-protocol-version, mcp-session-id, mcp-method, \
             mcp-name",
        );
        set(header::ACCESS_CONTROL_MAX_AGE, "3600");
    }
    response
}
