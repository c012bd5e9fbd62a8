//! People in browsers: login, its forms, sessions, logout (security.md, lines 9, 10, 11, 26, 39, 41, 52, 53).

use reqwest::{Method, header};

use crate::{
    asking::{Asking, text},
    pair::{
        AGENT, Pair,
        browser::{Browser, Shown},
    },
};

/// B's login page, on the way from the agent.
async fn login_page(pair: &Pair, browser: &Browser) -> Shown {
    let shown = browser.follow(&Asking::agent(pair).url()).await;
    assert_eq!(shown.text("/view"), "login", "{shown:?}");
    shown
}

async fn submit(pair: &Pair, browser: &Browser, page: &Shown, email: &str, password: &str) -> Shown {
    let (proof, request) = (page.text("/proof"), page.text("/request"));
    let form = [("proof", &*proof), ("request", &request), ("email", email), ("password", password)];
    browser.post(&pair.b.at("u/login"), &form).await
}

#[tokio::test]
async fn line_9_53_only_a_form_of_this_sessions_own_page_decides() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let client = pair.mcp_client().await;
    let asking = Asking::mcp(&pair, &client);
    let page = browser.follow(&asking.url()).await;
    let page = pair.at_login(&browser, page, "Alice").await;
    assert_eq!(page.text("/view"), "consent", "{page:?}");
    let (proof, request) = (page.text("/proof"), page.text("/request"));
    // Another person's page, whose proof is theirs.
    let other = Browser::default();
    let others = other.follow(&asking.url()).await;
    let others = pair.at_login(&other, others, "Bob").await.text("/proof");
    assert!(!others.is_empty() && others != proof);

    let url = pair.t.at("u/consent");
    let origin = pair.t.site.origin().to_owned();
    let own = [("origin", origin.as_str())];
    let good = [("proof", &*proof), ("request", &*request), ("decision", "allow")];
    let query = format!("{url}?proof={proof}&request={request}&decision=allow");
    let forged: Vec<(&str, Shown)> = vec![
        ("no proof", browser.send(Method::POST, &url, Some(&good[1..]), &own).await),
        (
            "another's proof",
            browser.send(Method::POST, &url, Some(&[("proof", &*others), good[1], good[2]]), &own).await,
        ),
        ("another browser", other.send(Method::POST, &url, Some(&good), &own).await),
        ("no session", Browser::default().send(Method::POST, &url, Some(&good), &own).await),
        ("no origin", browser.send(Method::POST, &url, Some(&good), &[]).await),
        ("origin null", browser.send(Method::POST, &url, Some(&good), &[("origin", "null")]).await),
        (
            "the agent's origin",
            browser.send(Method::POST, &url, Some(&good), &[("origin", AGENT.trim_end_matches('/'))]).await,
        ),
        ("B's origin", browser.send(Method::POST, &url, Some(&good), &[("origin", pair.b.site.origin())]).await),
        (
            "cross-site",
            browser.send(Method::POST, &url, Some(&good), &[own[0], ("sec-fetch-site", "cross-site")]).await,
        ),
        ("same-site", browser.send(Method::POST, &url, Some(&good), &[own[0], ("sec-fetch-site", "same-site")]).await),
    ];
    for (what, shown) in &forged {
        assert_eq!(shown.status, 403, "{what}: {shown:?}");
        assert_eq!(shown.location, None, "{what}");
    }
    // Opened by a link, a prefetch or an image: the page, and no decision.
    for method in [Method::GET, Method::HEAD] {
        let shown = browser.send(method, &query, None, &[("purpose", "prefetch")]).await;
        assert_eq!((shown.status, shown.location), (200, None));
    }
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        assert!(browser.send(method, &query, None, &own).await.status >= 400);
    }
    let silent = browser.get(&asking.clone().with("prompt", "none").url()).await;
    assert_eq!(silent.param("error").as_deref(), Some("consent_required"), "nothing was decided");
    // And the form itself does.
    let shown = browser.send(Method::POST, &url, Some(&good), &[own[0], ("sec-fetch-site", "same-origin")]).await;
    assert!(browser.follow_on(shown).await.param("code").is_some());
}

