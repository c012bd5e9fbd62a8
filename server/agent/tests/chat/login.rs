//! Login, logout, and a visitor's threads.

use reqwest::{StatusCode, header};
use serde_json::json;
use shared::chat::{CardBody, ConnectState, Item, ThreadState};
use world::Fault;

use crate::{
    browser::{error, said},
    model::{calls, text},
    world::{World, until},
};

#[tokio::test(flavor = "multi_thread")]
async fn whoami_names_the_person_after_login() {
    let world = World::rehearsal("rehearsal").await;
    let mut browser = world.visitor();
    let thread = browser.open("Who am I?").await;
    assert!(
        said(&browser.settled(&thread).await).contains("I don’t know")
            || said(&browser.settled(&thread).await).contains("I don't know")
    );
    let back = browser.log_in(&world, "alice", &format!("/t/{thread}")).await;
    assert_eq!(back, format!("/t/{thread}"));
    browser.say(&thread, "Who am I?").await;
    let said = said(&browser.settled(&thread).await);
    assert!(said.contains("You are <strong>Alice</strong> (alice@example.com)"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn model_learns_the_persons_name_and_no_token() {
    let world = World::new().await;
    let mut visitor = world.visitor();
    let thread = visitor.open("Hi").await;
    visitor.settled(&thread).await;
    let system = |world: &World| world.model.last()[0]["content"].as_str().unwrap().to_owned();
    assert!(system(&world).contains("Nobody is logged in"));
    let mut alice = world.alice().await;
    let thread = alice.open("Hi").await;
    alice.settled(&thread).await;
    assert!(system(&world).contains(r#"Their name: "Alice". Their e-mail address: "alice@example.com"."#));
    let all = json!(world.model.requests()).to_string();
    assert!(!all.contains(&world.refresh_token().await) && !all.contains(".eyJ"), "{all}");
}

/// Each login starts without a session, and replaces the other's cookie or ends the session in which the other started.
#[tokio::test(flavor = "multi_thread")]
async fn two_logins_at_once_in_one_browser_both_come_through() {
    for has_session in [true, false] {
        let world = World::new().await;
        let mut first = world.visitor();
        if has_session {
            first.open("Hi").await;
        }
        let mut browser = first.clone();
        let one = first.begin_login(&world, "alice", "/accounts").await;
        let two = browser.begin_login(&world, "alice", "/").await;
        let login_cookie = |browser: &crate::browser::Browser| {
            browser.cookie.as_ref().and_then(|all| all.split_once("; ")).map(|(_, login)| login.to_owned())
        };
        let kept: Vec<String> = [login_cookie(&first), login_cookie(&browser)].into_iter().flatten().collect();
        assert_eq!(kept.is_empty(), has_session);
        let session = browser.cookie.clone().unwrap().split("; ").next().unwrap().to_owned();
        browser.cookie = Some([&[session], kept.as_slice()].concat().join("; "));
        for (callback, back) in [(&one, "/accounts"), (&two, "/")] {
            // A browser that started neither login.
            let mut other = world.visitor();
            other.open("Hi").await;
            assert_eq!(other.error_of(callback).await.status(), StatusCode::BAD_REQUEST);
            let response = browser.get(callback).await;
            assert_eq!(response.status(), StatusCode::SEE_OTHER);
            assert_eq!(response.headers()[header::LOCATION], back, "with a session before: {has_session}");
            let set = response.headers().get_all(header::SET_COOKIE).iter().map(|it| it.to_str().unwrap());
            let session = set.filter_map(|set| set.split(';').next()).find(|set| set.starts_with("mandate_agent="));
            let session = session.unwrap().to_owned();
            browser.cookie = Some([&[session], kept.as_slice()].concat().join("; "));
        }
        assert_eq!(browser.threads().await.len(), usize::from(has_session));
    }
}

/// THREATS.md lines 11, 52: the visitor's threads become the person's under a new session id, and the old id is
/// invalid.
#[tokio::test(flavor = "multi_thread")]
async fn line_11_52_at_login_the_visitors_threads_become_the_persons() {
    let world = World::new().await;
    let mut browser = world.visitor();
    let thread = browser.open("Hi").await;
    browser.settled(&thread).await;
    let before = browser.clone();
    let mut stream = before.events(&thread, 0).await;
    let callback = browser.begin_login(&world, "alice", "/").await;
    // The callback in another browser, or without a session, logs nobody in.
    let mut other = world.visitor();
    assert_eq!(other.error_of(&callback).await.status(), StatusCode::BAD_REQUEST);
    other.open("Hi").await;
    assert_eq!(other.error_of(&callback).await.status(), StatusCode::BAD_REQUEST);
    let response = browser.get(&callback).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    browser.keep_cookie(&response);
    assert_ne!(browser.cookie, before.cookie);
    let listed = browser.threads().await;
    assert_eq!(listed.iter().map(|listed| &listed.id).collect::<Vec<_>>(), [&thread]);
    assert_eq!(browser.transcript(&thread).await.title, "Hi");
    // The old id owns nothing any more, and its stream has ended.
    assert!(before.threads().await.is_empty());
    assert_eq!(before.get(&format!("api/threads/{thread}")).await.status(), StatusCode::NOT_FOUND);
    while stream.next().await.is_some() {}
    let old = before.cookie.clone().unwrap();
    let left: Vec<String> = sqlx::query_scalar("SELECT id FROM session WHERE id = $1")
        .bind(foundation::secret::hash(old.split_once('=').unwrap().1))
        .fetch_all(&world.pool().await)
        .await
        .unwrap();
    assert!(left.is_empty(), "the old session has ended");
    // The callback can't be repeated.
    assert_eq!(browser.error_of(&callback).await.status(), StatusCode::BAD_REQUEST);
}

/// THREATS.md line 52: cookie shadowing, or a stolen value.
#[tokio::test(flavor = "multi_thread")]
async fn line_52_two_cookies_of_one_name_count_as_none() {
    let world = World::new().await;
    let mut alice = world.alice().await;
    let thread = alice.open("Hi").await;
    let mut attacker = world.visitor();
    attacker.open("Mine").await;
    let mut both = alice.clone();
    both.cookie = Some(format!("{}; {}", attacker.cookie.clone().unwrap(), alice.cookie.clone().unwrap()));
    assert!(both.threads().await.is_empty());
    assert_eq!(both.get(&format!("api/threads/{thread}")).await.status(), StatusCode::NOT_FOUND);
    let body = both.message("x");
    assert_eq!(error(both.post(&format!("api/threads/{thread}/messages"), &body).await).await.1, "login_expired");
}

/// THREATS.md line 52: somebody logs in within an attacker's session (session fixation).
#[tokio::test(flavor = "multi_thread")]
async fn line_52_attackers_session_learns_nothing_of_a_login() {
    let world = World::new().await;
    let mut attacker = world.visitor();
    attacker.open("Planted").await;
    let mut victim = world.visitor();
    victim.cookie = attacker.cookie.clone();
    victim.log_in(&world, "alice", "/").await;
    let thread = victim.open("Secret").await;
    assert!(attacker.threads().await.is_empty());
    assert_eq!(attacker.get(&format!("api/threads/{thread}")).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_visitors_turn_that_needs_a_login_goes_on_after_it() {
    let world = World::new().await;
    world.connected().await;
    world.model.replies([calls(&[("get_portfolio", "{}")]), text("Here it is.")]);
    let mut browser = world.visitor();
    let thread = browser.open("Show my portfolio").await;
    let transcript = browser.settled(&thread).await;
    let Some(Item::Card(card)) = transcript.items.last() else { panic!("{transcript:?}") };
    let CardBody::Login { href, done: false } = &card.body else { panic!("{card:?}") };
    assert_eq!(*href, format!("/auth/login?returnTo=%2Ft%2F{thread}"));
    assert_eq!(browser.threads().await[0].state, ThreadState::Waiting);
    browser.log_in(&world, "alice", "/").await;
    let transcript = until("it goes on by itself, and is done", || async {
        Some(browser.transcript(&thread).await)
            .filter(|transcript| matches!(transcript.items.last(), Some(Item::Done { .. })))
    })
    .await;
    assert_eq!(said(&transcript), "<p>Here it is.</p>\n");
    assert!(
        transcript
            .items
            .iter()
            .any(|item| matches!(item, Item::Card(card) if matches!(card.body, CardBody::Login { done: true, .. }))),
        "{transcript:?}"
    );
    assert_eq!(browser.threads().await[0].state, ThreadState::Quiet);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_needs_an_account_goes_on_once_it_is_connected() {
    let world = World::new().await;
    world.model.replies([calls(&[("get_portfolio", "{}")]), text("Here it is.")]);
    let mut browser = world.alice().await;
    let thread = browser.open("Show my portfolio").await;
    let transcript = browser.settled(&thread).await;
    let Some(Item::Card(card)) = transcript.items.last() else { panic!("{transcript:?}") };
    let CardBody::Connect { name, scopes, german, href, state: ConnectState::Waiting } = &card.body else {
        panic!("{card:?}")
    };
    assert_eq!((name.as_str(), scopes[0].as_str()), ("StockTrade", "See your cash, positions and their value"));
    assert_ne!(scopes[0], german[0], "a reader of German has other words");
    assert_eq!(browser.connect(&world, href.trim_start_matches('/')).await, format!("/t/{thread}"));
    let transcript = until("it goes on by itself", || async {
        Some(browser.transcript(&thread).await).filter(|transcript| said(transcript).contains("Here"))
    })
    .await;
    assert!(
        transcript.items.iter().any(|item| matches!(item, Item::Card(card) if matches!(card.body, CardBody::Connect { state: ConnectState::Done, .. }))),
        "{transcript:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn message_with_expired_login_is_accepted_after_login() {
    let world = World::new().await;
    let mut browser = world.alice().await;
    let thread = browser.open("Hi").await;
    browser.settled(&thread).await;
    world.clock.advance(13 * 3_600_000);
    let body = browser.message("Still there?");
    let path = format!("api/threads/{thread}/messages");
    assert_eq!(error(browser.post(&path, &body).await).await, (StatusCode::UNAUTHORIZED, "login_expired".into()));
    assert_eq!(
        error(browser.post("api/threads", &body).await).await,
        (StatusCode::UNAUTHORIZED, "login_expired".into())
    );
    browser.log_in(&world, "alice", "/").await;
    assert_eq!(browser.post(&path, &body).await.status(), StatusCode::ACCEPTED);
    let transcript = browser.settled(&thread).await;
    assert!(transcript.items.iter().any(|item| matches!(item, Item::Message { text, .. } if text == "Still there?")));
}

#[tokio::test(flavor = "multi_thread")]
async fn line_9_11_logout_needs_csrf_token_and_goes_on() {
    let world = World::new().await;
    let mut browser = world.alice().await;
    let thread = browser.open("Hi").await;
    browser.settled(&thread).await;
    let mut stream = browser.events(&thread, 0).await;
    let forged = browser.submit("auth/logout", &[("csrf_token", "x")]).await;
    assert_eq!(forged.status(), StatusCode::FORBIDDEN);
    assert!(forged.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
    let csrf_token = csrf_token(&world, &browser).await;
    let before = browser.clone();
    let out = browser.submit("auth/logout", &[("csrf_token", &csrf_token)]).await;
    assert_eq!(out.status(), StatusCode::OK);
    let page = out.text().await.unwrap();
    let next = format!("url={}", world.identity_site().at("oidc/logout?id_token_hint=eyJ"));
    assert!(page.contains(&next), "{page}");
    assert!(page.contains("post_logout_redirect_uri=") && page.contains("client_id=agent"), "{page}");
    assert!(browser.cookie.is_none());
    while stream.next().await.is_some() {}
    assert_eq!(before.get(&format!("api/threads/{thread}")).await.status(), StatusCode::NOT_FOUND);
}

/// The CSRF token of the page's forms.
pub(crate) async fn csrf_token(world: &World, browser: &crate::browser::Browser) -> String {
    let value = browser.cookie.clone().unwrap();
    let session = foundation::secret::hash(value.split_once('=').unwrap().1);
    foundation::seal::Sealer::new(&world.ground.master, "agent").mac("form", &session)
}

/// THREATS.md line 10: the callback's own address, which contains a code, never shows a page.
#[tokio::test(flavor = "multi_thread")]
async fn line_10_login_errors_are_shown_at_a_url_without_code() {
    let world = World::new().await;
    let mut browser = world.visitor();
    let callback = browser.begin_login(&world, "alice", "/").await;
    let (path, query) = callback.split_once('?').unwrap();
    for (wrong, words) in [
        ("state=x&code=y&code=z".to_owned(), "doesn’t belong to this browser"),
        ("code=y".to_owned(), "doesn’t belong to this browser"),
        ("state=x&code=y".to_owned(), "doesn’t belong to this browser"),
        (
            query.replace(
                &url::form_urlencoded::byte_serialize(world.identity_site().issuer().as_bytes()).collect::<String>(),
                "http%3A%2F%2Fevil.example%2F",
            ),
            "doesn’t belong",
        ),
    ] {
        let response = browser.error_of(&format!("{path}?{wrong}")).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert!(response.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
        let page = response.text().await.unwrap().replace('\'', "’");
        assert!(page.contains(words), "{page}");
    }
    let callback = browser.begin_login(&world, "alice", "/").await;
    // RFC 9207: a refusal names its issuer too.
    let code = callback.split(['?', '&']).find(|parameter| parameter.starts_with("code=")).unwrap();
    let refused = browser.error_of(&callback.replace(code, "error=access_denied")).await;
    assert!(refused.text().await.unwrap().contains("was not completed (access_denied)"));
    assert!(browser.threads().await.is_empty());
    // The identity service's endpoint gives an unreadable answer.
    let callback = browser.begin_login(&world, "alice", "/").await;
    world.at_identity.fails("/oauth/token", Fault::ServerError);
    let invalid = browser.error_of(&callback).await;
    assert_eq!(invalid.status(), StatusCode::BAD_REQUEST);
    assert!(invalid.text().await.unwrap().contains("isn’t valid, so nobody was logged in"));
    // The page repeats nothing from its address except known words.
    for unknown in ["", "?kind=", "?kind=%3Cb%3EPay+here", "?kind=x&kind=y"] {
        let response = browser.get(&format!("auth/error{unknown}")).await;
        assert!(matches!(response.status(), StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST), "{unknown}");
        assert!(!response.text().await.unwrap().contains("Pay here"));
    }
}

/// THREATS.md line 52: a cookie shadowed for one path is accepted once, and then expired.
#[tokio::test(flavor = "multi_thread")]
async fn line_52_cookie_of_a_narrower_path_is_expired() {
    let world = World::new().await;
    let alice = world.alice().await;
    let mut both = alice.clone();
    both.cookie = Some(format!("mandate_agent=shadowing; {}", alice.cookie.clone().unwrap()));
    for (path, narrower) in [
        ("accounts/connect", "/accounts"),
        ("api/threads", "/api/threads"),
        ("auth/login", "/auth"),
        ("api/threads/thr_1", "/api/"),
        ("t/thr_1", "/t"),
    ] {
        let gone = format!("mandate_agent=; Path={narrower}; HttpOnly; SameSite=Lax; Max-Age=0");
        let expired = |response: reqwest::Response| {
            response.headers().get_all(header::SET_COOKIE).iter().filter(|value| *value == gone.as_str()).count()
        };
        assert_eq!(expired(both.get(path).await), 1, "{path}");
        assert_eq!(expired(alice.get(path).await), 0, "{path}");
    }
}

/// THREATS.md line 9: even with the right CSRF token, only the site's own page logs anybody out.
#[tokio::test(flavor = "multi_thread")]
async fn line_9_a_logout_from_elsewhere_ends_nothing() {
    let world = World::new().await;
    let mut alice = world.alice().await;
    let thread = alice.open("Hi").await;
    let csrf_token = csrf_token(&world, &alice).await;
    let own = world.site.origin().to_owned();
    let identity = world.identity_site().origin().to_owned();
    for headers in [
        &[("origin", "null")][..],
        &[],
        &[("origin", identity.as_str())],
        &[("origin", "http://evil.example")],
        &[("origin", own.as_str()), ("sec-fetch-site", "cross-site")],
        &[("origin", own.as_str()), ("sec-fetch-site", "same-site")],
    ] {
        let forged = alice.submit_from(headers, "auth/logout", &[("csrf_token", &csrf_token)]).await;
        assert_eq!(forged.status(), StatusCode::FORBIDDEN, "{headers:?}");
        assert!(forged.headers().get(header::SET_COOKIE).is_none(), "{headers:?}");
    }
    assert_eq!(alice.threads().await.len(), 1, "still logged in");
    assert_eq!(alice.get(&format!("api/threads/{thread}")).await.status(), StatusCode::OK);
    let own = [("origin", own.as_str()), ("sec-fetch-site", "same-origin")];
    assert_eq!(alice.submit_from(&own, "auth/logout", &[("csrf_token", &csrf_token)]).await.status(), StatusCode::OK);
    assert!(alice.threads().await.is_empty());
}
