//! The client's address behind reverse proxies. `X-Forwarded-For` counts only when a configured proxy sends it
//! (THREATS.md line 51).

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    http::HeaderMap,
    middleware::{Next, from_fn_with_state},
    response::Response,
};

/// A site's outermost middleware: replaces the request's peer by the client behind these proxies.
pub fn behind(routes: Router, proxies: &[IpAddr]) -> Router {
    if proxies.is_empty() {
        return routes;
    }
    let proxies: Arc<[IpAddr]> = proxies.iter().map(IpAddr::to_canonical).collect();
    routes.layer(from_fn_with_state(proxies, look_through))
}

async fn look_through(State(proxies): State<Arc<[IpAddr]>>, mut request: Request, next: Next) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        let client = client(&proxies, peer, request.headers());
        request.extensions_mut().insert(ConnectInfo(client));
    }
    next.run(request).await
}

/// Finds the client's address. Each proxy appends its client to whatever that client claimed, so this reads the list
/// from its end, up to the first address that isn't a configured proxy.
pub(crate) fn client(proxies: &[IpAddr], peer: SocketAddr, headers: &HeaderMap) -> SocketAddr {
    let lines = headers.get_all("x-forwarded-for").iter().rev();
    let mut forwarded = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(',')).map(address);
    let mut client = peer;
    while proxies.contains(&client.ip().to_canonical()) {
        match forwarded.next().flatten() {
            Some(before) => client = before,
            None => break,
        }
    }
    client
}

/// Parses an address as proxies write it: with or without a port, an IPv6 one with or without brackets.
fn address(text: &str) -> Option<SocketAddr> {
    let text = text.trim();
    let plain = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let ip = plain.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 0));
    ip.or_else(|_| text.parse()).ok()
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, http::HeaderValue, routing::get};
    use tower::ServiceExt;

    use super::*;
    use crate::limit::Peer;

    /// THREATS.md line 51.
    #[tokio::test]
    async fn line_51_forwarded_headers_of_clients_change_nothing() {
        let client = async |proxies: &[&str], peer: &str, lines: &[&'static str]| {
            let proxies: Vec<IpAddr> = proxies.iter().map(|ip| ip.parse().expect("an address")).collect();
            let routes = Router::new().route("/", get(|peer: Peer| async move { peer.as_str().to_owned() }));
            let mut request = Request::builder().uri("/").body(Body::empty()).expect("a request");
            let peer: SocketAddr = peer.parse().expect("an address");
            request.extensions_mut().insert(ConnectInfo(peer));
            for line in lines {
                request.headers_mut().append("x-forwarded-for", HeaderValue::from_static(line));
                request.headers_mut().append("forwarded", HeaderValue::from_static("for=198.51.100.9"));
            }
            let answer = behind(routes, &proxies).oneshot(request).await.expect("an answer");
            let body = axum::body::to_bytes(answer.into_body(), 100).await.expect("a body");
            String::from_utf8(body.to_vec()).expect("text")
        };
        let (own, evil) = ("192.0.2.1", "203.0.113.7");
        // No proxy is configured, or the peer isn't one.
        assert_eq!(client(&[], "127.0.0.1:1", &["203.0.113.7"]).await, "127.0.0.1");
        assert_eq!(client(&["127.0.0.1"], "203.0.113.7:1", &["192.0.2.1"]).await, evil);
        // From a proxy the last entry counts, whatever the client put before it, on this line or another.
        for lines in [
            &["192.0.2.1"][..],
            &["203.0.113.7, 192.0.2.1"],
            &["203.0.113.7", "192.0.2.1"],
            &["203.0.113.7,, 127.0.0.1,192.0.2.1:4711"],
            &["203.0.113.7,192.0.2.1, 10.0.0.2"],
        ] {
            assert_eq!(client(&["127.0.0.1", "10.0.0.2"], "127.0.0.1:1", lines).await, own, "{lines:?}");
        }
        // An unreadable entry, and everything before it, counts as no address.
        for lines in [&[][..], &[""], &["unknown"], &["192.0.2.1, unknown"], &["192.0.2.1,"]] {
            assert_eq!(client(&["127.0.0.1"], "127.0.0.1:1", lines).await, "127.0.0.1", "{lines:?}");
        }
        assert_eq!(client(&["::1"], "[::1]:1", &["[2001:db8::1]:5"]).await, "2001:db8::/64");
        assert_eq!(client(&["127.0.0.1"], "[::ffff:127.0.0.1]:1", &["2001:db8::1"]).await, "2001:db8::/64");
    }
}