#[tokio::test]
async fn line_9_nobody_logs_another_browser_in() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let page = login_page(&pair, &browser).await;
    let (proof, request) = (page.text("/proof"), page.text("/request"));
    let form = [("proof", &*proof), ("request", &*request), ("email", "bob@example.com"), ("password", "mandate-demo")];
    let url = pair.b.at("u/login");
    let origin = pair.b.site.origin().to_owned();
    for (who, headers) in [
        (&browser, &[][..]),
        (&browser, &[("origin", "null")]),
        (&browser, &[("origin", "http://evil.example")]),
        (&browser, &[("origin", origin.as_str()), ("sec-fetch-site", "cross-site")]),
        (&Browser::default(), &[("origin", origin.as_str())]),
    ] {
        let shown = who.send(Method::POST, &url, Some(&form), headers).await;
        assert_eq!(shown.status, 403, "{headers:?}");
    }
    let without = browser.post(&url, &form[1..]).await;
    assert_eq!(without.status, 403);
    // Credentials in a query log nobody in.
    let query = format!("{url}?proof={proof}&request={request}&email=bob@example.com&password=mandate-demo");
    assert_eq!(browser.get(&query).await.text("/view"), "login");
    assert_eq!(
        browser.get(&Asking::agent(&pair).with("prompt", "none").url()).await.param("error").as_deref(),
        Some("login_required")
    );
}

#[tokio::test]
async fn line_10_every_page_carries_the_headers_that_keep_it_apart() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let client = pair.mcp_client().await;
    let login = login_page(&pair, &browser).await;
    let wrong = submit(&pair, &browser, &login, "alice@example.com", "wrong password").await;
    let go_on = submit(&pair, &browser, &login, "alice@example.com", "mandate-demo").await;
    assert_eq!(go_on.text("/view"), "go_on", "{go_on:?}");
    let consent = pair.at_login(&browser, browser.follow(&Asking::mcp(&pair, &client).url()).await, "Alice").await;
    assert_eq!(consent.text("/view"), "consent", "{consent:?}");
    let error = browser.get(&pair.t.at("authorize")).await;
    let log_out = browser.get(&pair.t.at("oidc/logout")).await;
    assert_eq!(log_out.text("/view"), "log_out");
    let forged = browser.post(&pair.t.at("u/consent"), &[]).await;
    for page in [login, wrong, go_on, consent, error, log_out, forged] {
        let header = |name: &str| page.headers[name].to_str().expect("text").to_owned();
        let policy = header("content-security-policy");
        for part in ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe-inline") && !policy.contains("unsafe-eval") && !policy.contains('*'));
        assert_eq!(header("referrer-policy"), "same-origin");
        assert_eq!(header("cache-control"), "no-store");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert!(header("content-type").starts_with("text/html"));
    }
}

fn cookie_of(shown: &Shown, name: &str) -> Option<String> {
    shown.headers.get_all(header::SET_COOKIE).iter().find_map(|value| {
        let value = value.to_str().ok()?;
        let (pair, attributes) = value.split_once(';')?;
        assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax"), "{value}");
        Some(pair.strip_prefix(name)?.strip_prefix('=')?.to_owned())
    })
}

