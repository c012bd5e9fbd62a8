//! Connecting and disconnecting an account, as a browser does it.

use reqwest::{Response, StatusCode};
use serde_json::json;
use url::Url;

use world::{Fault, When};

use crate::sites::{World, plain};

fn location(response: &Response) -> &str {
    response.headers()["location"].to_str().unwrap()
}

fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

async fn notice(world: &World, cookie: &str) -> Option<String> {
    let mut headers = foundation::axum::http::HeaderMap::new();
    headers.insert("cookie", cookie.parse().unwrap());
    let page = world.agent.accounts_page(&world.sessions().handle(&headers)).await.unwrap();
    page.notice
}

/// The state that the identity service got for the latest connection.
fn state(world: &World) -> String {
    world.at_identity.seen(CONNECT).last().unwrap().json()["state"].as_str().unwrap().to_owned()
}

const CONNECT: &str = "POST /me/v1/connected-accounts/connect";
const COMPLETE: &str = "POST /me/v1/connected-accounts/complete";
const LIST: &str = "GET /me/v1/connected-accounts/accounts";

/// Alice consents at StockTrade; returns the callback's address.
async fn allow(world: &World, begun: &Response) -> String {
    let callback = world.person.consents(location(begun), "allow", &world.url("accounts/callback")).await;
    callback.as_str().strip_prefix(world.site.issuer()).unwrap().to_owned()
}

#[tokio::test]
async fn connected_account_returns_to_where_it_began() {
    let world = World::new().await;
    let (cookie, _) = world.session(true).await;
    let response = world.get("accounts/connect?returnTo=%2Ft%2Fthr_1&scopes=portfolio:read+bogus", &cookie).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    let begins = world.identity_site().at("connected-accounts/connect?ticket=");
    assert!(location(&response).starts_with(&begins), "{response:?}");
    let connect = world.at_identity.seen(CONNECT)[0].json();
    let state = state(&world);
    assert_eq!(connect["connection"], "stocktrade");
    assert_eq!(connect["redirect_uri"], world.url("accounts/callback"));
    assert_eq!(connect["code_challenge_method"], "S256");
    assert_eq!(connect["scopes"], serde_json::json!(["portfolio:read"]));
    assert_eq!(state.len(), 43);

    let callback = allow(&world, &response).await;
    assert!(callback.contains(&format!("state={state}")), "{callback}");
    let back = world.get(&callback, &cookie).await;
    assert_eq!((back.status(), location(&back)), (StatusCode::SEE_OTHER, "/t/thr_1"));
    let completed = world.at_identity.seen(COMPLETE)[0].json();
    assert_eq!(completed["redirect_uri"], world.url("accounts/callback"));
    let connected = sqlx::query_scalar("SELECT scopes FROM connected_account");
    let connected: Vec<String> = connected.fetch_all(world.pool("tenant")).await.unwrap();
    assert_eq!(connected, ["portfolio:read"], "the verifier was the challenge's");
}

#[tokio::test]
async fn the_page_lists_accounts_and_what_can_be_connected() {
    let world = World::new().await;
    let (cookie, _) = world.session(true).await;
    let page = |cookie: String| {
        let mut headers = foundation::axum::http::HeaderMap::new();
        headers.insert("cookie", cookie.parse().unwrap());
        let (agent, handle) = (world.agent.clone(), world.sessions().handle(&headers));
        async move { agent.accounts_page(&handle).await.unwrap() }
    };
    let empty = page(cookie.clone()).await;
    assert_eq!(empty.frame.person.as_deref(), Some("Alice"));
    assert!(empty.accounts.is_empty());
    let [(name, scopes, href)] = empty.available.as_slice() else { panic!("{:?}", empty.available) };
    assert_eq!((name.as_str(), href.as_str()), ("StockTrade", "/accounts/connect"));
    assert_eq!(
        scopes,
        &[
            "See your cash, positions and their value",
            "See your orders",
            "Prepare orders, which you approve one by one"
        ]
    );
    let before = world.clock.now();
    world.connect().await;
    // The list of accounts has two pages.
    world.at_identity.fails(LIST, Fault::changed(|page| page["next"] = "more".into()));
    let elsewhere = json!({ "id": "cac_2", "connection": "elsewhere", "access_type": "offline",
        "scopes": ["other:read"], "created_at": "2026-11-24T08:00:00.000Z" });
    world.at_identity.fails(
        When::that(|seen| seen.path.contains("connected-accounts/accounts?") && seen.path.contains("from=more")),
        Fault::Answer(200, json!({ "accounts": [elsewhere] })),
    );
    let full = page(cookie.clone()).await;
    assert!(full.available.is_empty());
    let listed: Vec<_> = full.accounts.iter().map(|account| (account.id.as_str(), account.name.as_str())).collect();
    assert_eq!(listed, [(world.account().await.as_str(), "StockTrade"), ("cac_2", "elsewhere")]);
    assert_eq!(full.accounts[0].scopes.len(), 3);
    assert!((before..=world.clock.now()).contains(&full.accounts[0].connected_at));
    assert_eq!(full.accounts[1].connected_at, 1_795_507_200_000);
    world.at_identity.mend();
    // With fewer scopes than the tools use, the account can be connected again for more.
    world.at_identity.fails(LIST, Fault::changed(|page| page["accounts"][0]["scopes"] = json!(["portfolio:read"])));
    assert_eq!(page(cookie.clone()).await.available.len(), 1);
    // A visitor sees no accounts.
    let (visitor, _) = world.session(false).await;
    let visitor = page(visitor).await;
    assert!(visitor.frame.person.is_none() && visitor.accounts.is_empty() && visitor.available.is_empty());
    // The identity service can't be asked.
    world.at_identity.fails("/", Fault::ServerError);
    let said = page(cookie.clone()).await.unavailable.unwrap();
    assert!(said.starts_with("The identity service can’t be asked right now"), "{said}");
}

