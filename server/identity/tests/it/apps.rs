//! Apps with access: the list shows what was allowed, and revoking it takes effect at once (THREATS.md lines 38, 46,
//! 56, 59).

use identity::config::{Api, Config};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    asking::{Asking, text},
    pair::{
        Change, Instance, Pair,
        browser::{Browser, Shown},
        secret_of,
        walk::{ACCESS_TOKEN, Person, REFRESH_TOKEN, Requested},
    },
};

const ALL: &str = "openid offline_access portfolio:read trade:read trade:write";

fn address(at: &Instance, client: &str) -> String {
    at.at(&format!("apps/{client}/revoke"))
}

/// The page of the person in this browser.
async fn page(at: &Instance, browser: &Browser) -> Shown {
    let shown = browser.get(&at.at("apps")).await;
    assert_eq!((shown.status, shown.text("/view").as_str()), (200, "apps"), "{shown:?}");
    shown
}

/// The clients that the page lists.
fn ids(shown: &Shown) -> Vec<&str> {
    shown.page["apps"].as_array().expect("apps").iter().map(|app| text(app, "id")).collect()
}

async fn revoke(at: &Instance, browser: &Browser, client: &str) -> Shown {
    let page = page(at, browser).await;
    let csrf_token = page.text("/csrf_token");
    let (address, form) = (address(at, client), [("csrf_token", &*csrf_token)]);
    if ids(&page).contains(&client) {
        browser.post(&address, &form).await
    } else {
        browser.forge(&address, &form).await
    }
}

/// An MCP client asks for an order with its token.
pub(crate) async fn ask(pair: &Pair, person: &Person, token: &str) -> Requested {
    pair.ask_with(asking(pair, person, token)).await
}

/// The parameters of such a request.
pub(crate) fn asking(pair: &Pair, person: &Person, token: &str) -> Vec<(&'static str, String)> {
    let mut params = pair.asking(person);
    params.retain(|(name, _)| !matches!(*name, "client_id" | "client_secret"));
    params.push(("client_id", "agent-mcp".into()));
    params.push(("client_secret", secret_of("agent-mcp")));
    params.push(("on_behalf_of_token", token.into()));
    params
}