#[tokio::test]
async fn line_11_a_login_makes_a_new_session_and_a_logout_ends_it_on_the_server() {
    let pair = Pair::start().await;
    let b = "mandate_broker_identity";
    // B alone: its own login page, without T.
    let browser = Browser::default();
    let begun = browser.get(&pair.b.at("u/login")).await;
    let before = cookie_of(&begun, b).expect("a session before the login");
    let page = browser.follow_on(begun).await;
    let done = submit(&pair, &browser, &page, "alice@example.com", "mandate-demo").await;
    let after = cookie_of(&done, b).expect("a session of its own");
    assert_ne!(before, after);

    let planted = async |value: &str| {
        let cookie = format!("{b}={value}");
        let shown = Browser::default().send(Method::GET, &pair.b.at("oidc/logout"), None, &[("cookie", &cookie)]).await;
        shown.text("/view")
    };
    assert_eq!(planted(&before).await, "logged_out", "the old id is nobody's");
    let headers = [(header::COOKIE, format!("{b}={before}").parse().expect("a value"))].into_iter().collect();
    let ended = pair.b.tenant.sessions.find(&headers).await.expect("the database");
    assert!(ended.is_none(), "the session before the login has ended: {ended:?}");
    assert_eq!(planted(&after).await, "log_out", "the new one is alice's");
    // A form of the page from before the login no longer counts.
    let again = submit(&pair, &browser, &page, "bob@example.com", "mandate-demo").await;
    assert_eq!(again.status, 403, "{again:?}");

    let shown = browser.get(&pair.b.at("oidc/logout")).await;
    let (proof, request) = (shown.text("/proof"), shown.text("/request"));
    let forged = browser.post(&pair.b.at("oidc/logout"), &[("proof", "x"), ("request", &request)]).await;
    assert_eq!(forged.status, 403);
    let form = [("proof", &*proof), ("request", &*request)];
    let elsewhere = browser.send(Method::POST, &pair.b.at("oidc/logout"), Some(&form), &[("origin", "null")]).await;
    assert_eq!(elsewhere.status, 403);
    assert_eq!(planted(&after).await, "log_out", "still logged in");
    let shown = browser.post(&pair.b.at("oidc/logout"), &form).await;
    assert_eq!(shown.text("/view"), "logged_out", "{shown:?}");
    assert_eq!(planted(&after).await, "logged_out", "a stolen old id is useless");
}

#[tokio::test]
async fn line_52_two_session_cookies_count_as_none() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let b = "mandate_broker_identity";
    let page = browser.follow(&pair.b.at("u/login")).await;
    let done = submit(&pair, &browser, &page, "alice@example.com", "mandate-demo").await;
    let alice = cookie_of(&done, b).expect("a session");
    let asked = async |cookie: String| {
        let url = pair.b.at("oidc/logout");
        Browser::default().send(Method::GET, &url, None, &[("cookie", &cookie)]).await.text("/view")
    };
    assert_eq!(asked(format!("{b}={alice}")).await, "log_out", "alone it is alice's");
    assert_eq!(asked(format!("{b}={alice}; {b}=planted")).await, "logged_out");
}

#[tokio::test]
async fn line_26_a_login_callback_counts_once_in_its_own_browser() {
    let pair = Pair::start().await;
    // To where B sends the browser back, without going there.
    let begin = async |browser: &Browser| -> Shown {
        let page = login_page(&pair, browser).await;
        submit(&pair, browser, &page, "alice@example.com", "mandate-demo").await
    };
    let silent = Asking::agent(&pair).with("prompt", "none").url();
    let logged_in = async |browser: &Browser| browser.get(&silent).await.param("code").is_some();

    let browser = Browser::default();
    let callback = begin(&browser).await.text("/href");
    assert!(callback.starts_with(&pair.t.at("login/callback")), "{callback}");
    let changed = |name: &str, value: Option<&str>| -> String {
        let mut url = url::Url::parse(&callback).expect("a URL");
        let mut pairs: Vec<(String, String)> =
            url.query_pairs().into_owned().filter(|(known, _)| known != name).collect();
        if let Some(value) = value {
            pairs.push((name.into(), value.into()));
        }
        url.query_pairs_mut().clear().extend_pairs(pairs);
        url.into()
    };
    let victim = Browser::default();
    login_page(&pair, &victim).await;
    for (what, who, url) in [
        ("another browser", &victim, callback.clone()),
        ("no session", &Browser::default(), callback.clone()),
        ("no state", &browser, changed("state", None)),
        ("wrong state", &browser, changed("state", Some("guessed"))),
    ] {
        let shown = who.get(&url).await;
        assert_eq!((shown.status, shown.location.is_none()), (400, true), "{what}: {shown:?}");
        assert!(!logged_in(who).await, "{what}");
    }
    let shown = browser.get(&callback).await;
    assert_eq!(shown.status, 303, "{shown:?}");
    assert!(logged_in(&browser).await);
    let shown = browser.get(&callback).await;
    assert_eq!(shown.status, 400, "replayed: {shown:?}");

    // Another provider's answer (mix-up), and a code that is somebody's else.
    for (name, value) in [("iss", "http://evil.example/"), ("code", "guessed")] {
        let browser = Browser::default();
        let mut url = url::Url::parse(&begin(&browser).await.text("/href")).expect("a URL");
        let mut pairs: Vec<(String, String)> =
            url.query_pairs().into_owned().filter(|(known, _)| known != name).collect();
        pairs.push((name.into(), value.into()));
        url.query_pairs_mut().clear().extend_pairs(pairs);
        let shown = browser.get(url.as_str()).await;
        assert_eq!(shown.status, 400, "{name}: {shown:?}");
        assert!(!logged_in(&browser).await, "{name}");
    }
}

