//! Consent: the scopes that it covers, and when the page asks again (THREATS.md, lines 12 and 38).

use serde_json::json;

use crate::{
    asking::{Asking, LOOPBACK, text},
    authorize::{AWAY, assert_error, assert_page},
    pair::{AGENT, Pair, browser::Browser},
};

#[tokio::test]
async fn line_12_excess_scopes_are_dropped_and_more_ask_again() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let metadata = json!({
        "client_name": "Claude",
        "redirect_uris": [AWAY],
        "grant_types": ["authorization_code", "refresh_token"],
    });
    let (_, client) = pair.register(metadata).await;
    let client = text(&client, "client_id");
    let mcp = || Asking::mcp(&pair, client).with("redirect_uri", AWAY);
    let asking = mcp().with("scope", "openid portfolio:read create:me:connected_accounts admin portfolio:read");
    let shown = browser.follow(&asking.url()).await;
    let shown = pair.at_login(&browser, shown, "Alice").await;
    assert_eq!(
        shown.page["scopes"],
        json!(
            ["See your cash, positions and their value", "Keep this access while you are away, until you revoke it",]
        )
    );
    let shown = pair.allow(&browser, shown).await;
    let (_, tokens) = pair.token(&asking.redeeming(&shown.param("code").expect("a code"))).await;
    assert_eq!(tokens["scope"], "openid portfolio:read offline_access");
    assert_eq!(crate::pair::walk::claims(text(&tokens, "access_token"))["aud"], format!("{AGENT}mcp"));

    // The same or less isn't asked again. More is, and is remembered together with the rest.
    for (scope, asks) in [
        ("openid portfolio:read", false),
        ("portfolio:read", false),
        ("portfolio:read trade:read", true),
        ("openid portfolio:read trade:read", false),
        ("portfolio:read trade:read trade:write", true),
    ] {
        let shown = browser.follow(&mcp().with("scope", scope).url()).await;
        assert_eq!(shown.text("/view") == "consent", asks, "{scope}: {shown:?}");
        pair.allow(&browser, shown).await;
    }
    let shown = browser.follow(&mcp().with("prompt", "consent").url()).await;
    assert_eq!(shown.text("/view"), "consent");
    let shown = browser.get(&mcp().with("scope", "admin").url()).await;
    assert_error(&pair, &shown, "invalid_scope", "nothing left");
    for resource in [pair.t.at("me/"), pair.t.at("vault/"), pair.b.at("api"), "http://evil.example/".into()] {
        let shown = browser.get(&mcp().with("resource", &resource).url()).await;
        assert_error(&pair, &shown, "invalid_target", &resource);
    }
    // Several clients never name a resource or a scope.
    let plain = mcp().without("resource").without("scope");
    let tokens = pair.tokens(&browser, &plain).await;
    assert_eq!(tokens["scope"], "portfolio:read trade:read trade:write offline_access");
    assert_eq!(crate::pair::walk::claims(text(&tokens, "access_token"))["aud"], format!("{AGENT}mcp"));
}

#[tokio::test]
async fn line_38_consent_page_names_the_app_and_redirect_host() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let (_, registered) = pair
        .register(json!({
            "client_name": "Claude Code",
            "redirect_uris": [LOOPBACK, "https://claude.example/callback", "https://other.example:8443/callback"],
        }))
        .await;
    let client = text(&registered, "client_id");
    let shown = browser.follow(&Asking::mcp(&pair, client).url()).await;
    let shown = pair.at_login(&browser, shown, "Alice").await;
    assert_eq!(shown.text("/view"), "consent", "{shown:?}");
    assert_eq!(shown.text("/client"), "Claude Code");
    assert_eq!(shown.page["unverified"], true);
    assert_eq!(shown.page["loopback"], true);
    assert_eq!(shown.text("/redirect_host"), "127.0.0.1:5555");
    assert_eq!(shown.text("/account"), "Mandate identity · Alice");
    pair.allow(&browser, shown).await;
    // Another port on the machine is the same place; another host isn't.
    let shown =
        browser.follow(&Asking::mcp(&pair, client).with("redirect_uri", "http://127.0.0.1:9/callback").url()).await;
    assert_eq!(shown.page["again"], true, "{shown:?}");
    for (uri, host) in [
        ("https://claude.example/callback", "claude.example"),
        ("https://other.example:8443/callback", "other.example:8443"),
    ] {
        let shown = browser.follow(&Asking::mcp(&pair, client).with("redirect_uri", uri).url()).await;
        assert_eq!(shown.text("/redirect_host"), host, "{shown:?}");
        assert_eq!((&shown.page["loopback"], &shown.page["again"]), (&json!(false), &json!(false)));
    }
}

