//! A person's language: chosen here or at a client, sent in `locale`, received in `ui_locales` (THREATS.md line 9).

use reqwest::{Method, header};
use serde_json::json;

use crate::pair::{
    Pair,
    browser::Browser,
    walk::{Person, claims},
};

/// The claim of the next id token.
async fn locale(pair: &Pair, person: &Person) -> serde_json::Value {
    let (tokens, _) = pair.log_in(&person.browser, "Alice").await;
    claims(tokens["id_token"].as_str().expect("an id token"))["locale"].clone()
}

#[tokio::test]
async fn line_9_language_is_chosen_on_own_pages_and_told_to_clients() {
    let pair = Pair::start().await;
    let alice = pair.person("Alice").await;
    assert_eq!(locale(&pair, &alice).await, json!(null));
    let url = pair.t.at("language");
    let form = [("lang", "de"), ("back", "/approvals")];
    for origin in ["null", pair.b.site.origin()] {
        let refused = alice.browser.send(Method::POST, &url, Some(&form), &[("origin", origin)]).await;
        assert_eq!(refused.status, 403, "{refused:?}");
    }
    assert_eq!(locale(&pair, &alice).await, json!(null));
    alice.browser.get(&pair.t.at("approvals")).await;
    let shown = alice.browser.post(&url, &form).await;
    assert_eq!(shown.location.as_ref().map(url::Url::path), Some("/approvals"), "{shown:?}");
    let cookie = shown.headers[header::SET_COOKIE].to_str().expect("text");
    assert!(cookie.starts_with("mandate_lang=de; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
    assert_eq!(locale(&pair, &alice).await, json!("de"));
    // An unknown language changes nothing.
    alice.browser.post(&url, &[("lang", "tlh")]).await;
    assert_eq!(locale(&pair, &alice).await, json!("de"));
}

#[tokio::test]
async fn language_chosen_at_a_client_is_kept_here() {
    let pair = Pair::start().await;
    let alice = pair.person("Alice").await;
    let token = pair.account_token(&alice).await;
    let put = async |token: &str, locale: &str| {
        let request = pair.http().put(pair.t.at("me/v1/locale")).bearer_auth(token);
        request.json(&json!({ "locale": locale })).send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(put(&token, "de-AT").await, 204);
    assert_eq!(locale(&pair, &alice).await, json!("de"));
    assert_eq!((put(&token, "tlh").await, put("no token", "en").await), (400, 401));
    assert_eq!(locale(&pair, &alice).await, json!("de"));
    assert_eq!(put(&token, "en").await, 204);
    assert_eq!(locale(&pair, &alice).await, json!("en"));
}

#[tokio::test]
async fn ui_locales_is_kept_unless_the_person_chose() {
    let pair = Pair::start().await;
    let alice = pair.person("Alice").await;
    let visit = async |browser: &Browser, tags: &str| {
        let mut url = url::Url::parse(&crate::asking::Asking::agent(&pair).url()).expect("a URL");
        url.query_pairs_mut().append_pair("ui_locales", tags);
        let cookies = browser.get(url.as_str()).await.headers;
        let cookies = cookies.get_all(header::SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
        cookies
            .filter_map(|cookie| cookie.strip_prefix("mandate_lang="))
            .map(|cookie| cookie[..2].to_owned())
            .next_back()
    };
    let stranger = Browser::default();
    assert_eq!(visit(&stranger, "fr it").await, None);
    assert_eq!(visit(&stranger, "fr de-AT en").await.as_deref(), Some("de"));
    assert_eq!(visit(&alice.browser, "de").await.as_deref(), Some("de"));
    assert_eq!(locale(&pair, &alice).await, json!("de"));
    visit(&alice.browser, "en").await;
    assert_eq!(locale(&pair, &alice).await, json!("de"), "the person's own choice stays");
}
