//! StockTrade's own login, as a client of its provider.

use std::collections::HashMap;

use axum::http::StatusCode;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use foundation::{axum, session::Handle};
use reqwest::{
    Method,
    header::{HeaderMap, HeaderValue},
};
use url::Url;
use world::{Fault, claims, grant};

use crate::stage::{Answer, Stage};

/// A browser with its cookie.
pub(crate) struct Browser<'a> {
    stage: &'a Stage,
    pub(crate) cookie: String,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(stage: &'a Stage) -> Self {
        Self { stage, cookie: String::new() }
    }

    pub(crate) async fn logged_in(stage: &'a Stage, person: &str) -> Self {
        let mut browser = Self::new(stage);
        let sent = browser.begin("/").await;
        let back = browser.come_back(&sent, person).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER, "{back:?}");
        browser
    }

    fn keep(&mut self, answer: &Answer) {
        let set = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap());
        if let Some(cookie) =
            set.filter_map(|cookie| cookie.split(';').next()).find(|it| it.starts_with("mandate_broker="))
        {
            self.cookie = cookie.to_owned();
        }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = self.stage.request(Method::GET, path).header("cookie", &self.cookie);
        let answer = self.stage.send(request).await;
        self.keep(&answer);
        answer
    }

    /// Posts a form as the site's own page does.
    pub(crate) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        let origin = self.stage.config.site.origin().to_owned();
        self.post_from(&[("origin", &origin), ("sec-fetch-site", "same-origin")], path, form).await
    }

    pub(crate) async fn post_from(&mut self, headers: &[(&str, &str)], path: &str, form: &[(&str, &str)]) -> Answer {
        let mut request = self.stage.request(Method::POST, path).header("cookie", &self.cookie).form(form);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = self.stage.send(request).await;
        self.keep(&answer);
        answer
    }

    /// Goes to the provider, and returns the address it was sent to.
    async fn begin(&mut self, return_to: &str) -> Url {
        let answer = self.get(&format!("/auth/login?returnTo={return_to}")).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
        let url: Url = answer.header("location").parse().unwrap();
        assert!(url.as_str().starts_with(&format!("{}authorize?", self.stage.issuer.url)), "{url}");
        url
    }

    /// Comes back from the provider, where this person logged in.
    async fn come_back(&mut self, sent: &Url, person: &str) -> Answer {
        let callback = self.stage.log_in(person, sent.as_str()).await;
        self.get(&callback).await
    }

    /// Follows a failed callback to its error page, whose address holds a fixed word and no code (THREATS.md line 10).
    async fn error_of(&mut self, back: Answer) -> Answer {
        assert_eq!((back.status, back.text.as_str()), (StatusCode::SEE_OTHER, ""), "{back:?}");
        let location = back.header("location").to_owned();
        let kind = location.strip_prefix("/auth/error?kind=").unwrap_or_else(|| panic!("{location}"));
        assert!(kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{location}");
        self.get(&location).await
    }

    /// The request's session, as page loaders take it.
    pub(crate) fn handle(&self) -> Handle {
        let mut headers = HeaderMap::new();
        headers.insert("cookie", HeaderValue::from_str(&self.cookie).unwrap());
        self.stage.parts.sessions("mandate_broker", false, 12, 24 * 30).handle(&headers)
    }

    pub(crate) async fn csrf_token(&self) -> String {
        let page = self.stage.broker.dashboard(&self.handle()).await.unwrap();
        page.frame.csrf_token
    }
}

fn query(url: &Url) -> HashMap<String, String> {
    url.query_pairs().into_owned().collect()
}

#[tokio::test]
async fn line_11_login_makes_a_new_session_and_opens_an_account() {
    let stage = Stage::start().await;
    let mut browser = Browser::new(&stage);
    let sent = browser.begin("/stocks/LEX").await;
    let query = query(&sent);
    assert_eq!((query["client_id"].as_str(), query["scope"].as_str()), ("stocktrade", "openid profile email"));
    assert_eq!(query["code_challenge_method"], "S256");
    let before = browser.cookie.clone();
    let back = browser.come_back(&sent, "alice").await;
    assert_eq!((back.status, back.header("location")), (StatusCode::SEE_OTHER, "/stocks/LEX"));
    assert_ne!(browser.cookie, before);
    let page = stage.broker.dashboard(&browser.handle()).await.unwrap();
    assert_eq!(page.frame.person.as_deref(), Some("Alice"));
    let portfolio = page.portfolio.unwrap();
    assert_eq!(portfolio.cash_balance.to_string(), "10000.00");
    assert_eq!(page.history.last().unwrap().value, portfolio.total_value);
    // The visitor's cookie is invalid now.
    let mut old = Browser::new(&stage);
    old.cookie = before;
    let page = stage.broker.dashboard(&old.handle()).await.unwrap();
    assert_eq!((page.frame.person, page.portfolio, page.history), (None, None, Vec::new()));
    // The person is the one of access tokens with the same subject.
    assert_eq!(stage.cash("alice").await, "10000.00");
    assert_eq!(stage.count("SELECT COUNT(*) FROM account").await, 1);
    // After a login over another person's session, neither of its cookies is valid.
    let mut alices = Browser::new(&stage);
    alices.cookie = browser.cookie.clone();
    let sent = browser.begin("/").await;
    browser.come_back(&sent, "bob").await;
    let page = stage.broker.dashboard(&browser.handle()).await.unwrap();
    assert_eq!(page.frame.person.as_deref(), Some("Bob"));
    let page = stage.broker.dashboard(&alices.handle()).await.unwrap();
    assert_eq!(page.frame.person, None);
    assert_eq!(stage.count("SELECT COUNT(*) FROM session").await, 1);
}