fn error(answer: &(u16, Value)) -> (u16, &str) {
    (answer.0, answer.1["error"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn line_38_56_revoked_access_ends_at_once_and_wholly() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let mcp = pair.mcp_client().await;
    let asking = Asking::mcp(&pair, &mcp).with("scope", ALL);
    let tokens = pair.tokens(&alice.browser, &asking).await;
    let (token, refresh_token) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    // Another code, not yet redeemed.
    let unused = pair.code(&alice.browser, &asking).await;
    let first = ask(&pair, &alice, token).await;
    pair.clock.advance(180_000);
    assert_eq!(pair.introspect("agent-mcp", token).await["active"], true);

    let shown = page(&pair.t, &alice.browser).await;
    assert_eq!(ids(&shown), [mcp.as_str()], "the chat, which is first-party, is not among them");
    let app = &shown.page["apps"][0];
    assert_eq!((&app["name"], &app["unverified"]), (&json!("Claude Code"), &json!(true)));
    assert_eq!(app["redirect_hosts"], json!(["127.0.0.1"]));
    let words = app["scopes"].to_string();
    for said in ["See your cash", "See your orders", "Prepare orders", "while you are away"] {
        assert!(words.contains(said), "{words}");
    }
    let (used, now) = (app["used_at"].as_i64().expect("a time"), pair.t.identity.clock.now());
    assert!(now - used < 60_000, "introspection counts as a use: {used} of {now}");
    assert!(now - app["allowed_at"].as_i64().expect("a time") >= 180_000);

    let shown = revoke(&pair.t, &alice.browser, &mcp).await;
    assert_eq!((shown.status, ids(&shown)), (200, vec![]), "{shown:?}");
    let notice = shown.text("/notice");
    assert!(notice.starts_with("Claude Code can no longer act for you"), "{notice}");
    assert!(notice.contains("1 request that waited for your approval was denied."), "{notice}");

    assert_eq!(pair.introspect("agent-mcp", token).await, json!({ "active": false }));
    assert_eq!(error(&pair.refresh(&mcp, refresh_token, &[]).await), (400, "invalid_grant"));
    assert_eq!(error(&pair.token(&asking.redeeming(&unused)).await), (400, "invalid_grant"));
    assert_eq!(error(&pair.vault_as("agent-mcp", token, ACCESS_TOKEN).await), (400, "invalid_grant"));
    assert_eq!(error(&pair.poll_as("agent-mcp", &first.auth_req_id).await), (400, "access_denied"));
    let (waiting, request) = (alice.browser.get(&pair.t.at("approvals")).await, &first.auth_req_id);
    assert_eq!((&waiting.page["waiting"], &waiting.page["past"][0]["state"]), (&json!([]), &json!("Denied")));
    pair.until("the client that waits is notified", || pair.pings_of(request) > 0).await;
    // The consent is forgotten, so the page asks again.
    assert_eq!(alice.browser.follow(&asking.url()).await.text("/view"), "consent");

    // Repeating it does no harm.
    let again = revoke(&pair.t, &alice.browser, &mcp).await;
    assert_eq!((again.status, again.text("/notice").contains("Nothing was changed")), (200, true), "{again:?}");
    assert_eq!(pair.audited("access_taken_back").await, 1);
    // A person can't revoke the service's own client here; and nothing else ended.
    let agent = revoke(&pair.t, &alice.browser, "agent").await;
    assert!(agent.text("/notice").contains("Nothing was changed"), "{agent:?}");
    assert_eq!(pair.vault_as("agent", &alice.refresh_token, REFRESH_TOKEN).await.0, 200);
}

/// THREATS.md line 56: an order approved for a client, but not placed yet.
#[tokio::test]
async fn line_56_revoked_app_places_no_approved_order() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (mcp, token) = pair.mcp_token(&alice, "portfolio:read trade:read trade:write").await;
    let requested = ask(&pair, &alice, &token).await;
    pair.decide(&alice, &requested.txn, "approve").await;
    let (status, approved) = pair.poll_as("agent-mcp", &requested.auth_req_id).await;
    assert_eq!(status, 200, "{approved}");
    revoke(&pair.t, &alice.browser, &mcp).await;
    assert_eq!(error(&pair.poll_as("agent-mcp", &requested.auth_req_id).await), (400, "invalid_grant"));
    let exchanged = pair.vault_as("agent-mcp", text(&approved, "access_token"), ACCESS_TOKEN).await;
    assert_eq!(error(&exchanged), (400, "invalid_grant"));
}

#[tokio::test]
async fn line_46_59_each_person_sees_and_revokes_only_their_apps() {
    let pair = Pair::start().await;
    let (alice, bob) = (pair.person("Alice").await, pair.person("Bob").await);
    let mcp = pair.mcp_client().await;
    let asking = Asking::mcp(&pair, &mcp).with("scope", ALL);
    let hers = pair.tokens(&alice.browser, &asking).await;
    let shown = page(&pair.t, &bob.browser).await;
    assert_eq!((ids(&shown), shown.text("/person").as_str()), (vec![], "Bob"));
    // Bob has no such app, so it counts as missing.
    let another = revoke(&pair.t, &bob.browser, &mcp).await.text("/notice");
    assert_eq!(another, revoke(&pair.t, &bob.browser, "tpc_nobody").await.text("/notice"));
    assert_eq!(pair.introspect("agent-mcp", text(&hers, "access_token")).await["active"], true);
    // Both have the same client.
    let his = pair.tokens(&bob.browser, &asking).await;
    revoke(&pair.t, &bob.browser, &mcp).await;
    assert_eq!(pair.introspect("agent-mcp", text(&his, "access_token")).await["active"], false);
    assert_eq!(pair.introspect("agent-mcp", text(&hers, "access_token")).await["active"], true);
    assert_eq!(ids(&page(&pair.t, &alice.browser).await), [mcp.as_str()]);
    assert_eq!(pair.refresh(&mcp, text(&hers, "refresh_token"), &[]).await.0, 200);
}

#[tokio::test]
async fn line_9_49_53_access_is_revoked_only_from_the_own_page() {
    let pair = Pair::start().await;
    let (alice, bob) = (pair.person("Alice").await, pair.person("Bob").await);
    let (mcp, token) = pair.mcp_token(&alice, "portfolio:read").await;
    let url = address(&pair.t, &mcp);
    let origin = pair.t.site.origin().to_owned();
    let own: &[(&str, &str)] = &[("origin", &origin), ("sec-fetch-site", "same-origin")];
    let csrf_token = page(&pair.t, &alice.browser).await.text("/csrf_token");
    let foreign = page(&pair.t, &bob.browser).await.text("/csrf_token");
    for method in [Method::GET, Method::HEAD] {
        let read = alice.browser.send(method, &format!("{url}?csrf_token={csrf_token}"), None, own).await;
        assert_eq!(read.location.as_ref().map(|to| to.path()), Some("/apps"), "{read:?}");
    }
    for headers in [
        &[][..],
        &[("origin", "null")],
        &[("origin", "http://evil.example")],
        &[("origin", &origin), ("sec-fetch-site", "same-site")],
    ] {
        let posted = alice.browser.send(Method::POST, &url, Some(&[("csrf_token", &csrf_token)]), headers).await;
        assert_eq!(posted.status, 403, "{headers:?}");
    }
    for form in [&[][..], &[("csrf_token", "")], &[("csrf_token", "guessed")], &[("csrf_token", &foreign)]] {
        assert_eq!(alice.browser.send(Method::POST, &url, Some(form), own).await.status, 403, "{form:?}");
    }
    // Without a session, tokens don't help.
    for bearer in ["", &token, &alice.refresh_token, &pair.account_token(&alice).await] {
        let bearer = format!("Bearer {bearer}");
        let headers = [own, &[("authorization", &bearer)]].concat();
        assert_eq!(
            Browser::default().send(Method::POST, &url, Some(&[("csrf_token", &csrf_token)]), &headers).await.status,
            401
        );
    }
    assert_eq!(pair.introspect("agent-mcp", &token).await["active"], true);
    assert_eq!(alice.browser.post(&url, &[("csrf_token", &csrf_token)]).await.status, 200);
    assert_eq!(pair.introspect("agent-mcp", &token).await["active"], false);
}

#[tokio::test]
async fn apps_page_leads_through_the_login() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let shown = browser.follow(&pair.t.at("apps")).await;
    let shown = pair.at_login(&browser, shown, "Alice").await;
    assert_eq!((shown.url.path(), shown.text("/view").as_str()), ("/apps", "apps"), "{shown:?}");
}

