//! Logging out at T and at B (THREATS.md lines 11 and 41).

use crate::{
    asking::{Asking, text},
    pair::{AGENT, Pair, browser::Browser},
    people::login_page,
};

fn logout_url(pair: &Pair, pairs: &[(&str, &str)]) -> String {
    url::Url::parse_with_params(&pair.t.at("oidc/logout"), pairs).expect("a URL").into()
}

#[tokio::test]
async fn a_logout_ends_the_sessions_at_t_and_b_and_comes_back() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let tokens = pair.tokens(&browser, &Asking::agent(&pair)).await;
    let url = logout_url(
        &pair,
        &[
            ("id_token_hint", text(&tokens, "id_token")),
            ("client_id", "agent"),
            ("post_logout_redirect_uri", AGENT),
            ("state", "logout state"),
        ],
    );
    let shown = browser.follow(&url).await;
    let back = shown.location.as_ref().unwrap_or_else(|| panic!("{shown:?}"));
    assert!(back.as_str().starts_with(AGENT), "{back}");
    assert_eq!(shown.param("state").as_deref(), Some("logout state"));
    // The next login, at B, asks for credentials.
    login_page(&pair, &browser).await;
    // Offline grants remain.
    assert_eq!(pair.refresh("agent", text(&tokens, "refresh_token"), &[]).await.0, 200);
    // Logging out again also redirects back.
    let shown = browser.follow(&url).await;
    assert!(shown.location.is_some_and(|to| to.as_str().starts_with(AGENT)));
}

#[tokio::test]
async fn line_41_logout_redirects_only_to_registered_addresses() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let tokens = pair.tokens(&browser, &Asking::agent(&pair)).await;
    let hint = text(&tokens, "id_token");
    for evil in [
        "http://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "https:evil.example",
        "http://agent.localhost:9@evil.example/",
        "http://agent.localhost:9/auth/callback",
        "http://agent.localhost:9?",
        "http://agent.localhost:9#",
        "http://agent.localhost:9\\",
        "http://agent.localhost",
        "agent.localhost:9",
        "http://agent.localhost:9.evil.example",
        "http://agent.localhost:9//",
        "javascript:alert(1)",
        "%68ttp://evil.example/",
    ] {
        let shown =
            browser.get(&logout_url(&pair, &[("id_token_hint", hint), ("post_logout_redirect_uri", evil)])).await;
        assert_eq!((shown.status, shown.location.is_none()), (400, true), "{evil}: {shown:?}");
        assert_eq!(shown.text("/view"), "error");
    }
    for (wrong, what) in [
        (vec![("post_logout_redirect_uri", AGENT)], "no client"),
        (vec![("post_logout_redirect_uri", AGENT), ("client_id", "agent-mcp")], "another client"),
        (vec![("post_logout_redirect_uri", AGENT), ("id_token_hint", hint), ("client_id", "agent-mcp")], "two clients"),
        (vec![("post_logout_redirect_uri", AGENT), ("id_token_hint", "x")], "no id token"),
        (
            vec![("post_logout_redirect_uri", AGENT), ("id_token_hint", hint), ("state", &*"x".repeat(2049))],
            "an endless state",
        ),
        (vec![("post_logout_redirect_uri", AGENT), ("id_token_hint", text(&tokens, "access_token"))], "no id token"),
    ] {
        let shown = browser.get(&logout_url(&pair, &wrong)).await;
        assert_eq!((shown.status, shown.location.is_none()), (400, true), "{what}: {shown:?}");
    }
    // Without the session's own id token, or with another session's, the page asks before it logs anybody out.
    let (bob, _) = pair.log_in(&Browser::default(), "Bob").await;
    for asks in [
        vec![("post_logout_redirect_uri", AGENT), ("client_id", "agent")],
        vec![("post_logout_redirect_uri", AGENT), ("id_token_hint", text(&bob, "id_token"))],
        vec![],
    ] {
        let shown = browser.get(&logout_url(&pair, &asks)).await;
        assert_eq!(shown.text("/view"), "log_out", "{shown:?}");
    }
    assert!(browser.get(&Asking::agent(&pair).with("prompt", "none").url()).await.param("code").is_some(), "logged in");
    // The state that T gives B for the return leads nowhere on its own.
    let shown = browser.get(&format!("{}?state=guessed", pair.t.at("oidc/logout/callback"))).await;
    assert_eq!((shown.status, shown.text("/view").as_str()), (200, "logged_out"));
}

