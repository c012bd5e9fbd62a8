//! The authorization endpoint (THREATS.md, lines 1 to 8 and 41).

use serde_json::json;

use crate::{
    asking::{Asking, LOOPBACK, text},
    pair::{
        AGENT, CALLBACK, Pair,
        browser::{Browser, Shown},
    },
};

/// Asserts that this is one of T's pages, not a redirect.
pub(crate) fn assert_page(shown: &Shown, what: &str) {
    assert_eq!((shown.status, shown.location.as_ref()), (400, None), "{what}: {shown:?}");
    assert_eq!(shown.text("/view"), "error", "{what}");
}

/// The redirect URI of a self-registered client with a server.
pub(crate) const AWAY: &str = "https://claude.example/callback";

/// Asserts that this redirects an error to the client, with the state and the issuer.
pub(crate) fn assert_error(pair: &Pair, shown: &Shown, error: &str, what: &str) {
    let at = shown.location.as_ref().map(url::Url::as_str).unwrap_or_default();
    assert!([CALLBACK, LOOPBACK, AWAY].iter().any(|known| at.starts_with(known)), "{what}: {shown:?}");
    assert_eq!(shown.param("error").as_deref(), Some(error), "{what}: {shown:?}");
    assert_eq!(shown.param("iss").as_deref(), Some(pair.t.site.issuer()), "{what}: {shown:?}");
    assert_eq!(shown.param("code"), None, "{what}");
}

#[tokio::test]
async fn line_1_only_registered_redirect_uris_are_redirected_to() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    for wrong in [
        "http://agent.localhost:9/auth/callback/",
        "http://agent.localhost:9/auth/callback?x=1",
        "http://agent.localhost:9/auth/callback#x",
        "http://agent.localhost:9/auth/CALLBACK",
        "HTTP://agent.localhost:9/auth/callback",
        "http://agent.localhost/auth/callback",
        "http://agent.localhost:10/auth/callback",
        "http://agent.localhost:9/auth/../auth/callback",
        "http://agent.localhost:9/auth/callback/more",
        "http://agent.localhost:9/auth",
        "http://u@agent.localhost:9/auth/callback",
        "http://agent.localhost:9@evil.example/auth/callback",
        "https://evil.example/",
        "//agent.localhost:9/auth/callback",
        "javascript:alert(1)",
        "",
    ] {
        let shown = browser.get(&Asking::agent(&pair).with("redirect_uri", wrong).url()).await;
        assert_page(&shown, wrong);
        assert!(!shown.text("/text").contains("evil.example"), "{shown:?}");
    }
    assert_page(&browser.get(&Asking::agent(&pair).without("redirect_uri").url()).await, "none");

    // A native client may listen on any port; everything else must match.
    let client = pair.mcp_client().await;
    let other_port = Asking::mcp(&pair, &client).with("redirect_uri", "http://127.0.0.1:61234/callback");
    let shown = pair.walk(&browser, &other_port, "Alice").await;
    assert!(shown.location.as_ref().is_some_and(|to| to.as_str().starts_with("http://127.0.0.1:61234/callback?code=")));
    for wrong in ["http://localhost:5555/callback", "http://127.0.0.1:5555/other", "https://127.0.0.1:5555/callback"] {
        let shown = browser.get(&Asking::mcp(&pair, &client).with("redirect_uri", wrong).url()).await;
        assert_page(&shown, wrong);
    }
}

#[tokio::test]
async fn line_2_unknown_or_disabled_client_gets_no_redirect() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    for wrong in ["nobody", "", "agent ", "AGENT", "' OR 1=1 --"] {
        assert_page(&browser.get(&Asking::agent(&pair).with("client_id", wrong).url()).await, wrong);
    }
    let asking = Asking::agent(&pair);
    let waiting = browser.follow(&asking.url()).await;
    assert_eq!(waiting.text("/view"), "login");
    let mut db = pair.t.identity.db.pool().acquire().await.expect("a connection");
    identity::store::client::disable(&mut db, "agent", true).await.expect("disabled");
    assert_page(&browser.get(&asking.url()).await, "disabled");
    // The same if the client is disabled while the person logs in.
    let shown = pair.at_login(&browser, waiting, "Alice").await;
    assert_page(&shown, "disabled in between");
}

