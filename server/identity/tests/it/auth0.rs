//! Login parameters and answers that Auth0's SDKs, and scripts written for Auth0, rely on.

use foundation::secret;
use url::Url;

use crate::{
    asking::Asking,
    pair::{Change, Pair, browser::Browser},
    people::submit,
};

#[tokio::test]
async fn connection_is_honoured_or_refused() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    for known in ["StockTrade", "stocktrade", ""] {
        let shown = browser.follow(&Asking::agent(&pair).with("connection", known).url()).await;
        assert_eq!(shown.text("/view"), "login", "{known}: {shown:?}");
        let shown = browser.get(&Asking::agent(&pair).with("connection", known).with("prompt", "none").url()).await;
        assert_eq!(shown.param("error").as_deref(), Some("login_required"), "{known}: {shown:?}");
    }
    for unknown in ["google-oauth2", "Username-Password-Authentication", "StockTrade2", " "] {
        let shown = browser.get(&Asking::agent(&pair).with("connection", unknown).url()).await;
        assert_eq!(shown.param("error").as_deref(), Some("invalid_request"), "{unknown}: {shown:?}");
        assert!(shown.param("error_description").is_some_and(|text| text.contains("StockTrade")), "{shown:?}");
    }
    // A logged-in person gets the same error: the login wasn't by the requested connection.
    pair.log_in(&browser, "Alice").await;
    let shown = browser.get(&Asking::agent(&pair).with("connection", "google-oauth2").url()).await;
    assert_eq!((shown.param("code"), shown.param("error").as_deref()), (None, Some("invalid_request")));
    assert!(browser.get(&Asking::agent(&pair).with("connection", "StockTrade").url()).await.param("code").is_some());
}

/// `form-action 'self'` lets a browser follow a redirect on this site, and blocks one to another site.
#[tokio::test]
async fn a_form_answers_with_a_redirect_on_its_own_site() {
    let stays = |config: &mut identity::config::Config| {
        let back = config.site.at("auth/callback");
        let client = config.clients.iter_mut().find(|client| client.id == "stocktrade").expect("a client");
        client.redirect_uris.push(back);
    };
    let pair = Pair::with(Change { b: Some(Box::new(stays)), ..Change::default() }).await;
    let back = pair.b.at("auth/callback");
    let asking = |redirect_uri: &str, client: &str| -> String {
        let challenge = secret::hash(&secret::token());
        let params = [
            ("client_id", client),
            ("response_type", "code"),
            ("redirect_uri", redirect_uri),
            ("scope", "openid"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        Url::parse_with_params(&pair.b.at("authorize"), params).expect("a URL").into()
    };
    let browser = Browser::default();
    let page = browser.follow(&asking(&back, "stocktrade")).await;
    let shown = submit(&pair, &browser, &page, "alice@example.com", "mandate-demo").await;
    let to = shown.location.as_ref().map(Url::as_str).unwrap_or_default();
    assert!(shown.status == 303 && to.starts_with(&format!("{back}?code=")), "{shown:?}");

    let browser = Browser::default();
    let page = browser.follow(&asking(&pair.t.at("login/callback"), "tenant-login")).await;
    let shown = submit(&pair, &browser, &page, "alice@example.com", "mandate-demo").await;
    assert_eq!((shown.status, shown.text("/view").as_str()), (200, "go_on"), "{shown:?}");
    // One of this site's pages, outside an authorization request.
    let browser = Browser::default();
    let page = browser.follow(&pair.b.at("u/login?returnTo=/apps")).await;
    let shown = submit(&pair, &browser, &page, "alice@example.com", "mandate-demo").await;
    assert_eq!((shown.status, shown.location.as_ref().map(Url::path)), (303, Some("/apps")), "{shown:?}");
}
