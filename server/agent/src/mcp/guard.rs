//! The checks of a request at `/mcp` before it reaches a tool: this site's address, an active token for this API, and
//! the scopes of the called tool (RFC 9728, RFC 6750, RFC 7662, THREATS.md lines 19, 20, 43, 56).

use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use foundation::{
    bearer::{NoBearer, bearer},
    guard::is_own_origin,
    jwt::{Expect, JwtError},
    trace,
};
use rmcp::model::ErrorCode;
use serde::Deserialize;
use serde_json::Value;

use super::{
    cancel::{self, Window},
    cors, resources, rpc, seen,
};
use crate::{
    identity::{active, discovery},
    state::Agent,
    tools::{Caller, scope},
};

pub(super) async fn check(State(agent): State<Agent>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !is_ours(&agent, headers) {
        let text = "This request comes from another site, whose pages may not use this server.";
        return rpc::refused(StatusCode::FORBIDDEN, None, ErrorCode::INVALID_REQUEST, text).into_response();
    }
    let (caller, window) = match caller(&agent, headers).await {
        Ok(known) => known,
        Err(response) => return response,
    };
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, rpc::MOST).await else {
        let text = "The request is longer than 64 kB.";
        return rpc::refused(StatusCode::PAYLOAD_TOO_LARGE, None, ErrorCode::INVALID_REQUEST, text).into_response();
    };
    let read = rpc::read(&parts.method, &body).and_then(|message| rpc::spoken(&parts.headers, message));
    let message = match read {
        Ok(message) => message,
        Err(refusal) => return refusal.into_response(),
    };
    if let Err(response) = admit(&agent, &caller, &window, &message).await {
        return response;
    }
    seen::admitted(&agent, &caller, &message).await;
    // The transport reads exactly what was checked here: only one of two equal members is left.
    let body = if message.is_null() { Body::empty() } else { Body::from(message.to_string()) };
    parts.extensions.insert(caller);
    parts.extensions.insert(window);
    // The token goes no further.
    parts.headers.remove(header::AUTHORIZATION);
    parts.headers.remove(header::CONTENT_LENGTH);
    let response = next.run(Request::from_parts(parts, body)).await;
    rpc::in_json(response, &message).await
}

