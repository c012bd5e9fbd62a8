//! Pages of other origins at `/mcp`, and metadata for clients that look for the authorization server on this host.

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::{
    mcp::{ALL, REVISIONS, request},
    sites::{World, calls_itself},
};

const LISTED: &str = "https://inspector.example";

fn allowed(response: &Response) -> Option<&str> {
    response.headers().get("access-control-allow-origin").map(|origin| origin.to_str().unwrap())
}

/// THREATS.md line 43: a page of a listed origin, with a token.
#[tokio::test]
async fn line_43_listed_pages_use_mcp_with_their_token() {
    let world = World::new().await;
    let token = world.mcp_token(ALL);
    let (cookie, _) = world.session(false).await;
    for version in REVISIONS {
        for path in ["mcp", "mcp/"] {
            let preflight = world.http.client().request(Method::OPTIONS, world.url(path)).header("origin", LISTED);
            let preflight = preflight.header("access-control-request-method", "POST").send().await.unwrap();
            assert_eq!((preflight.status(), allowed(&preflight)), (StatusCode::NO_CONTENT, Some(LISTED)));
            let headers = preflight.headers()["access-control-allow-headers"].to_str().unwrap().to_owned();
            let list = request(&world, &token, version, "tools/list", json!({})).header("origin", LISTED);
            let mut list = list.header("sec-fetch-site", "cross-site").build().unwrap();
            list.url_mut().set_path(&format!("/{path}"));
            for name in list.headers().keys().filter(|name| !["origin", "sec-fetch-site"].contains(&name.as_str())) {
                assert!(headers.split(", ").any(|allowed| allowed == name.as_str()), "{name}");
            }
            let listed = world.http.client().execute(list).await.unwrap();
            assert_eq!((listed.status(), allowed(&listed)), (StatusCode::OK, Some(LISTED)));
            for response in [&preflight, &listed] {
                assert!(!response.headers().contains_key("access-control-allow-credentials"));
                assert!(response.headers().get_all("vary").iter().any(|vary| vary == "origin"));
            }
        }
    }
    // Without a token, even with a cookie, the page can read where to get one.
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    let bare = world.http.client().post(world.url("mcp")).header("origin", LISTED).header("cookie", cookie).json(&ping);
    let bare = bare.send().await.unwrap();
    assert_eq!((bare.status(), allowed(&bare)), (StatusCode::UNAUTHORIZED, Some(LISTED)));
    assert!(bare.headers()["access-control-expose-headers"].to_str().unwrap().contains("www-authenticate"));
}

#[tokio::test]
async fn line_43_pages_that_are_not_listed_get_403() {
    let world = World::new().await;
    let token = world.mcp_token(ALL);
    for origin in [
        "null",
        "https://evil.example",
        "http://inspector.example",
        "https://inspector.example:8443",
        "https://inspector.example.evil.example",
        "https://inspector.example/",
        "https://INSPECTOR.example",
        "https://inspector.example, https://evil.example",
        "*",
        "",
    ] {
        let ping = request(&world, &token, "2025-11-25", "ping", json!({})).header("origin", origin);
        let ping = ping.send().await.unwrap();
        assert_eq!((ping.status(), allowed(&ping)), (StatusCode::FORBIDDEN, None), "{origin}");
        let preflight = world.http.client().request(Method::OPTIONS, world.url("mcp")).header("origin", origin);
        let preflight = preflight.header("access-control-request-method", "POST").send().await.unwrap();
        assert_eq!((preflight.status(), allowed(&preflight)), (StatusCode::FORBIDDEN, None), "{origin}");
    }
    let twice = request(&world, &token, "2025-11-25", "ping", json!({})).header("origin", LISTED);
    let twice = twice.header("origin", LISTED).send().await.unwrap();
    assert_eq!((twice.status(), allowed(&twice)), (StatusCode::FORBIDDEN, None));
    // The list applies to /mcp only.
    let post = world.http.client().post(world.url("api/threads")).header("origin", LISTED);
    let post = post.json(&json!({ "text": "Hello", "key": "12345678" })).send().await.unwrap();
    assert_eq!((post.status(), allowed(&post)), (StatusCode::FORBIDDEN, None));
}

