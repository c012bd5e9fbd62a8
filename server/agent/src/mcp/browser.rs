//! `/mcp` opened in a browser: a page that says what this address is for. Clients of the protocol ask for an event
//! stream, or send a token, and never get it.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};

use crate::state::Agent;

pub(super) async fn show(State(agent): State<Agent>, request: Request, next: Next) -> Response {
    if request.method() != Method::GET || !is_browser(request.headers()) {
        return next.run(request).await;
    }
    let page = agent.mcp_page(request.headers()).await;
    ([(header::VARY, "accept, authorization")], Html((agent.renderer.mcp)(&page))).into_response()
}

/// Whether a person opens the address (RFC 9110 §12.5.1): `text/html`, by name.
fn is_browser(headers: &HeaderMap) -> bool {
    let accepted = |kind: &str| {
        let all = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        all.flat_map(|value| value.split(',')).any(|one| {
            let mut parts = one.split(';').map(str::trim);
            let named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(kind));
            named && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    };
    accepted("text/html") && !accepted("text/event-stream") && !headers.contains_key(header::AUTHORIZATION)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_of_the_protocol_are_no_browsers() {
        let is = |accept: &str| is_browser(&HeaderMap::from_iter([(header::ACCEPT, accept.parse().expect("ASCII"))]));
        assert!(is("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
        assert!(is("application/json, Text/HTML; q=0.5"));
        for other in ["text/event-stream", "text/event-stream, text/html", "application/json", "*/*", "text/html;q=0"] {
            assert!(!is(other), "{other}");
        }
        assert!(!is_browser(&HeaderMap::new()));
        let both = [
            (header::ACCEPT, "text/html".parse().expect("ASCII")),
            (header::AUTHORIZATION, "Bearer x".parse().expect("ASCII")),
        ];
        assert!(!is_browser(&HeaderMap::from_iter(both)));
    }
}