#[tokio::test]
async fn line_3_every_client_needs_a_code_challenge_with_s256() {
    let pair = Pair::start().await;
    let client = pair.mcp_client().await;
    let browser = Browser::default();
    pair.code(&browser, &Asking::mcp(&pair, &client)).await;
    for asking in [Asking::agent(&pair), Asking::mcp(&pair, &client)] {
        for (wrong, what) in [
            (asking.clone().without("code_challenge"), "none"),
            (asking.clone().without("code_challenge").without("code_challenge_method"), "neither"),
            (asking.clone().with("code_challenge_method", "plain"), "plain"),
            (asking.clone().without("code_challenge_method"), "plain by default"),
            (asking.clone().with("code_challenge_method", "s256"), "lower case"),
            (asking.clone().with("code_challenge", "short"), "no digest"),
        ] {
            assert_error(&pair, &browser.get(&wrong.url()).await, "invalid_request", what);
        }
    }
}

#[tokio::test]
async fn line_4_a_parameter_twice_or_too_long_is_an_invalid_request() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let asking = Asking::agent(&pair);
    for name in ["state", "scope", "code_challenge", "response_type", "resource", "anything"] {
        let shown = browser.get(&asking.clone().with(name, "a").twice(name, "a").url()).await;
        assert_error(&pair, &shown, "invalid_request", name);
    }
    for (name, length) in [("state", 2049), ("scope", 4097), ("nonce", 1025), ("anything", 16_385)] {
        let shown = browser.get(&asking.clone().with(name, &"x".repeat(length)).url()).await;
        assert_error(&pair, &shown, "invalid_request", name);
    }
    // If the client or the redirect URI is unclear, T shows a page.
    for (name, value) in [("client_id", "agent"), ("redirect_uri", CALLBACK)] {
        assert_page(&browser.get(&asking.clone().twice(name, value).url()).await, name);
    }
}

#[tokio::test]
async fn line_5_only_response_type_code_in_the_query() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let asking = Asking::agent(&pair);
    for wrong in ["token", "id_token", "code id_token", "code token", "none", "CODE"] {
        let shown = browser.get(&asking.clone().with("response_type", wrong).url()).await;
        assert_error(&pair, &shown, "unsupported_response_type", wrong);
    }
    let shown = browser.get(&asking.clone().without("response_type").url()).await;
    assert_error(&pair, &shown, "invalid_request", "none");
    for wrong in ["fragment", "form_post", "web_message"] {
        let shown = browser.get(&asking.clone().with("response_mode", wrong).url()).await;
        assert_error(&pair, &shown, "invalid_request", wrong);
    }
    // These errors go into the query.
    assert!(browser.get(&asking.with("response_mode", "query").url()).await.param("error").is_none());
}

#[tokio::test]
async fn line_6_a_silent_request_never_shows_a_page() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let client = pair.mcp_client().await;
    let silent = Asking::agent(&pair).with("prompt", "none");
    assert_error(&pair, &browser.get(&silent.url()).await, "login_required", "no session");
    let alice = pair.tokens(&browser, &Asking::agent(&pair)).await;
    let shown = browser.get(&silent.url()).await;
    assert!(shown.param("code").is_some(), "{shown:?}");
    pair.code(&browser, &Asking::mcp(&pair, &client)).await;
    let more = Asking::mcp(&pair, &client).with("scope", "trade:read");
    let shown = browser.get(&more.with("prompt", "none").url()).await;
    assert_error(&pair, &shown, "consent_required", "no consent");
    let shown = browser.get(&Asking::mcp(&pair, &client).with("prompt", "none").url()).await;
    assert_error(&pair, &shown, "consent_required", "back to a program on this machine (line 38)");
    for both in ["none login", "none consent", "nonsense"] {
        let shown = browser.get(&Asking::agent(&pair).with("prompt", both).url()).await;
        assert_error(&pair, &shown, "invalid_request", both);
    }
    // The hint names alice, but bob uses the browser.
    let other = Browser::default();
    let bob = pair.log_in(&other, "Bob").await.0;
    let hinted = Asking::agent(&pair).with("id_token_hint", text(&alice, "id_token"));
    let shown = other.get(&hinted.clone().with("prompt", "none").url()).await;
    assert_error(&pair, &shown, "login_required", "bob, silent");
    assert_error(&pair, &other.get(&hinted.url()).await, "login_required", "bob");
    assert!(browser.get(&hinted.url()).await.param("code").is_some());
    // No session yet: bob logs in although the hint names alice.
    let third = Browser::default();
    let shown = pair.walk(&third, &hinted, "Bob").await;
    assert_error(&pair, &shown, "login_required", "bob logged in");
    for wrong in ["x", text(&bob, "access_token")] {
        let shown = browser.get(&Asking::agent(&pair).with("id_token_hint", wrong).url()).await;
        assert_error(&pair, &shown, "invalid_request", "no id token");
    }
}