/// Clients of 2025-03-26, which don't know protected resource metadata, find it on this host.
#[tokio::test]
async fn the_authorization_servers_metadata_is_here_too() {
    let world = World::new().await;
    let own = world.identity_site().at(".well-known/openid-configuration");
    let own: Value = world.http.client().get(own).send().await.unwrap().json().await.unwrap();
    for path in ["", "/mcp", "/mcp/"] {
        let path = format!(".well-known/oauth-authorization-server{path}");
        let response = world.get(&path, "").await;
        assert_eq!((response.status(), allowed(&response)), (StatusCode::OK, Some("*")), "{path}");
        assert_eq!(response.json::<Value>().await.unwrap(), own, "{path}");
        let preflight = world.http.client().request(Method::OPTIONS, world.url(&path)).send().await.unwrap();
        assert_eq!((preflight.status(), allowed(&preflight)), (StatusCode::NO_CONTENT, Some("*")));
    }
    let elsewhere = World::new().await;
    elsewhere.at_identity.fails("/.well-known/openid-configuration", calls_itself("http://evil.localhost/"));
    elsewhere.clock.advance(600_001);
    let response = elsewhere.get(".well-known/oauth-authorization-server", "").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["retry-after"], "5");
}

async fn shown(world: &World, cookie: &str) -> String {
    let page = world.http.client().get(world.url("mcp")).header("accept", "text/html,*/*;q=0.8");
    let page = page.header("cookie", cookie).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert!(page.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    page.text().await.unwrap()
}

#[tokio::test]
async fn browser_gets_a_page_and_clients_the_protocol() {
    let world = World::new().await;
    let page = shown(&world, "").await;
    assert!(page.contains(&format!("claude mcp add --transport http mandate {}", world.url("mcp"))), "{page}");
    let token = world.mcp_token(ALL);
    for accepted in ["text/event-stream", "text/html, text/event-stream", "*/*", "application/json"] {
        let get = world.http.client().get(world.url("mcp")).header("accept", accepted);
        let get = get.send().await.unwrap();
        assert_eq!(get.status(), StatusCode::UNAUTHORIZED, "{accepted}");
        assert!(get.headers().contains_key("www-authenticate"), "{accepted}");
    }
    let with_token = world.http.client().get(world.url("mcp")).header("accept", "text/html").bearer_auth(token);
    let with_token = with_token.send().await.unwrap();
    assert!(!with_token.text().await.unwrap().contains("claude mcp add"));
    let posted = world.http.client().post(world.url("mcp")).header("accept", "text/html").send().await.unwrap();
    assert_eq!(posted.status(), StatusCode::UNAUTHORIZED);
}

/// THREATS.md line 46: a page shows the calls of the reader's own apps.
#[tokio::test]
async fn line_46_page_of_mcp_shows_only_the_readers_calls() {
    let world = World::new().await;
    let (alice, _) = world.session(true).await;
    let (visitor, _) = world.session(false).await;
    let bob = world.bob().await;
    // Bob's app called. Alice and a visitor don't learn of it.
    let mut claims = world.mcp_claims(ALL);
    claims["sub"] = bob.into();
    let token = world.sign(&claims);
    request(&world, &token, "2025-11-25", "ping", json!({})).send().await.unwrap();
    for cookie in ["", &visitor, &alice] {
        let page = shown(&world, cookie).await;
        assert!(!page.contains("note good") && !page.contains("tpc_claude"), "{page}");
    }
    assert!(shown(&world, &alice).await.contains("No call has arrived for you yet"));
    // A refused call doesn't count.
    let refused = request(&world, "not-a-token", "2025-11-25", "ping", json!({})).send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert!(!shown(&world, &alice).await.contains("note good"));
    let token = world.mcp_token(ALL);
    request(&world, &token, "2026-07-28", "server/discover", json!({})).send().await.unwrap();
    let page = shown(&world, &alice).await;
    assert!(page.contains("note good") && page.contains("<bdi>test</bdi>"), "{page}");
    assert!(!shown(&world, &visitor).await.contains("note good"));
}
