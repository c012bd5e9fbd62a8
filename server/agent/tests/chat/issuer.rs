//! An external provider: its issuer, configured with or without a trailing slash, and its own logout.

use reqwest::StatusCode;

use crate::{browser::Browser, login::csrf_token, world::World};

#[tokio::test(flavor = "multi_thread")]
async fn line_26_the_discovered_issuer_decides_about_the_slash() {
    for (typed, named) in [(true, true), (true, false), (false, true), (false, false)] {
        let world = World::typed(typed).await;
        let slash = world.identity.site.issuer().to_owned();
        let bare = slash.trim_end_matches('/').to_owned();
        let (right, wrong) = if named { (&slash, &bare) } else { (&bare, &slash) };
        world.identity.state().calls_itself = Some(right.clone());
        world.alice().await;
        // After that, a different slash means a different issuer, in the answer and in the id token.
        let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let mut browser = world.visitor();
        let callback = browser.begin_login(&world, "alice", "/").await;
        let shown = browser.error_of(&callback.replace(&encoded(right), &encoded(wrong))).await;
        assert_eq!(shown.status(), StatusCode::BAD_REQUEST, "{typed} {named}");
        let mut browser = world.visitor();
        let callback = browser.begin_login(&world, "alice", "/").await;
        for claims in world.identity.state().logins.values_mut() {
            claims["iss"] = wrong.as_str().into();
        }
        assert_eq!(browser.error_of(&callback).await.status(), StatusCode::BAD_REQUEST, "{typed} {named}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn logout_goes_to_the_discovered_end_session_endpoint() {
    let world = World::typed(false).await;
    let browser = world.alice().await;
    let page = log_out(&world, browser).await;
    let next = format!("url={}", world.identity.site.at("session/end?of=agent&amp;id_token_hint=eyJ"));
    assert!(page.contains(&next), "{page}");
}

/// The session here still ends, and the page claims nothing more.
#[tokio::test(flavor = "multi_thread")]
async fn logout_without_a_providers_logout_says_so() {
    let world = World::new().await;
    world.identity.state().no_logout = true;
    let page = log_out(&world, world.alice().await).await;
    assert!(page.contains("may still be logged in") && page.contains("no logout"), "{page}");
    assert!(!page.contains("http-equiv"), "{page}");

    let world = World::new().await;
    let browser = world.alice().await;
    world.identity.state().calls_itself = Some("http://evil.example/".into());
    let page = log_out(&world, browser).await;
    assert!(page.contains("may still be logged in") && !page.contains("evil"), "{page}");
}

async fn log_out(world: &World, mut browser: Browser) -> String {
    let csrf_token = csrf_token(world, &browser).await;
    let out = browser.submit("auth/logout", &[("csrf_token", &csrf_token)]).await;
    assert_eq!(out.status(), StatusCode::OK);
    assert!(browser.cookie.is_none());
    out.text().await.unwrap()
}