#[tokio::test]
async fn line_6_max_age_and_prompt_login_ask_for_credentials_again() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    pair.code(&browser, &Asking::agent(&pair)).await;
    assert!(browser.get(&Asking::agent(&pair).with("max_age", "3600").url()).await.param("code").is_some());
    pair.clock.advance(60_000);
    for again in [
        Asking::agent(&pair).with("max_age", "0"),
        Asking::agent(&pair).with("max_age", "59"),
        Asking::agent(&pair).with("prompt", "login"),
        Asking::agent(&pair).with("prompt", "select_account"),
    ] {
        let shown = browser.get(&again.clone().with("prompt", "none").url()).await;
        if again.get("prompt").is_empty() {
            assert_error(&pair, &shown, "login_required", "silent");
        }
        let shown = browser.follow(&again.url()).await;
        assert_eq!(shown.text("/view"), "login", "{shown:?}");
        let shown = pair.at_login(&browser, shown, "Alice").await;
        let code = shown.param("code").unwrap_or_else(|| panic!("{shown:?}"));
        let (_, tokens) = pair.token(&again.redeeming(&code)).await;
        let claims = crate::pair::walk::claims(text(&tokens, "id_token"));
        assert!(claims["auth_time"].as_i64().expect("a time") >= pair.clock.seconds() - 30, "{claims}");
        pair.clock.advance(60_000);
    }
    let shown = browser.get(&Asking::agent(&pair).with("max_age", "-1").url()).await;
    assert_error(&pair, &shown, "invalid_request", "max_age");
}

#[tokio::test]
async fn line_7_every_answer_names_the_issuer() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let shown = pair.walk(&browser, &Asking::agent(&pair), "Alice").await;
    assert!(shown.param("code").is_some());
    assert_eq!(shown.param("iss").as_deref(), Some(pair.t.site.issuer()));
    assert_eq!(shown.param("state").as_deref(), Some("my state"));
    let shown = browser.get(&Asking::agent(&pair).with("scope", "\u{1}").url()).await;
    assert_error(&pair, &shown, "invalid_scope", "error");
    assert_eq!(shown.param("state").as_deref(), Some("my state"));
}

#[tokio::test]
async fn line_8_request_objects_are_refused_without_a_fetch() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let elsewhere = pair.t.at(".well-known/jwks.json");
    let shown = browser.get(&Asking::agent(&pair).with("request_uri", &elsewhere).url()).await;
    assert_error(&pair, &shown, "request_uri_not_supported", "request_uri");
    let shown = browser.get(&Asking::agent(&pair).with("request", "a.b.c").url()).await;
    assert_error(&pair, &shown, "request_not_supported", "request");
}