/// Whether the caller may send this message now.
async fn admit(agent: &Agent, caller: &Caller, window: &Window, message: &Value) -> Result<(), Response> {
    let Caller::Mcp { subject, client, scopes, token } = caller else { return Err(challenge(agent, None)) };
    // Apps are limited separately for each person.
    let key = format!("{subject} {client}");
    let taken = agent.limits.mcp.take(&key).await.map_err(|_| not_now())?;
    taken.map_err(|wait_ms| rpc::limited(message, wait_ms))?;
    match active::is_active(agent, token).await {
        Ok(true) => {}
        Ok(false) => return Err(challenge(agent, Some("This token is no longer active: access was revoked."))),
        Err(_) => return Err(not_now()),
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let params = &message["params"];
    let (needed, what) = match message["method"].as_str() {
        Some("tools/call") => (agent.tool(&text(&params["name"])).map_or(&[][..], |tool| &tool.scopes), "tool"),
        Some("resources/read") => (resources::scopes(agent, &text(&params["uri"])), "resource"),
        // Without sessions the transport can't find the call; `cancel` finds it by its client's window.
        Some("notifications/cancelled") => {
            cancel::cancel(agent, caller, window, &params["requestId"]).await;
            (&[][..], "")
        }
        _ => (&[][..], ""),
    };
    if scope::missing(needed, scopes).is_empty() { Ok(()) } else { Err(insufficient(agent, what, needed, scopes)) }
}

/// Whether `Host` is this site's, and `Origin`, if a browser sent one, is this site's or listed (MCP's transports,
/// "Security Warning": DNS rebinding).
fn is_ours(agent: &Agent, headers: &HeaderMap) -> bool {
    let site = &agent.config.site;
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own_host = host.eq_ignore_ascii_case(&site.host()) && hosts.next().is_none();
    let origin = !headers.contains_key(header::ORIGIN) || is_own_origin(headers, site);
    own_host && (origin || cors::listed(agent, headers).is_some())
}

/// The caller and its window, identified only by the token.
async fn caller(agent: &Agent, headers: &HeaderMap) -> Result<(Caller, Window), Response> {
    #[derive(Deserialize)]
    struct Claims {
        sub: String,
        azp: Option<String>,
        client_id: Option<String>,
        grant_id: Option<String>,
        sid: Option<String>,
        #[serde(default)]
        scope: String,
    }
    let token = bearer(headers).map_err(|error| match error {
        NoBearer::Missing => challenge(agent, None),
        NoBearer::OtherScheme | NoBearer::NotOne => {
            challenge(agent, Some("The Authorization header must hold one bearer token."))
        }
    })?;
    let token = token.token();
    let keys = discovery::keys(agent).await.map_err(|_| not_now())?;
    let audience = agent.config.site.at("mcp");
    let expect = Expect { iss: agent.issuer(), aud: &audience, typ: "at+jwt", expired_too: false };
    let claims: Claims = keys.verify(token, expect, agent.clock.seconds()).await.map_err(|error| match error {
        JwtError::NoKeys => not_now(),
        JwtError::Expired => challenge(agent, Some("The token has expired.")),
        JwtError::Early => {
            challenge(agent, Some("The token is dated in the future: the clocks of two servers differ."))
        }
        JwtError::Invalid | JwtError::UnknownKey => challenge(agent, Some("The token is not one for this server.")),
    })?;
    let Some(client) = claims.client_id.or(claims.azp) else {
        return Err(challenge(agent, Some("The token names no client.")));
    };
    trace::person(&claims.sub);
    let window = Window::of(claims.grant_id.or(claims.sid), token);
    let scopes = claims.scope.split_whitespace().map(str::to_owned).collect();
    Ok((Caller::Mcp { token: token.to_owned().into(), subject: claims.sub, client, scopes }, window))
}

/// A 401 with the address of the metadata (RFC 9728 §5.1). `wrong` explains what is wrong with the token.
fn challenge(agent: &Agent, wrong: Option<&'static str>) -> Response {
    let error = wrong.map(|wrong| format!("error=\"invalid_token\", error_description=\"{wrong}\", "));
    let header = format!(
        "Bearer {}resource_metadata=\"{}\", scope=\"{}\"",
        error.unwrap_or_default(),
        metadata(agent),
        scope::names(&agent.config).join(" "),
    );
    let code = if wrong.is_some() { "invalid_token" } else { "unauthorized" };
    let text = wrong.unwrap_or("This server needs a token; its metadata says where to get one.");
    with_challenge(refused(StatusCode::UNAUTHORIZED, code, text), &header)
}

/// 403 with the scopes that the call needs, and those that the client has, which a new token would otherwise lose
/// (MCP authorization, "Scope Challenge Handling").
fn insufficient(agent: &Agent, what: &str, needed: &[String], granted: &[String]) -> Response {
    let all = scope::union(&agent.config, needed, granted);
    let header = format!(
        "Bearer error=\"insufficient_scope\", scope=\"{}\", resource_metadata=\"{}\", \
         error_description=\"This {what} needs {}.\"",
        all.join(" "),
        metadata(agent),
        needed.join(" "),
    );
    let text = format!("This {what} needs {}.", needed.join(" "));
    with_challenge(refused(StatusCode::FORBIDDEN, "insufficient_scope", &text), &header)
}

fn with_challenge(mut response: Response, header: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(header) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, value);
    }
    response
}

fn metadata(agent: &Agent) -> String {
    agent.config.site.at(".well-known/oauth-protected-resource/mcp")
}

/// The refusal while the identity service can't be asked for its keys, or whether a token is active.
fn not_now() -> Response {
    const WAIT: [(HeaderName, &str); 1] = [(header::RETRY_AFTER, "5")];
    let text = "Tokens can't be checked right now. Try again in a moment.";
    let refusal = rpc::refused(StatusCode::SERVICE_UNAVAILABLE, None, ErrorCode::INTERNAL_ERROR, text);
    (WAIT, refusal).into_response()
}

/// A refused token (RFC 6750 §3.1).
fn refused(status: StatusCode, code: &str, text: &str) -> Response {
    (status, Json(serde_json::json!({ "error": code, "error_description": text }))).into_response()
}
