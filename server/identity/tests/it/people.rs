//! People in browsers: login, its forms, sessions (THREATS.md, lines 9, 10, 11, 26, 52, 53).

use reqwest::{Method, header};

use crate::{
    asking::Asking,
    pair::{
        AGENT, Pair,
        browser::{Browser, Shown},
    },
};

/// B's login page, reached through the agent's login at T.
pub(crate) async fn login_page(pair: &Pair, browser: &Browser) -> Shown {
    let shown = browser.follow(&Asking::agent(pair).url()).await;
    assert_eq!(shown.text("/view"), "login", "{shown:?}");
    shown
}

pub(crate) async fn submit(pair: &Pair, browser: &Browser, page: &Shown, email: &str, password: &str) -> Shown {
    let (csrf_token, request) = (page.text("/csrf_token"), page.text("/request"));
    let form = [("csrf_token", &*csrf_token), ("request", &request), ("email", email), ("password", password)];
    browser.post(&pair.b.at("u/login"), &form).await
}

#[tokio::test]
async fn line_9_53_only_this_sessions_own_form_decides() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let client = pair.mcp_client().await;
    let asking = Asking::mcp(&pair, &client);
    let page = browser.follow(&asking.url()).await;
    let page = pair.at_login(&browser, page, "Alice").await;
    assert_eq!(page.text("/view"), "consent", "{page:?}");
    let (csrf_token, request) = (page.text("/csrf_token"), page.text("/request"));
    // Another person's page, with their CSRF token.
    let other = Browser::default();
    let others = other.follow(&asking.url()).await;
    let others = pair.at_login(&other, others, "Bob").await.text("/csrf_token");
    assert!(!others.is_empty() && others != csrf_token);

    let url = pair.t.at("u/consent");
    let origin = pair.t.site.origin().to_owned();
    let own = [("origin", origin.as_str())];
    let good = [("csrf_token", &*csrf_token), ("request", &*request), ("decision", "allow")];
    let query = format!("{url}?csrf_token={csrf_token}&request={request}&decision=allow");
    let forged: Vec<(&str, Shown)> = vec![
        ("no csrf_token", browser.send(Method::POST, &url, Some(&good[1..]), &own).await),
        (
            "another's csrf_token",
            browser.send(Method::POST, &url, Some(&[("csrf_token", &*others), good[1], good[2]]), &own).await,
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
    // A link, a prefetch or an image shows the page and decides nothing.
    for method in [Method::GET, Method::HEAD] {
        let shown = browser.send(method, &query, None, &[("purpose", "prefetch")]).await;
        assert_eq!((shown.status, shown.location), (200, None));
    }
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        assert!(browser.send(method, &query, None, &own).await.status >= 400);
    }
    let again = browser.follow(&asking.url()).await;
    assert_eq!(again.text("/view"), "consent", "nothing was decided");
    // The form itself does decide.
    let shown = browser.send(Method::POST, &url, Some(&good), &[own[0], ("sec-fetch-site", "same-origin")]).await;
    assert!(browser.follow_on(shown).await.param("code").is_some());
}

#[tokio::test]
async fn line_9_login_form_works_only_in_its_browser() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let page = login_page(&pair, &browser).await;
    let (csrf_token, request) = (page.text("/csrf_token"), page.text("/request"));
    let form = [
        ("csrf_token", &*csrf_token),
        ("request", &*request),
        ("email", "bob@example.com"),
        ("password", "mandate-demo"),
    ];
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
    // Credentials in the query log nobody in.
    let query = format!("{url}?csrf_token={csrf_token}&request={request}&email=bob@example.com&password=mandate-demo");
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

/// The value that a response sets for this cookie.
pub(crate) fn cookie_of(shown: &Shown, name: &str) -> Option<String> {
    shown.headers.get_all(header::SET_COOKIE).iter().find_map(|value| {
        let value = value.to_str().ok()?;
        let (pair, attributes) = value.split_once(';')?;
        assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax"), "{value}");
        Some(pair.strip_prefix(name)?.strip_prefix('=')?.to_owned())
    })
}

#[tokio::test]
async fn line_9_11_login_renews_the_session_logout_ends_it() {
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

    let view_with = async |value: &str| {
        let cookie = format!("{b}={value}");
        let shown = Browser::default().send(Method::GET, &pair.b.at("oidc/logout"), None, &[("cookie", &cookie)]).await;
        shown.text("/view")
    };
    assert_eq!(view_with(&before).await, "logged_out", "the old id is nobody's");
    let headers = [(header::COOKIE, format!("{b}={before}").parse().expect("a value"))].into_iter().collect();
    let sessions = &pair.b.identity.sessions;
    let ended = sessions.find(&sessions.handle(&headers)).await.expect("the database");
    assert!(ended.is_none(), "the session before the login has ended: {ended:?}");
    assert_eq!(view_with(&after).await, "log_out", "the new one is alice's");
    // Another browser can't use this browser's form, with or without a session.
    let other = Browser::default();
    assert_eq!(submit(&pair, &other, &page, "bob@example.com", "mandate-demo").await.status, 403);
    other.get(&pair.b.at("u/login")).await;
    assert_eq!(submit(&pair, &other, &page, "bob@example.com", "mandate-demo").await.status, 403);

    let shown = browser.get(&pair.b.at("oidc/logout")).await;
    let (csrf_token, request) = (shown.text("/csrf_token"), shown.text("/request"));
    let forged = browser.post(&pair.b.at("oidc/logout"), &[("csrf_token", "x"), ("request", &request)]).await;
    assert_eq!(forged.status, 403);
    let form = [("csrf_token", &*csrf_token), ("request", &*request)];
    let elsewhere = browser.send(Method::POST, &pair.b.at("oidc/logout"), Some(&form), &[("origin", "null")]).await;
    assert_eq!(elsewhere.status, 403);
    assert_eq!(view_with(&after).await, "log_out", "still logged in");
    let shown = browser.post(&pair.b.at("oidc/logout"), &form).await;
    assert_eq!(shown.text("/view"), "logged_out", "{shown:?}");
    assert_eq!(view_with(&after).await, "logged_out", "a stolen old id is useless");
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
    assert_eq!(asked(format!("{b}={alice}; {b}=shadowing")).await, "logged_out");
}