#[tokio::test]
async fn an_identity_service_without_a_vault_says_so_on_the_page() {
    let world = World::new().await;
    world.at_identity.fails("/.well-known/openid-configuration", plain());
    world.clock.advance(600_001);
    let (cookie, _) = world.session(true).await;
    let mut headers = foundation::axum::http::HeaderMap::new();
    headers.insert("cookie", cookie.parse().unwrap());
    let page = world.agent.accounts_page(&world.sessions().handle(&headers)).await.unwrap();
    assert!(page.unavailable.unwrap().contains("has no token vault"));
    assert!(page.available.is_empty());
    let response = world.get("accounts/connect", &cookie).await;
    assert_eq!(location(&response), "/accounts");
    assert!(notice(&world, &cookie).await.unwrap().contains("has no token vault"));
}

/// THREATS.md line 26.
#[tokio::test]
async fn line_10_26_callback_counts_once_in_its_own_browser() {
    let world = World::new().await;
    let (cookie, _) = world.session(true).await;
    let (other, _) = world.session(true).await;
    let (visitor, _) = world.session(false).await;
    let begun = world.get("accounts/connect", &cookie).await;
    let callback = allow(&world, &begun).await;
    for (path, cookie) in [
        (callback.as_str(), other.as_str()),
        (callback.as_str(), visitor.as_str()),
        (callback.as_str(), ""),
        ("accounts/callback?connect_code=code-1", cookie.as_str()),
        ("accounts/callback?connect_code=code-1&connect_code=code-2", cookie.as_str()),
        ("accounts/callback?connect_code=code-1&state=guessed", cookie.as_str()),
    ] {
        let response = world.get(path, cookie).await;
        // THREATS.md line 10: an address with a code shows no page.
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
        assert!(!location(&response).contains("code"), "{path}");
        assert!(world.at_identity.seen(COMPLETE).is_empty(), "{path}");
    }
    assert!(notice(&world, &other).await.unwrap().contains("doesn’t belong to this browser"));
    // In the right browser, one of two simultaneous attempts succeeds.
    let (one, two) = tokio::join!(world.get(&callback, &cookie), world.get(&callback, &cookie));
    assert_eq!((one.status(), two.status()), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
    assert_eq!(world.at_identity.seen(COMPLETE).len(), 1);
    world.get(&callback, &cookie).await;
    assert_eq!(world.at_identity.seen(COMPLETE).len(), 1);
}

#[tokio::test]
async fn failed_connection_is_reported_once() {
    let world = World::new().await;
    let (cookie, _) = world.session(true).await;
    for (query, status, says) in [
        ("error=access_denied", None, "StockTrade wasn’t connected, because you didn’t allow it there"),
        ("error=server_error", None, "StockTrade wasn’t connected: something interrupted it"),
        ("connect_code=code-1", Some(409), "is connected to another person here, so it was left there"),
        ("connect_code=code-1", Some(500), "StockTrade wasn’t connected. The identity service can’t be asked"),
        ("connect_code=code-1", Some(400), "StockTrade wasn’t connected. The identity service refused it (400)"),
        ("", None, "StockTrade is connected."),
    ] {
        world.at_identity.mend();
        if let Some(status) = status {
            world.at_identity.fails(COMPLETE, Fault::Answer(status, json!({ "error": "no" })));
        }
        let begun = world.get("accounts/connect", &cookie).await;
        let callback = match query {
            "" => allow(&world, &begun).await,
            _ => format!("accounts/callback?{query}&state={}", state(&world)),
        };
        let response = world.get(&callback, &cookie).await;
        assert_eq!(location(&response), "/accounts", "{query}");
        let said = notice(&world, &cookie).await.unwrap();
        assert!(said.contains(says), "{query} {status:?}: {said}");
        assert_eq!(notice(&world, &cookie).await, None, "said once");
    }
}

/// THREATS.md line 41.
#[tokio::test]
async fn line_41_connection_returns_only_to_this_site() {
    let world = World::new().await;
    let (cookie, _) = world.session(true).await;
    for evil in
        ["https://evil.example", "//evil.example", "/%5Cevil.example", "/%09/evil.example", "javascript:alert(1)"]
    {
        let begun = world.get(&format!("accounts/connect?returnTo={evil}"), &cookie).await;
        let callback = allow(&world, &begun).await;
        let response = world.get(&callback, &cookie).await;
        assert_eq!(location(&response), "/", "{evil}");
    }
}

/// THREATS.md line 41: whatever the identity service's API answers, the browser only goes to its own pages.
#[tokio::test]
async fn line_41_connection_starts_only_at_the_identity_service() {
    let world = World::new().await;
    let (cookie, _) = world.session(true).await;
    let own = world.identity_site().origin().to_owned();
    for evil in [
        "http://evil.example/connected-accounts/connect".to_owned(),
        own.replace("http://", "https://") + "/connected-accounts/connect",
        own.replace("http://", "http://evil.") + "/connected-accounts/connect",
        own.rsplit_once(':').unwrap().0.to_owned() + ":1/connected-accounts/connect",
        own.clone() + "@evil.example/connected-accounts/connect",
        "javascript:alert(1)".to_owned(),
        "data:text/html,x".to_owned(),
    ] {
        world.at_identity.fails(CONNECT, leads_to(&evil));
        let response = world.get("accounts/connect", &cookie).await;
        assert_eq!(location(&response), "/accounts", "{evil}");
        let notice = notice(&world, &cookie).await.unwrap();
        assert!(notice.contains("address of another site, so nothing was started"), "{evil}: {notice}");
    }
    world.at_identity.fails(CONNECT, leads_to(&(own.clone() + "/another/page")));
    let response = world.get("accounts/connect", &cookie).await;
    assert!(location(&response).starts_with(&(own + "/another/page?ticket=")), "{response:?}");
}

fn leads_to(uri: &str) -> Fault {
    let uri = uri.to_owned();
    Fault::changed(move |answer| answer["connect_uri"] = uri.clone().into())
}

#[tokio::test]
async fn connecting_needs_a_login_first() {
    let world = World::new().await;
    let (visitor, _) = world.session(false).await;
    for cookie in ["", visitor.as_str()] {
        let response = world.get("accounts/connect?returnTo=%2Ft%2F1", cookie).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let to = world.url(location(&response));
        assert_eq!(parameter(&to, "returnTo").as_deref(), Some("/accounts/connect?returnTo=%2Ft%2F1"));
    }
    assert!(world.at_identity.seen("/oauth/token").is_empty());
}

/// THREATS.md line 9.
#[tokio::test]
async fn line_9_disconnecting_needs_origin_and_csrf_token() {
    let (world, _) = World::connected().await;
    let (cookie, csrf_token) = world.session(true).await;
    let (_, other_csrf_token) = world.session(true).await;
    let account = world.account().await;
    let path = format!("accounts/{account}/disconnect");
    let post = |origin: Option<String>, csrf_token: String, cookie: String| {
        let mut request = world.http.client().post(world.url(&path)).form(&[("csrf_token", csrf_token)]);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        async move { request.header("cookie", cookie).send().await.unwrap().status() }
    };
    let own = Some(world.site.origin().to_owned());
    for (origin, csrf_token, cookie) in [
        (None, &csrf_token, &cookie),
        (Some("null".to_owned()), &csrf_token, &cookie),
        (Some(world.identity_site().origin().to_owned()), &csrf_token, &cookie),
        (own.clone(), &other_csrf_token, &cookie),
        (own.clone(), &String::new(), &cookie),
    ] {
        assert_eq!(post(origin.clone(), csrf_token.clone(), cookie.clone()).await, StatusCode::FORBIDDEN, "{origin:?}");
    }
    assert_eq!(post(own.clone(), csrf_token.clone(), String::new()).await, StatusCode::UNAUTHORIZED);
    assert_eq!(world.get(&path, &cookie).await.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(world.at_identity.seen("DELETE /me/").is_empty());
    assert_eq!(post(own, csrf_token, cookie.clone()).await, StatusCode::SEE_OTHER);
    let [gone] = &world.at_identity.seen("DELETE /me/")[..] else { panic!("not once") };
    assert!(gone.path.ends_with(&account), "{gone:?}");
    assert!(notice(&world, &cookie).await.unwrap().starts_with("The account is disconnected."));
}

#[tokio::test]
async fn ended_connection_leaves_nothing() {
    let (world, alice) = World::connected().await;
    assert!(world.call(&alice, "get_portfolio", serde_json::json!({})).await.is_ok());
    world.person.browser.lock().await.disconnect(&world.sites()).await.unwrap();
    let after = world.call(&alice, "get_portfolio", serde_json::json!({})).await;
    assert!(matches!(after, Err(agent::tools::Stop::Connect { .. })), "{after:?}");
}