/// At the provider of a connected account, this service is the app with access. If the person revokes it there, the
/// account is no longer connected here, and can be connected again.
#[tokio::test]
async fn line_56_revocation_at_the_provider_disconnects_the_account() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (_, approval_token) = pair.approval_token(&alice).await;
    for _ in 0..2 {
        assert_eq!(pair.vault_as("agent", &alice.refresh_token, REFRESH_TOKEN).await.0, 200);
    }
    let shown = page(&pair.b, &alice.browser).await;
    assert_eq!(ids(&shown), ["tenant-vault"], "where she only logs in is not listed");
    assert_eq!(
        (&shown.page["apps"][0]["name"], &shown.page["apps"][0]["unverified"]),
        (&json!("Mandate"), &json!(false))
    );
    let shown = revoke(&pair.b, &alice.browser, "tenant-vault").await;
    assert!(shown.text("/notice").starts_with("Mandate can no longer act for you"), "{shown:?}");
    assert_eq!(pair.grants_at_b("tenant-vault").await, 0);

    let reading = pair.vault_as("agent", &alice.refresh_token, REFRESH_TOKEN).await;
    assert_eq!(error(&reading), (401, "federated_connection_refresh_token_flow_failed"));
    let ordering = pair.vault_as("agent", &approval_token, ACCESS_TOKEN).await;
    assert_eq!(error(&ordering), (401, "federated_connection_refresh_token_flow_failed"));

    pair.connect(&alice, "Alice", json!(["portfolio:read"])).await;
    assert_eq!(pair.vault_as("agent", &alice.refresh_token, REFRESH_TOKEN).await.0, 200);
}