/// nextjs-auth0 sends the origin without a slash; Auth0's Python SDK uses `/v2/logout` with `returnTo`.
#[tokio::test]
async fn logout_of_auth0s_sdks_comes_back() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let origin = AGENT.trim_end_matches('/');
    let tokens = pair.tokens(&browser, &Asking::agent(&pair)).await;
    let hint = [("id_token_hint", text(&tokens, "id_token")), ("post_logout_redirect_uri", origin)];
    let shown = browser.follow(&logout_url(&pair, &hint)).await;
    assert_eq!(shown.location.as_ref().map(url::Url::as_str), Some(AGENT), "{shown:?}");
    login_page(&pair, &browser).await;

    let browser = Browser::default();
    pair.log_in(&browser, "Alice").await;
    let v2 = |pairs: &[(&str, &str)]| -> String {
        url::Url::parse_with_params(&pair.t.at("v2/logout"), pairs).expect("a URL").into()
    };
    for wrong in [
        vec![("client_id", "agent"), ("returnTo", "http://evil.example/")],
        vec![("returnTo", origin)],
        vec![("client_id", "agent"), ("returnTo", origin), ("returnTo", "http://evil.example/")],
    ] {
        let shown = browser.follow(&v2(&wrong)).await;
        assert_eq!((shown.status, shown.location.is_none()), (400, true), "{wrong:?}: {shown:?}");
    }
    let asked = browser.follow(&v2(&[("client_id", "agent"), ("returnTo", origin), ("federated", "")])).await;
    assert_eq!(asked.text("/view"), "log_out", "{asked:?}");
    let form = [("csrf_token", &*asked.text("/csrf_token")), ("request", &*asked.text("/request"))];
    let shown = browser.post(&pair.t.at("oidc/logout"), &form).await;
    let shown = browser.follow_on(shown).await;
    assert_eq!(shown.location.as_ref().map(url::Url::as_str), Some(AGENT), "{shown:?}");
    login_page(&pair, &browser).await;
    // A logged-out browser is redirected at once; without an address it gets a page.
    let shown = Browser::default().follow(&v2(&[("client_id", "agent"), ("returnTo", AGENT)])).await;
    assert_eq!(shown.location.as_ref().map(url::Url::as_str), Some(AGENT), "{shown:?}");
    assert_eq!(Browser::default().follow(&v2(&[])).await.text("/view"), "logged_out");
}

/// T's own session may have expired, and with it B's id token. Then B asks first, and the browser still returns logged
/// out of both.
#[tokio::test]
async fn line_11_logout_reaches_the_provider_after_the_session() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let tokens = pair.tokens(&browser, &Asking::agent(&pair)).await;
    browser.forget(pair.t.site.url().host_str().expect("a host"));
    let hint = [("id_token_hint", text(&tokens, "id_token")), ("post_logout_redirect_uri", AGENT)];
    let asked = browser.follow(&logout_url(&pair, &hint)).await;
    assert_eq!((asked.text("/view").as_str(), asked.url.host_str()), ("log_out", pair.b.site.url().host_str()));
    let form = [("csrf_token", &*asked.text("/csrf_token")), ("request", &*asked.text("/request"))];
    let shown = browser.post(&pair.b.at("oidc/logout"), &form).await;
    let shown = browser.follow_on(shown).await;
    assert_eq!(shown.location.as_ref().map(url::Url::as_str), Some(AGENT), "{shown:?}");
    login_page(&pair, &browser).await;
    // Without one of T's id tokens, the link returns to the client at once, without B.
    let shown = browser.get(&logout_url(&pair, &[("client_id", "agent"), ("post_logout_redirect_uri", AGENT)])).await;
    assert_eq!(shown.location.as_ref().map(url::Url::as_str), Some(AGENT), "{shown:?}");
}
