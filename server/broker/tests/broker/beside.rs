//! A logout or login at StockTrade's own provider, on the same origin, ends StockTrade's session in that browser
//! (THREATS.md line 11). Logins are limited by address (line 47).

use axum::{
    Extension, Router,
    body::Body,
    http::{Request, StatusCode},
    response::Response,
    routing::get,
};
use foundation::{axum, session::IdentityChange};
use tower::ServiceExt;

use crate::{login::Browser, stage::Stage};

async fn name(stage: &Stage, browser: &Browser<'_>) -> Option<String> {
    stage.broker.dashboard(&browser.handle()).await.unwrap().frame.person
}

/// The browser is at the provider when the change happens.
async fn at_the_provider(stage: &Stage, cookie: &str, change: Option<IdentityChange>) -> Response {
    let page = match change {
        Some(change) => get(move || async move { Extension(change) }),
        None => get(|| async { "nothing changed" }),
    };
    let routes = stage.broker.beside(Router::new().route("/u/page", page));
    let request = Request::builder().uri("/u/page").header("cookie", cookie).body(Body::empty()).unwrap();
    routes.oneshot(request).await.unwrap()
}

fn forgets(answer: &Response) -> bool {
    answer.headers().get_all("set-cookie").iter().any(|cookie| {
        let cookie = cookie.to_str().unwrap();
        cookie.starts_with("mandate_broker=;") && cookie.contains("Max-Age=0")
    })
}

#[tokio::test]
async fn line_11_a_logout_at_the_provider_ends_the_session_here() {
    let stage = Stage::start().await;
    let alice = Browser::logged_in(&stage, "alice").await;
    let elsewhere = Browser::logged_in(&stage, "alice").await;
    let answer = at_the_provider(&stage, &alice.cookie, None).await;
    assert!(!forgets(&answer) && answer.status() == StatusCode::OK);
    // A guessed cookie belongs to nobody.
    for cookie in ["mandate_broker=guessed", "", &elsewhere.cookie[..30]] {
        assert!(!forgets(&at_the_provider(&stage, cookie, Some(IdentityChange::LoggedOut)).await));
    }
    assert_eq!(name(&stage, &alice).await.as_deref(), Some("Alice"));
    let answer = at_the_provider(&stage, &alice.cookie, Some(IdentityChange::LoggedOut)).await;
    assert!(forgets(&answer), "{answer:?}");
    assert_eq!(name(&stage, &alice).await, None, "on the server, too");
    assert_eq!(name(&stage, &elsewhere).await.as_deref(), Some("Alice"), "her other browser stays logged in");
}

#[tokio::test]
async fn line_11_52_another_person_at_the_provider_ends_it_here() {
    let stage = Stage::start().await;
    let alice = Browser::logged_in(&stage, "alice").await;
    let answer =
        at_the_provider(&stage, &alice.cookie, Some(IdentityChange::LoggedIn(stage.sub("alice").into()))).await;
    assert!(!forgets(&answer));
    assert_eq!(name(&stage, &alice).await.as_deref(), Some("Alice"), "the same person logged in again");
    let answer = at_the_provider(&stage, &alice.cookie, Some(IdentityChange::LoggedIn(stage.sub("bob").into()))).await;
    assert!(forgets(&answer), "{answer:?}");
    assert_eq!(name(&stage, &alice).await, None);
    // A cookie that shadows the session's, for a path of the provider's.
    for change in [IdentityChange::LoggedOut, IdentityChange::LoggedIn(stage.sub("bob").into())] {
        let alice = Browser::logged_in(&stage, "alice").await;
        let both = format!("mandate_broker=shadowing; {}", alice.cookie);
        assert!(forgets(&at_the_provider(&stage, &both, Some(change)).await));
        assert_eq!(name(&stage, &alice).await, None);
    }
    // A visitor's session carries the login in progress.
    let mut visitor = Browser::new(&stage);
    visitor.get("/auth/login").await;
    let before = visitor.cookie.clone();
    let answer = at_the_provider(&stage, &before, Some(IdentityChange::LoggedIn(stage.sub("bob").into()))).await;
    assert!(!forgets(&answer));
    assert_eq!(stage.count("SELECT COUNT(*) FROM session").await, 1);
}

#[tokio::test]
async fn line_47_logins_begun_are_limited_by_address_and_forgotten() {
    let stage = Stage::start().await;
    let begin = || async { stage.get("/auth/login").await };
    let sessions = || stage.count("SELECT COUNT(*) FROM session");
    let mut begun = 0;
    let limited = loop {
        let answer = begin().await;
        match answer.status {
            StatusCode::SEE_OTHER => begun += 1,
            _ => break answer,
        }
        assert!(begun < 2_000, "no limit");
    };
    // Sixty people of a workshop, ten logins each.
    assert!(begun >= 600, "{begun}");
    assert_eq!(limited.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(limited.header("retry-after"), "1");
    assert!(limited.text.contains("Too many at once") && limited.text.contains("Try again in 1 s."), "{limited:?}");
    assert!(limited.header("set-cookie").is_empty());
    assert_eq!(sessions().await, begun, "the refused one stored nothing");
    stage.parts.clock.advance(10_000);
    assert_eq!(begin().await.status, StatusCode::SEE_OTHER);
    // A session that only carried a login is deleted after an hour.
    stage.parts.clock.advance(3_600_000);
    let visitors = stage.parts.sessions("mandate_broker", false, 12, 24).visitors_for(1);
    foundation::cleanup::clean_up(&visitors, &stage.parts.one_time()).await.unwrap();
    assert_eq!((sessions().await, stage.count("SELECT COUNT(*) FROM once").await), (0, 0));
}