/// RFC 8252 §8.6.
#[tokio::test]
async fn line_38_a_redirect_to_this_machine_is_asked_each_time() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    pair.log_in(&browser, "Alice").await;
    for (uri, asks) in [
        (LOOPBACK, true),
        ("http://[::1]:7/cb", true),
        ("https://localhost:9/cb", true),
        ("cursor://anysphere.mcp/cb", true),
        ("goose:/cb", true),
        ("https://claude.example/cb", false),
    ] {
        let (_, client) = pair.register(json!({ "client_name": "Claude Code", "redirect_uris": [uri] })).await;
        let asking = Asking::mcp(&pair, text(&client, "client_id")).with("redirect_uri", uri);
        pair.code(&browser, &asking).await;
        let silent = browser.get(&asking.clone().with("prompt", "none").url()).await;
        assert_eq!(silent.param("error").as_deref(), asks.then_some("consent_required"), "{uri}");
        let shown = browser.follow(&asking.url()).await;
        assert_eq!(shown.text("/view") == "consent", asks, "{uri}: {shown:?}");
        if asks {
            assert_eq!(shown.page["again"], true);
            let shown = pair.allow(&browser, shown).await;
            assert!(shown.param("code").is_some(), "{uri}: one click");
        }
    }
}

#[tokio::test]
async fn line_38_consent_warns_of_every_local_redirect() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    pair.log_in(&browser, "Alice").await;
    for (uri, loopback) in [
        ("http://localhost:9/cb", true),
        ("http://[::1]:9/cb", true),
        ("https://localhost:9/cb", true),
        ("https://127.0.0.1:9/cb", true),
        ("https://app.localhost/cb", true),
        ("cursor://anysphere.mcp/cb", true),
        ("https://claude.example/cb", false),
    ] {
        let (_, client) = pair.register(json!({ "client_name": "Claude Code", "redirect_uris": [uri] })).await;
        let asking = Asking::mcp(&pair, text(&client, "client_id")).with("redirect_uri", uri);
        let shown = browser.follow(&asking.url()).await;
        assert_eq!((shown.text("/view").as_str(), &shown.page["loopback"]), ("consent", &json!(loopback)), "{uri}");
    }
}

#[tokio::test]
async fn a_denied_consent_goes_back_as_access_denied() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let client = pair.mcp_client().await;
    let shown = browser.follow(&Asking::mcp(&pair, &client).url()).await;
    let shown = pair.at_login(&browser, shown, "Alice").await;
    let (csrf_token, request) = (shown.text("/csrf_token"), shown.text("/request"));
    let form = [("csrf_token", &*csrf_token), ("request", &request), ("decision", "deny")];
    let shown = browser.post(&pair.t.at("u/consent"), &form).await;
    // Answers with a page, because `form-action 'self'` would block a redirect.
    assert_eq!((shown.status, shown.text("/view").as_str()), (200, "go_on"));
    assert_error(&pair, &browser.follow_on(shown).await, "access_denied", "denied");
    // Each request can be answered once.
    let again = browser.post(&pair.t.at("u/consent"), &form).await;
    assert_page(&again, "again");
    let shown = browser.get(&Asking::mcp(&pair, &client).with("prompt", "none").url()).await;
    assert_page(&shown, "a denial is no consent");
}