#[tokio::test]
async fn line_39_wrong_password_and_unknown_person_are_told_the_same() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let page = login_page(&pair, &browser).await;
    let known = submit(&pair, &browser, &page, "alice@example.com", "wrong password").await;
    let unknown = submit(&pair, &browser, &page, "nobody@example.com", "wrong password").await;
    assert_eq!((known.status, unknown.status), (401, 401));
    assert_eq!(known.text("/error"), unknown.text("/error"));
    // Hashing takes most of the time either way: the quickest of some attempts, taken in turns, so that other work
    // of this machine slows both down.
    let time = async |email: &str| {
        let started = std::time::Instant::now();
        let shown = submit(&pair, &browser, &page, email, "wrong password").await;
        assert_eq!(shown.status, 401, "{shown:?}");
        pair.clock.advance(30_000);
        started.elapsed().as_micros()
    };
    let (mut known, mut unknown) = (u128::MAX, u128::MAX);
    for n in 0..8 {
        known = known.min(time("alice@example.com").await);
        unknown = unknown.min(time(&format!("nobody{n}@example.com")).await);
    }
    assert!(unknown * 3 > known, "{known} and {unknown} microseconds");
}

#[tokio::test]
async fn line_39_failed_logins_wait_longer_and_longer() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let page = login_page(&pair, &browser).await;
    for _ in 0..6 {
        let shown = submit(&pair, &browser, &page, "alice@example.com", "wrong password").await;
        assert_eq!(shown.status, 401);
    }
    let wait = async |email: &str| -> i64 {
        let shown = submit(&pair, &browser, &page, email, "mandate-demo").await;
        assert_eq!(shown.status, 429, "{shown:?}");
        assert!(shown.text("/error").contains("Try again in"), "{shown:?}");
        shown.headers["retry-after"].to_str().expect("text").parse().expect("seconds")
    };
    // Even with the right password, and however the name is written.
    let first = wait("alice@example.com").await;
    assert_eq!(wait("ALICE@Example.com ").await, first);
    pair.clock.advance(first * 1000);
    assert_eq!(submit(&pair, &browser, &page, "alice@example.com", "wrong password").await.status, 401);
    assert!(wait("alice@example.com").await > first);
    // Another account isn't held up; a right password ends it.
    assert_eq!(submit(&pair, &browser, &page, "nobody@example.com", "x").await.status, 401);
    pair.clock.advance(60_000);
    let shown = submit(&pair, &browser, &page, "alice@example.com", "mandate-demo").await;
    assert_eq!(shown.text("/view"), "go_on", "{shown:?}");
}

