//! What a request at `/mcp` must have before any tool hears of it: our own address, a token for this very API that
//! still stands, and the scopes of the tool it calls (RFC 9728, RFC 6750, RFC 7662, security.md lines 19, 20, 43, 56).

use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base::{
    guard::is_own_origin,
    jwt::{Expect, JwtError},
};
use serde::Deserialize;

use super::{MOST, Waiting};
use crate::{
    Agent,
    tenant::{discovery, standing},
    tools::{self, Caller, scope},
};

pub(super) async fn check(State(agent): State<Agent>, mut request: Request, next: Next) -> Response {
    let headers = request.headers();
    if !is_ours(&agent, headers) {
        return refused(StatusCode::FORBIDDEN, "forbidden", "This request comes from another site.");
    }
    let caller = match caller(&agent, headers).await {
        Ok(caller) => caller,
        Err(response) => return response,
    };
    let Caller::Mcp { subject, client, scopes, token } = &caller else {
        return challenge(&agent, None);
    };
    if let Err(ms) = agent.calls.limit.take(&format!("{subject} {client}")) {
        let mut response = refused(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", "Too many requests at once.");
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(ms.div_euclid(1000) + 1));
        return response;
    }
    match standing::stands(&agent, token).await {
        Ok(true) => {}
        Ok(false) => return challenge(&agent, Some("The access that this token came from was ended.")),
        Err(_) => return not_now(),
    }
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST).await else {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "too_long", "The request is longer than 64 kB.");
    };
    // The transport reads it again, and would read a list as a message that no check here has seen: so what can't be
    // read here goes no further.
    let message: Message = match base::json::read(&body) {
        Ok(message) => message,
        Err(_) if parts.method == axum::http::Method::POST => {
            return refused(StatusCode::BAD_REQUEST, "invalid_request", "The body is not one JSON-RPC message.");
        }
        Err(_) => Message::default(),
    };
    match message.method.as_str() {
        "tools/call" => {
            let needed = tools::find(&message.params.name).map_or(&[][..], |tool| tool.scopes);
            if !scope::missing(needed, scopes).is_empty() {
                return insufficient(&agent, needed, scopes);
            }
        }
        // Without sessions the transport can't tell whose request is meant: we can, by person and client.
        "notifications/cancelled" => {
            let request = match message.params.request_id {
                serde_json::Value::String(text) => text,
                other => other.to_string(),
            };
            agent.calls.cancel(&Waiting { subject: subject.clone(), client: client.clone(), request });
        }
        _ => {}
    }
    request = Request::from_parts(parts, Body::from(body));
    request.extensions_mut().insert(caller);
    // The token goes no further than this.
    request.headers_mut().remove(header::AUTHORIZATION);
    next.run(request).await
}

#[derive(Default, Deserialize)]
struct Message {
    #[serde(default)]
    method: String,
    #[serde(default)]
    params: Params,
}

#[derive(Default, Deserialize)]
struct Params {
    #[serde(default)]
    name: String,
    #[serde(default, rename = "requestId")]
    request_id: serde_json::Value,
}

/// Our own `Host`, and from a browser our own `Origin` (MCP's transports, "Security Warning": DNS rebinding).
fn is_ours(agent: &Agent, headers: &HeaderMap) -> bool {
    let site = &agent.config.site;
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own_host = host.eq_ignore_ascii_case(&site.host()) && hosts.next().is_none();
    own_host && (!headers.contains_key(header::ORIGIN) || is_own_origin(headers, site))
}

/// Who calls, by the token alone.
async fn caller(agent: &Agent, headers: &HeaderMap) -> Result<Caller, Response> {
    #[derive(Deserialize)]
    struct Claims {
        sub: String,
        azp: Option<String>,
        client_id: Option<String>,
        #[serde(default)]
        scope: String,
    }
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let token = match (values.next(), values.next()) {
        (None, _) => return Err(challenge(agent, None)),
        (Some(value), None) => value.to_str().ok().and_then(bearer),
        (Some(_), Some(_)) => None,
    };
    let Some(token) = token else {
        return Err(challenge(agent, Some("The Authorization header must hold one bearer token.")));
    };
    let keys = discovery::keys(agent).await.map_err(|_| not_now())?;
    let audience = agent.config.site.at("mcp");
    let expect = Expect { iss: &agent.config.login.issuer, aud: &audience, typ: "at+jwt", expired_too: false };
    let claims: Claims = keys.verify(token, expect, agent.clock.seconds()).await.map_err(|error| match error {
        JwtError::NoKeys => not_now(),
        JwtError::Expired => challenge(agent, Some("The token has expired.")),
        JwtError::Early => {
            challenge(agent, Some("The token is dated in the future: the clocks of two servers differ."))
        }
        JwtError::Invalid => challenge(agent, Some("The token is not one for this server.")),
    })?;
    let Some(client) = claims.client_id.or(claims.azp) else {
        return Err(challenge(agent, Some("The token names no client.")));
    };
    Ok(Caller::Mcp {
        token: token.to_owned().into(),
        subject: claims.sub,
        client,
        scopes: claims.scope.split_whitespace().map(str::to_owned).collect(),
    })
}

/// RFC 6750 §2.1; the scheme's name is read in any case (RFC 9110 §11.1).
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && !token.contains(' ')).then_some(token)
}

/// 401 with the way to a token (RFC 9728 §5.1). `wrong`: what is wrong with the one that came.
fn challenge(agent: &Agent, wrong: Option<&'static str>) -> Response {
    let error = wrong.map(|wrong| format!("error=\"invalid_token\", error_description=\"{wrong}\", "));
    let header = format!(
        "Bearer {}resource_metadata=\"{}\", scope=\"{}\"",
        error.unwrap_or_default(),
        metadata(agent),
        scope::names().join(" "),
    );
    let code = if wrong.is_some() { "invalid_token" } else { "unauthorized" };
    let text = wrong.unwrap_or("This server needs a token; its metadata says where to get one.");
    with_challenge(refused(StatusCode::UNAUTHORIZED, code, text), &header)
}

/// 403 with the scopes that the call needs, and those that the client has, which a new token would otherwise lose
/// (MCP authorization, "Scope Challenge Handling").
fn insufficient(agent: &Agent, needed: &[&str], granted: &[String]) -> Response {
    let all: Vec<&str> = scope::ALL
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| needed.contains(name) || granted.iter().any(|had| had == name))
        .collect();
    let header = format!(
        "Bearer error=\"insufficient_scope\", scope=\"{}\", resource_metadata=\"{}\", \
         error_description=\"This tool needs {}.\"",
        all.join(" "),
        metadata(agent),
        needed.join(" "),
    );
    let text = format!("This tool needs {}.", needed.join(" "));
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

/// The identity service can't be asked for its keys, or whether a token stands, so nobody can be let in.
fn not_now() -> Response {
    const WAIT: [(HeaderName, &str); 1] = [(header::RETRY_AFTER, "5")];
    let text = "Tokens can't be checked right now. Try again in a moment.";
    (WAIT, refused(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", text)).into_response()
}

fn refused(status: StatusCode, code: &str, text: &str) -> Response {
    (status, Json(serde_json::json!({ "error": code, "error_description": text }))).into_response()
}