/// THREATS.md line 52: any answer expires a cookie with a narrower path.
#[tokio::test]
async fn line_52_cookie_of_a_narrower_path_is_expired() {
    let pair = Pair::start().await;
    for (url, name, path) in [
        (pair.t.at("approvals/apr_1"), "mandate_tenant", "/approvals"),
        (pair.t.at("me/v1/connected-accounts/accounts"), "mandate_tenant", "/me/v1"),
        (pair.b.at("u/login"), "mandate_broker_identity", "/u/login"),
        (pair.b.at("oidc/logout"), "mandate_broker_identity", "/oidc/"),
    ] {
        let expired = async |cookie: String| -> Vec<String> {
            let shown = Browser::default().send(Method::GET, &url, None, &[("cookie", &cookie)]).await;
            let cookies = shown.headers.get_all(header::SET_COOKIE).iter();
            cookies
                .map(|value| value.to_str().expect("text").to_owned())
                .filter(|it| it.contains("Max-Age=0"))
                .collect()
        };
        let gone = format!("{name}=; Path={path}; HttpOnly; SameSite=Lax; Max-Age=0");
        assert!(expired(format!("{name}=good; {name}=shadowing")).await.contains(&gone), "{url}");
        assert_eq!(expired(format!("{name}=good")).await, Vec::<String>::new(), "{url}");
    }
}

/// THREATS.md line 10: the error page repeats nothing from its address except known words.
#[tokio::test]
async fn line_10_error_page_shows_only_its_kinds_text() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let mut shown_texts = std::collections::HashSet::new();
    for kind in [
        "unreachable",
        "access_denied",
        "refused",
        "not_yours",
        "invalid",
        "internal",
        "over",
        "closed",
        "unknown_application",
        "connection_over",
        "connection_not_yours",
        "connection_unreachable",
        "connection_invalid",
    ] {
        let shown = browser.get(&format!("{}?kind={kind}", pair.t.at("u/error"))).await;
        assert!(shown.text("/view") == "error" && shown.status != 404, "{kind}: {shown:?}");
        shown_texts.insert(shown.text("/title") + &shown.text("/text"));
    }
    assert_eq!(shown_texts.len(), 13, "each its own: {shown_texts:?}");
    for unknown in ["", "?kind=", "?kind=%3Cb%3EPay+here", "?kind=connection_Pay+here", "?kind=over&kind=Pay"] {
        let shown = browser.get(&format!("{}{unknown}", pair.t.at("u/error"))).await;
        assert_eq!((shown.status, shown.text("/view").as_str()), (404, "error"), "{unknown}: {shown:?}");
        assert!(!shown.page.to_string().contains("Pay"), "{shown:?}");
    }
}

#[tokio::test]
async fn line_10_26_a_login_callback_counts_once_in_its_own_browser() {
    let pair = Pair::start().await;
    // The address to which B would send the browser, without opening it.
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
        ("twice", &browser, format!("{callback}&code=another")),
    ] {
        let shown = who.error_of(&url).await;
        assert_eq!((shown.status, shown.location.is_none()), (400, true), "{what}: {shown:?}");
        assert!(!logged_in(who).await, "{what}");
    }
    let shown = browser.get(&callback).await;
    assert_eq!(shown.status, 303, "{shown:?}");
    assert!(logged_in(&browser).await);
    let shown = browser.error_of(&callback).await;
    assert_eq!(shown.status, 400, "replayed: {shown:?}");

    // Another provider's answer (mix-up); an answer without `iss`, although B announces it (RFC 9207 §2.4); an error
    // without `iss`; and somebody else's code.
    for (name, value) in [
        ("iss", Some("http://evil.example/")),
        ("iss", None),
        ("error", Some("access_denied")),
        ("code", Some("guessed")),
    ] {
        let browser = Browser::default();
        let mut url = url::Url::parse(&begin(&browser).await.text("/href")).expect("a URL");
        let mut pairs: Vec<(String, String)> =
            url.query_pairs().into_owned().filter(|(known, _)| known != name).collect();
        pairs.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        if name == "error" {
            pairs.retain(|(known, _)| known != "iss");
        }
        url.query_pairs_mut().clear().extend_pairs(pairs);
        let shown = browser.error_of(url.as_str()).await;
        assert_eq!(shown.status, 400, "{name}: {shown:?}");
        assert!(!shown.text("/text").contains("access_denied"), "accepted without `iss`: {shown:?}");
        assert!(!logged_in(&browser).await, "{name}");
    }
}