/// `/me/v1/apps` of the token's person: status and answer.
async fn at_me(pair: &Pair, method: Method, path: &str, token: &str) -> (u16, Value) {
    let request = pair.http().request(method, pair.t.at(&format!("me/v1/apps{path}"))).bearer_auth(token);
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.unwrap_or_default())
}

/// A client of the service may list and end its person's apps, as far as they may use an API of its own.
#[tokio::test]
async fn line_38_46_49_59_client_ends_only_apps_of_its_own_api() {
    const LIBRARY: &str = "https://library.example";
    let another = |config: &mut Config| {
        let scopes = vec![("books:read".into(), "See books".into())];
        config.apis.push(Api { third_party: true, scopes, ..Api::new("library", "Library", LIBRARY.into()) });
    };
    let pair = Pair::with(Change { t: Some(Box::new(another)), ..Change::default() }).await;
    let (alice, bob) = (pair.person("Alice").await, pair.person("Bob").await);
    let (mcp, reader) = (pair.mcp_client().await, pair.mcp_client().await);
    let asking = Asking::mcp(&pair, &mcp).with("scope", ALL);
    let (hers, his) = (pair.tokens(&alice.browser, &asking).await, pair.tokens(&bob.browser, &asking).await);
    let asking = Asking::mcp(&pair, &reader).with("scope", "openid books:read").with("resource", LIBRARY);
    pair.tokens(&alice.browser, &asking).await;
    assert_eq!(ids(&page(&pair.t, &alice.browser).await).len(), 2, "her own page has both");

    let token = pair.account_token(&alice).await;
    let (status, listed) = at_me(&pair, Method::GET, "", &token).await;
    let listed: Vec<&str> = listed["apps"].as_array().expect("apps").iter().map(|app| text(app, "id")).collect();
    assert_eq!((status, listed), (200, vec![mcp.as_str()]));
    for (id, why) in [(reader.as_str(), "of another API"), ("agent", "the service's own"), ("tpc_nobody", "nobody")] {
        assert_eq!(at_me(&pair, Method::DELETE, &format!("/{id}"), &token).await.0, 404, "{why}");
    }

    // Refuses a token of another kind and one without the scope.
    let accounts = [("audience", pair.t.at("me/")), ("scope", "read:me:connected_accounts".into())];
    let accounts: Vec<(&'static str, &str)> = accounts.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (_, narrow) = pair.refresh("agent", &alice.refresh_token, &accounts).await;
    for (with, status) in [(text(&narrow, "access_token"), 403), (text(&hers, "access_token"), 401), ("", 401)] {
        assert_eq!(at_me(&pair, Method::GET, "", with).await.0, status);
        assert_eq!(at_me(&pair, Method::DELETE, &format!("/{mcp}"), with).await.0, status);
    }

    assert_eq!(at_me(&pair, Method::DELETE, &format!("/{mcp}"), &token).await.0, 204);
    assert_eq!(pair.introspect("agent-mcp", text(&hers, "access_token")).await, json!({ "active": false }));
    assert_eq!(pair.introspect("agent-mcp", text(&his, "access_token")).await["active"], true);
    assert_eq!(at_me(&pair, Method::DELETE, &format!("/{mcp}"), &token).await.0, 404, "it has ended");
    assert_eq!(ids(&page(&pair.t, &alice.browser).await), [reader.as_str()]);
}