#[tokio::test]
async fn line_10_26_callback_of_another_browser_logs_nobody_in() {
    let stage = Stage::start().await;
    let mut browser = Browser::new(&stage);
    let sent = browser.begin("/").await;
    let (right, state) = (stage.log_in("alice", sent.as_str()).await, query(&sent)["state"].clone());
    let mut stranger = Browser::new(&stage);
    stranger.begin("/").await;
    for answer in [
        stranger.come_back(&sent, "alice").await,
        Browser::new(&stage).come_back(&sent, "alice").await,
        browser.get(&right.replace(&state, "invented")).await,
        browser.get(&right.replace(&format!("state={state}"), "")).await,
        browser.get(&format!("/auth/callback?code=x&state={state}&state={state}")).await,
    ] {
        let answer = browser.error_of(answer).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
        assert!(answer.text.contains("Start again") && answer.text.contains("/auth/login"), "{answer:?}");
    }
    // The right browser, once.
    assert_eq!(browser.come_back(&sent, "alice").await.status, StatusCode::SEE_OTHER);
    let again = browser.come_back(&sent, "alice").await;
    assert_eq!(browser.error_of(again).await.status, StatusCode::BAD_REQUEST);
    // An ID token of another login, for another client, of another provider, expired, for another access token, or
    // with an unknown key; then the provider's refusal.
    let mut browser = Browser::new(&stage);
    for wrong in ["nonce", "aud", "iss", "exp", "at_hash", "key"] {
        stage.at_broker.fails_once(grant("authorization_code"), with_id_token(&stage, wrong));
        let sent = browser.begin("/").await;
        let answer = browser.come_back(&sent, "alice").await;
        let answer = browser.error_of(answer).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}: {answer:?}");
    }
    // With nothing changed, the token that the test signs is accepted.
    stage.at_broker.fails_once(grant("authorization_code"), with_id_token(&stage, "nothing"));
    let sent = browser.begin("/").await;
    assert_eq!(browser.come_back(&sent, "alice").await.header("location"), "/");
    let mut browser = Browser::new(&stage);
    let sent = browser.begin("/").await;
    let callback = stage.log_in("alice", sent.as_str()).await;
    let code = callback.split(['?', '&']).find(|parameter| parameter.starts_with("code=")).unwrap();
    let answer = browser.get(&callback.replace(code, "error=access_denied")).await;
    let answer = browser.error_of(answer).await;
    assert!(answer.text.contains("The login was not completed (access_denied)."), "{answer:?}");
    assert_eq!(stage.count("SELECT COUNT(*) FROM session WHERE person IS NOT NULL").await, 2);
}

/// An answer of the token endpoint whose ID token has one fault, named by `wrong`.
fn with_id_token(stage: &Stage, wrong: &'static str) -> Fault {
    let issuer = stage.issuer.clone();
    Fault::changed(move |answer| {
        let mut claims = claims(answer["id_token"].as_str().unwrap()).unwrap();
        match wrong {
            "nonce" => claims["nonce"] = "another".into(),
            "aud" => claims["aud"] = "another-client".into(),
            "iss" => claims["iss"] = "http://evil.example/".into(),
            "exp" => claims["exp"] = (claims["iat"].as_i64().unwrap() - 1).into(),
            "at_hash" => claims["at_hash"] = at_hash("another").into(),
            // Removed, so that only the signature is wrong: its check also needs the key.
            "key" => drop(claims.as_object_mut().unwrap().remove("at_hash")),
            _ => {}
        }
        let signed =
            if wrong == "key" { issuer.forge("JWT", &claims) } else { issuer.sign("JWT", &claims.to_string()) };
        answer["id_token"] = signed.into();
    })
}

/// OpenID Connect Core §3.1.3.6: the left half of the access token's digest.
fn at_hash(access_token: &str) -> String {
    let digest = BASE64_URL_SAFE_NO_PAD.decode(foundation::secret::hash(access_token)).unwrap();
    BASE64_URL_SAFE_NO_PAD.encode(&digest[..16])
}