#[tokio::test]
async fn a_resource_named_another_way_is_the_same() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let client = pair.mcp_client().await;
    let own = format!("{AGENT}mcp");
    for resource in [format!("{own}/"), own.to_uppercase().replace("/MCP", "/mcp")] {
        let tokens = pair.tokens(&browser, &Asking::mcp(&pair, &client).with("resource", &resource)).await;
        assert_eq!(crate::pair::walk::claims(text(&tokens, "access_token"))["aud"], own, "{resource}");
        let refreshed = pair.refresh(&client, text(&tokens, "refresh_token"), &[("resource", &resource)]).await;
        assert_eq!(refreshed.0, 200, "{refreshed:?}");
        assert_eq!(crate::pair::walk::claims(text(&refreshed.1, "access_token"))["aud"], own);
    }
    for other in [format!("{own}/more"), format!("{own}#x"), "https://agent.localhost:9/mcp".into()] {
        let shown = browser.get(&Asking::mcp(&pair, &client).with("resource", &other).url()).await;
        assert_eq!(shown.param("error").as_deref(), Some("invalid_target"), "{other}: {shown:?}");
    }
}

/// RFC 9700 §4.11.2.
#[tokio::test]
async fn line_41_client_without_consent_cant_redirect() {
    const EVIL: &str = "https://evil.example/x";
    let pair = Pair::start().await;
    let (_, client) = pair.register(json!({ "client_name": "Claude Code", "redirect_uris": [EVIL] })).await;
    let asking = Asking::mcp(&pair, text(&client, "client_id")).with("redirect_uri", EVIL);
    let (alice, bob, nobody) = (Browser::default(), Browser::default(), Browser::default());
    let hint = pair.log_in(&alice, "Alice").await.0;
    pair.log_in(&bob, "Bob").await;
    let wrong = [
        (asking.clone().with("scope", "admin"), "invalid_scope"),
        (asking.clone().with("resource", "https://evil.example/"), "invalid_target"),
        (asking.clone().with("response_type", "token"), "unsupported_response_type"),
        (asking.clone().without("code_challenge"), "invalid_request"),
        (asking.clone().twice("scope", "openid"), "invalid_request"),
        (asking.clone().with("prompt", "none"), ""),
    ];
    let hinted = asking.clone().with("id_token_hint", text(&hint, "id_token"));
    let expect = async |browser: &Browser, asking: &Asking, error: &str| {
        let shown = browser.get(&asking.url()).await;
        assert_page(&shown, error);
        assert!(shown.text("/text").contains("evil.example"), "{shown:?}");
        let href = shown.text("/back");
        assert!(href.starts_with(&format!("{EVIL}?error={error}")), "{href}");
    };
    for (asking, error) in &wrong {
        for browser in [&nobody, &bob, &alice] {
            expect(browser, asking, error).await;
        }
    }
    expect(&bob, &hinted, "login_required").await;
    // After Alice allowed it something, it gets errors by redirect, in her browser only.
    let shown = alice.follow(&asking.url()).await;
    assert!(pair.allow(&alice, shown).await.param("code").is_some());
    for (asking, error) in wrong.iter().filter(|(_, error)| !error.is_empty()) {
        let shown = alice.get(&asking.url()).await;
        assert_eq!(shown.param("error").as_deref(), Some(*error), "{shown:?}");
        for browser in [&nobody, &bob] {
            expect(browser, asking, error).await;
        }
    }
    expect(&bob, &hinted, "login_required").await;
}

#[tokio::test]
async fn two_requests_opened_at_once_both_go_on_after_one_login() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let first = browser.follow(&Asking::agent(&pair).url()).await;
    let second = browser.get(&Asking::agent(&pair).url()).await;
    assert!(pair.at_login(&browser, first, "Alice").await.param("code").is_some());
    let shown = browser.follow_on(second).await;
    assert!(shown.param("code").is_some(), "{shown:?}");
}

#[tokio::test]
async fn a_posted_request_is_the_same_as_a_link() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let asking = Asking::agent(&pair);
    let url = url::Url::parse(&asking.url()).expect("a URL");
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let form: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let elsewhere = [("origin", "http://agent.localhost:9")];
    let shown = browser.send(reqwest::Method::POST, &pair.t.at("authorize"), Some(&form), &elsewhere).await;
    let shown = browser.follow_on(shown).await;
    assert!(pair.at_login(&browser, shown, "Alice").await.param("code").is_some());
}
