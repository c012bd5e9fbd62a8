//! Connecting and disconnecting an account, as a browser does it.

use reqwest::{Response, StatusCode};
use url::Url;

use crate::{identity::Trouble, world::World};

const ALICE: Option<&str> = Some("per_alice");

fn location(response: &Response) -> &str {
    response.headers()["location"].to_str().unwrap()
}

fn parameter(url: &str, name: &str) -> Option<String> {
    let url = Url::parse(url).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

async fn told(world: &World, cookie: &str) -> Option<String> {
    let mut headers = foundation::axum::http::HeaderMap::new();
    headers.insert("cookie", cookie.parse().unwrap());
    let page = world.agent.accounts_page(&world.sessions().handle(&headers)).await.unwrap();
    page.told
}

/// The state that the identity service was given for the connection begun last.
fn state(world: &World) -> String {
    world.identity.state().connects.last().unwrap()["state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn connected_account_returns_to_where_it_began() {
    let world = World::new().await;
    world.alice().await;
    let (cookie, _) = world.browser(ALICE).await;
    let response = world.get("accounts/connect?returnTo=%2Ft%2Fthr_1&scopes=portfolio:read+bogus", &cookie).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(location(&response), world.identity.site.at("connected-accounts/connect?ticket=ticket-1"));
    let connect = world.identity.state().connects[0].clone();
    let state = state(&world);
    assert_eq!(connect["connection"], "stocktrade");
    assert_eq!(connect["redirect_uri"], world.url("accounts/callback"));
    assert_eq!(connect["code_challenge_method"], "S256");
    assert_eq!(connect["scopes"], serde_json::json!(["portfolio:read"]));
    assert_eq!(state.len(), 43);

    let back = world.get(&format!("accounts/callback?connect_code=code-1&state={state}"), &cookie).await;
    assert_eq!((back.status(), location(&back)), (StatusCode::SEE_OTHER, "/t/thr_1"));
    let completed = world.identity.state().completes[0].clone();
    assert_eq!(completed["redirect_uri"], world.url("accounts/callback"));
    assert_eq!(completed["auth_session"], "session-1");
    assert!(world.identity.state().connected.is_some(), "the verifier was the challenge's");
}

#[tokio::test]
async fn the_page_lists_accounts_and_what_can_be_connected() {
    let world = World::new().await;
    world.alice().await;
    let (cookie, _) = world.browser(ALICE).await;
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
    world.identity.state().connected = Some("portfolio:read trade:read trade:write".into());
    let full = page(cookie.clone()).await;
    assert!(full.available.is_empty());
    let listed: Vec<_> = full.accounts.iter().map(|account| (account.id.as_str(), account.name.as_str())).collect();
    assert_eq!(listed, [("cac_1", "StockTrade"), ("cac_2", "elsewhere")]);
    assert_eq!(full.accounts[0].scopes.len(), 3);
    assert_eq!(full.accounts[0].connected_at, 1_795_507_200_000);
    // Fewer scopes than the tools use: more can be asked for.
    world.identity.state().connected = Some("portfolio:read".into());
    assert_eq!(page(cookie.clone()).await.available.len(), 1);
    // Nobody is logged in.
    let (visitor, _) = world.browser(None).await;
    let visitor = page(visitor).await;
    assert!(visitor.frame.person.is_none() && visitor.accounts.is_empty() && visitor.available.is_empty());
    // The identity service can't be asked, or has no such thing.
    world.identity.state().trouble = Some(Trouble::ServerError);
    let said = page(cookie.clone()).await.unavailable.unwrap();
    assert!(said.starts_with("The identity service can't be asked right now"), "{said}");
}

#[tokio::test]
async fn an_identity_service_without_a_vault_says_so_on_the_page() {
    let world = World::new().await;
    world.alice().await;
    world.identity.state().plain = true;
    let (cookie, _) = world.browser(ALICE).await;
    let mut headers = foundation::axum::http::HeaderMap::new();
    headers.insert("cookie", cookie.parse().unwrap());
    let page = world.agent.accounts_page(&world.sessions().handle(&headers)).await.unwrap();
    assert!(page.unavailable.unwrap().contains("has no token vault"));
    assert!(page.available.is_empty());
    let response = world.get("accounts/connect", &cookie).await;
    assert_eq!(location(&response), "/accounts");
    assert!(told(&world, &cookie).await.unwrap().contains("has no token vault"));
}

/// THREATS.md line 26.
#[tokio::test]
async fn line_10_26_callback_counts_once_in_its_own_browser() {
    let world = World::new().await;
    world.alice().await;
    let (cookie, _) = world.browser(ALICE).await;
    let (other, _) = world.browser(ALICE).await;
    let (visitor, _) = world.browser(None).await;
    world.get("accounts/connect", &cookie).await;
    let state = state(&world);
    let callback = format!("accounts/callback?connect_code=code-1&state={state}");
    for (path, cookie) in [
        (callback.as_str(), other.as_str()),
        (callback.as_str(), visitor.as_str()),
        (callback.as_str(), ""),
        ("accounts/callback?connect_code=code-1", cookie.as_str()),
        ("accounts/callback?connect_code=code-1&connect_code=code-2", cookie.as_str()),
        ("accounts/callback?connect_code=code-1&state=guessed", cookie.as_str()),
    ] {
        let response = world.get(path, cookie).await;
        // THREATS.md line 10: no page at an address with a code.
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
        assert!(!location(&response).contains("code"), "{path}");
        assert!(world.identity.state().completes.is_empty(), "{path}");
    }
    assert!(told(&world, &other).await.unwrap().contains("doesn't belong to this browser"));
    // The right browser, twice at once: one of them counts.
    let (one, two) = tokio::join!(world.get(&callback, &cookie), world.get(&callback, &cookie));
    assert_eq!((one.status(), two.status()), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
    assert_eq!(world.identity.state().completes.len(), 1);
    world.get(&callback, &cookie).await;
    assert_eq!(world.identity.state().completes.len(), 1);
}

#[tokio::test]
async fn failed_connection_is_reported_once() {
    let world = World::new().await;
    world.alice().await;
    let (cookie, _) = world.browser(ALICE).await;
    for (query, status, says) in [
        ("error=access_denied", None, "StockTrade wasn't connected. You declined"),
        ("connect_code=code-1", Some(409), "is connected to another person here, so it was left there"),
        ("connect_code=code-1", Some(500), "StockTrade wasn't connected. The identity service can't be asked"),
        ("connect_code=code-1", Some(400), "StockTrade wasn't connected. The identity service refused it (400)"),
        ("connect_code=code-1", None, "StockTrade is connected."),
    ] {
        world.identity.state().complete = status;
        world.get("accounts/connect", &cookie).await;
        let response = world.get(&format!("accounts/callback?{query}&state={}", state(&world)), &cookie).await;
        assert_eq!(location(&response), "/accounts", "{query}");
        let said = told(&world, &cookie).await.unwrap();
        assert!(said.contains(says), "{query} {status:?}: {said}");
        assert_eq!(told(&world, &cookie).await, None, "said once");
    }
}

/// THREATS.md line 41.
#[tokio::test]
async fn line_41_a_connection_leads_back_to_this_site_alone() {
    let world = World::new().await;
    world.alice().await;
    let (cookie, _) = world.browser(ALICE).await;
    for evil in
        ["https://evil.example", "//evil.example", "/%5Cevil.example", "/%09/evil.example", "javascript:alert(1)"]
    {
        world.get(&format!("accounts/connect?returnTo={evil}"), &cookie).await;
        let callback = format!("accounts/callback?connect_code=code-1&state={}", state(&world));
        let response = world.get(&callback, &cookie).await;
        assert_eq!(location(&response), "/", "{evil}");
    }
}

/// THREATS.md line 41: whatever the identity service's API answers, the browser is sent to its pages alone.
#[tokio::test]
async fn line_41_a_connection_begins_at_the_identity_service_alone() {
    let world = World::new().await;
    world.alice().await;
    let (cookie, _) = world.browser(ALICE).await;
    let own = world.identity.site.origin().to_owned();
    for evil in [
        "http://evil.example/connected-accounts/connect".to_owned(),
        own.replace("http://", "https://") + "/connected-accounts/connect",
        own.replace("http://", "http://evil.") + "/connected-accounts/connect",
        own.rsplit_once(':').unwrap().0.to_owned() + ":1/connected-accounts/connect",
        own.clone() + "@evil.example/connected-accounts/connect",
        "javascript:alert(1)".to_owned(),
        "data:text/html,x".to_owned(),
    ] {
        world.identity.state().connect_uri = Some(evil.clone());
        let response = world.get("accounts/connect", &cookie).await;
        assert_eq!(location(&response), "/accounts", "{evil}");
        let told = told(&world, &cookie).await.unwrap();
        assert!(told.contains("address of another site, so nothing was started"), "{evil}: {told}");
    }
    world.identity.state().connect_uri = Some(own.clone() + "/another/page");
    let response = world.get("accounts/connect", &cookie).await;
    assert_eq!(location(&response), own + "/another/page?ticket=ticket-1");
}

#[tokio::test]
async fn connecting_needs_a_login_first() {
    let world = World::new().await;
    let (visitor, _) = world.browser(None).await;
    for cookie in ["", visitor.as_str()] {
        let response = world.get("accounts/connect?returnTo=%2Ft%2F1", cookie).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let to = world.url(location(&response));
        assert_eq!(parameter(&to, "returnTo").as_deref(), Some("/accounts/connect?returnTo=%2Ft%2F1"));
    }
    assert!(world.identity.state().tokens.is_empty());
}

/// THREATS.md line 9.
#[tokio::test]
async fn line_9_disconnecting_needs_origin_and_csrf_token() {
    let (world, _) = World::connected().await;
    let (cookie, proof) = world.browser(ALICE).await;
    let (_, other_proof) = world.browser(ALICE).await;
    let post = |origin: Option<String>, proof: String, cookie: String| {
        let mut request = world.http.client().post(world.url("accounts/cac_1/disconnect")).form(&[("proof", proof)]);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        async move { request.header("cookie", cookie).send().await.unwrap().status() }
    };
    let own = Some(world.site.origin().to_owned());
    for (origin, proof, cookie) in [
        (None, &proof, &cookie),
        (Some("null".to_owned()), &proof, &cookie),
        (Some(world.identity.site.origin().to_owned()), &proof, &cookie),
        (own.clone(), &other_proof, &cookie),
        (own.clone(), &String::new(), &cookie),
    ] {
        assert_eq!(post(origin.clone(), proof.clone(), cookie.clone()).await, StatusCode::FORBIDDEN, "{origin:?}");
    }
    assert_eq!(post(own.clone(), proof.clone(), String::new()).await, StatusCode::UNAUTHORIZED);
    assert_eq!(world.get("accounts/cac_1/disconnect", &cookie).await.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(world.identity.state().disconnected.is_empty());
    assert_eq!(post(own, proof, cookie.clone()).await, StatusCode::SEE_OTHER);
    assert_eq!(world.identity.state().disconnected, ["cac_1"]);
    assert!(told(&world, &cookie).await.unwrap().starts_with("The account is disconnected."));
}

#[tokio::test]
async fn ended_connection_leaves_nothing() {
    let (world, alice) = World::connected().await;
    assert!(world.call(&alice, "get_portfolio", serde_json::json!({})).await.is_ok());
    world.identity.state().connected = None;
    let after = world.call(&alice, "get_portfolio", serde_json::json!({})).await;
    assert!(matches!(after, Err(agent::tools::Stop::Connect { .. })), "{after:?}");
}