#[tokio::test]
async fn line_41_login_returns_only_to_this_site() {
    let stage = Stage::start().await;
    for elsewhere in ["//evil.example", "/%5Cevil.example", "https://evil.example", "https:evil", "/%09/evil", ""] {
        let mut browser = Browser::new(&stage);
        let sent = browser.begin(elsewhere).await;
        let back = browser.come_back(&sent, "alice").await;
        assert_eq!(back.header("location"), "/", "{elsewhere}");
    }
}

#[tokio::test]
async fn line_9_11_logout_ends_the_session_here_and_at_the_provider() {
    let stage = Stage::start().await;
    let mut browser = Browser::logged_in(&stage, "alice").await;
    let (csrf_token, before) = (browser.csrf_token().await, browser.cookie.clone());
    // A logout without the CSRF token or from another origin is refused.
    assert_eq!(browser.post("/auth/logout", &[("csrf_token", "x")]).await.status, StatusCode::FORBIDDEN);
    let foreign = [("origin", "http://localhost:3000")];
    assert_eq!(
        browser.post_from(&foreign, "/auth/logout", &[("csrf_token", &csrf_token)]).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(browser.get("/auth/logout").await.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(stage.broker.dashboard(&browser.handle()).await.unwrap().frame.person.is_some());

    let answer = browser.post("/auth/logout", &[("csrf_token", &csrf_token)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
    let url: Url = answer.header("location").parse().unwrap();
    let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
    assert!(url.as_str().starts_with(&format!("{}oidc/logout?", stage.issuer.url)), "{url}");
    assert_eq!(query["post_logout_redirect_uri"], stage.config.site.issuer());
    assert_eq!((query["client_id"].as_str(), query["id_token_hint"].split('.').count()), ("stocktrade", 3));
    assert!(answer.header("set-cookie").contains("Max-Age=0"), "{answer:?}");
    // The stolen cookie is useless.
    browser.cookie = before;
    assert!(stage.broker.dashboard(&browser.handle()).await.unwrap().frame.person.is_none());
}

#[tokio::test]
async fn line_52_two_cookies_count_as_none_and_are_expired() {
    let stage = Stage::start().await;
    let browser = Browser::logged_in(&stage, "alice").await;
    let mut both = Browser::new(&stage);
    both.cookie = format!("{0}; mandate_broker=shadowing", browser.cookie);
    assert_eq!(stage.broker.dashboard(&both.handle()).await.unwrap().frame.person, None);
    let request = stage.request(Method::GET, "/auth/error?kind=not_yours").header("cookie", &both.cookie);
    let request = request.header("sec-fetch-dest", "document").header("accept", "text/html");
    let answer = stage.send(request).await;
    let gone = "mandate_broker=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0";
    assert!(answer.headers.get_all("set-cookie").iter().any(|value| value == gone), "{:?}", answer.headers);
}

/// THREATS.md line 52: any answer expires a cookie that was set for a narrower path.
#[tokio::test]
async fn line_52_cookie_of_a_narrower_path_is_expired() {
    let stage = Stage::start().await;
    let browser = Browser::logged_in(&stage, "alice").await;
    let expired = async |cookie: &str, path: &str| -> Vec<String> {
        let answer = stage.send(stage.request(Method::GET, path).header("cookie", cookie)).await;
        let cookies = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap().to_owned());
        cookies.filter(|cookie| cookie.contains("Max-Age=0")).collect()
    };
    let both = format!("mandate_broker=shadowing; {}", browser.cookie);
    for (path, narrower) in [("/api/orders/ord_1", "/api/orders"), ("/auth/login", "/auth"), ("/orders", "/orders")] {
        let gone = format!("mandate_broker=; Path={narrower}; HttpOnly; SameSite=Lax; Max-Age=0");
        assert!(expired(&both, path).await.contains(&gone), "{path}");
        assert!(expired(&browser.cookie, path).await.is_empty(), "{path}");
    }
}

#[tokio::test]
async fn line_20_a_session_opens_no_api() {
    let stage = Stage::start().await;
    let mut browser = Browser::logged_in(&stage, "alice").await;
    for path in ["/api/portfolio", "/api/portfolio/history", "/api/orders", "/api/orders/ord_1"] {
        assert_eq!(browser.get(path).await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    let order = browser.post("/api/orders", &[("symbol", "WAYNE")]).await;
    assert_eq!(order.status, StatusCode::UNAUTHORIZED);
}

/// More concurrent logins than database connections: none holds a connection while it waits for another or for the
/// provider.
#[tokio::test]
async fn line_47_concurrent_logins_dont_block() {
    let stage = Stage::start().await;
    let begin = || async {
        let request = stage.request(Method::GET, "/auth/login").header("cookie", "mandate_broker=guessed");
        stage.send(request).await.status
    };
    let answers = futures::future::join_all((0..64).map(|_| begin())).await;
    assert!(answers.iter().all(|status| *status == StatusCode::SEE_OTHER), "{answers:?}");
}
