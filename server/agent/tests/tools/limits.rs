//! Visitors' rate limits for each address.

use std::net::SocketAddr;

use foundation::axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, StatusCode},
};
use serde_json::json;
use tower::ServiceExt;

use crate::sites::World;

/// THREATS.md line 47: a visitor gets new sessions for free, but not new addresses.
#[tokio::test]
async fn line_47_visitors_streams_are_limited_by_address() {
    let world = World::new().await;
    let send = async |address: &str, request: Request<Body>| {
        let mut request = request;
        request.extensions_mut().insert(ConnectInfo(address.parse::<SocketAddr>().unwrap()));
        world.agent.routes().oneshot(request).await.unwrap()
    };
    let body = json!({ "text": "Hello", "key": "12345678" }).to_string();
    let open = Request::post("/api/threads").header("origin", world.site.origin()).body(Body::from(body)).unwrap();
    let opened = send("192.0.2.7:1", open).await;
    assert_eq!(opened.status(), StatusCode::ACCEPTED);
    let cookie = opened.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let body = foundation::axum::body::to_bytes(opened.into_body(), 10_000).await.unwrap();
    let thread = serde_json::from_slice::<shared::chat::Accepted>(&body).unwrap().thread;
    let listen = async |address: &str| {
        let path = format!("/api/threads/{thread}/events");
        let request = Request::get(path).header("cookie", &cookie).body(Body::empty()).unwrap();
        send(address, request).await
    };

    // Opens one stream after another and closes each at once: a burst is allowed, then the limit applies. An IPv6
    // network counts as one address.
    for (one, same, other) in [
        ("192.0.2.1:1", "192.0.2.1:2", "192.0.2.2:1"),
        ("[2001:db8:0:1::1]:1", "[2001:db8:0:1:2:3:4:5]:1", "[2001:db8:0:2::1]:1"),
    ] {
        let mut refused = None;
        for _ in 0..200 {
            let response = listen(one).await;
            if response.status() != StatusCode::OK {
                refused = Some(response);
                break;
            }
        }
        let refused = refused.expect("a limit");
        assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
        assert!(refused.headers().contains_key("retry-after"));
        // The limit may allow another stream in the meantime.
        let statuses = [listen(same).await.status(), listen(same).await.status(), listen(same).await.status()];
        assert!(statuses.contains(&StatusCode::TOO_MANY_REQUESTS), "{same}: {statuses:?}");
        assert_eq!(listen(other).await.status(), StatusCode::OK, "{other}");
    }
    // The local machine has no limit.
    for _ in 0..200 {
        assert_eq!(listen("127.0.0.1:1").await.status(), StatusCode::OK);
    }
}