#[tokio::test]
async fn line_39_an_account_of_ones_own_has_a_password_worth_the_name() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let page = login_page(&pair, &browser).await;
    let request = page.text("/request");
    let page = browser.get(&format!("{}?request={request}", pair.b.at("u/signup"))).await;
    assert_eq!(page.text("/view"), "signup", "{page:?}");
    let proof = page.text("/proof");
    let sign_up = async |name: &str, email: &str, password: &str| {
        let form =
            [("proof", &*proof), ("request", &*request), ("name", name), ("email", email), ("password", password)];
        browser.post(&pair.b.at("u/signup"), &form).await
    };
    let long = "x".repeat(1025);
    for (name, email, password) in [
        ("Carol", "carol@example.com", "short"),
        ("Carol", "carol@example.com", "password1"),
        ("Carol", "carol@example.com", "Carol@example.com"),
        ("Carol", "carol@example.com", &long),
        ("", "carol@example.com", "correct horse"),
        ("Ca\u{202e}rol", "carol@example.com", "correct horse"),
        ("Carol", "carol", "correct horse"),
        ("Carol", "ALICE@example.com", "correct horse"),
    ] {
        let shown = sign_up(name, email, password).await;
        assert_eq!((shown.status, shown.text("/view").as_str()), (400, "signup"), "{name} {email}: {shown:?}");
        assert!(!shown.text("/error").is_empty());
    }
    let password = "x".repeat(1000) + " and its end";
    let shown = sign_up("Carol", "carol@example.com", &password).await;
    let shown = browser.follow_on(shown).await;
    assert!(shown.param("code").is_some(), "{shown:?}");
    // It is never cut off.
    let other = Browser::default();
    let page = login_page(&pair, &other).await;
    assert_eq!(submit(&pair, &other, &page, "carol@example.com", &password[..1000]).await.status, 401);
    assert_eq!(submit(&pair, &other, &page, "Carol@example.com", &password).await.status, 200);
    // At T nobody signs up: people come from the provider.
    assert_eq!(browser.get(&pair.t.at("u/signup")).await.status, 404);
}

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
    // The next login asks for credentials, at B.
    login_page(&pair, &browser).await;
    // Offline grants stay.
    assert_eq!(pair.refresh("agent", text(&tokens, "refresh_token"), &[]).await.0, 200);
    // Logged out already: back all the same.
    let shown = browser.follow(&url).await;
    assert!(shown.location.is_some_and(|to| to.as_str().starts_with(AGENT)));
}

#[tokio::test]
async fn line_41_a_logout_leads_to_registered_addresses_alone() {
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
        "http://agent.localhost:9",
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
        (vec![("post_logout_redirect_uri", AGENT), ("id_token_hint", text(&tokens, "access_token"))], "no id token"),
    ] {
        let shown = browser.get(&logout_url(&pair, &wrong)).await;
        assert_eq!((shown.status, shown.location.is_none()), (400, true), "{what}: {shown:?}");
    }
    // A link without the session's own id token asks before it logs anybody out; so does another session's.
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
    // The state that T hands to B for the way back leads nowhere by itself.
    let shown = browser.get(&format!("{}?state=guessed", pair.t.at("oidc/logout/callback"))).await;
    assert_eq!((shown.status, shown.text("/view").as_str()), (200, "logged_out"));
}

/// StockTrade's "Open an account" leads to the registration, where one may register; elsewhere to the login.
#[tokio::test]
async fn a_hint_for_registration_shows_it_first() {
    let pair = Pair::start().await;
    let hinted = Asking::agent(&pair).with("screen_hint", "signup");
    assert_eq!(Browser::default().follow(&hinted.url()).await.text("/view"), "login");
    let at_b = hinted
        .with("client_id", "tenant-login")
        .with("redirect_uri", &pair.t.at("login/callback"))
        .with("scope", "openid");
    let url = at_b.url().replacen(&pair.t.at("authorize"), &pair.b.at("authorize"), 1);
    let shown = Browser::default().follow(&url).await;
    assert_eq!(shown.text("/view"), "signup", "{shown:?}");
}
