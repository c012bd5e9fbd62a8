//! Refresh tokens (THREATS.md, lines 14, 15 and 60).

use identity::config::{Api, Config, Grant, StaticClient};
use reqwest::Method;
use serde_json::json;

use crate::{
    asking::{Asking, LOOPBACK, text},
    pair::{AGENT, Change, Pair, browser::Browser, config::client, secret_of, walk::claims},
};

#[tokio::test]
async fn line_14_60_replayed_token_ends_only_its_family() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let client = pair.mcp_client().await;
    let other = pair.tokens(&browser, &Asking::mcp(&pair, &client)).await;
    let first = pair.tokens(&browser, &Asking::mcp(&pair, &client)).await;
    let (status, second) = pair.refresh(&client, text(&first, "refresh_token"), &[]).await;
    assert_eq!(status, 200, "{second}");
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    assert_eq!(claims(text(&second, "access_token"))["aud"], format!("{AGENT}mcp"));
    let (status, third) = pair.refresh(&client, text(&second, "refresh_token"), &[]).await;
    assert_eq!(status, 200, "{third}");

    for spent in [&first, &second] {
        let (status, answer) = pair.refresh(&client, text(spent, "refresh_token"), &[]).await;
        assert_eq!((status, text(&answer, "error")), (400, "invalid_grant"));
    }
    assert_eq!(pair.refresh(&client, text(&third, "refresh_token"), &[]).await.0, 400, "the whole family ended");
    assert_eq!(pair.introspect(&client, text(&third, "access_token")).await["active"], false);
    assert!(pair.audited("refresh_token_replayed").await >= 1);
    assert_eq!(pair.refresh(&client, text(&other, "refresh_token"), &[]).await.0, 200, "another login goes on");
}

/// An app's parallel calls: none of them logs the person out.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn line_60_61_refreshes_at_once_rotate_once() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let client = pair.mcp_client().await;
    for _ in 0..5 {
        let tokens = pair.tokens(&browser, &Asking::mcp(&pair, &client)).await;
        let token = text(&tokens, "refresh_token");
        pair.warm().await;
        let before = refresh_tokens(&pair).await;
        let answers = futures::future::join_all((0..8).map(|_| pair.refresh(&client, token, &[]))).await;
        let next = text(&answers[0].1, "refresh_token");
        for (status, answer) in &answers {
            assert_eq!((*status, text(answer, "refresh_token")), (200, next), "{answers:?}");
        }
        assert_eq!(refresh_tokens(&pair).await, before + 1, "exactly one rotation");
        assert_eq!(pair.refresh(&client, next, &[]).await.0, 200, "the successor works");
    }
}

/// More concurrent requests than database connections: none waits for a second connection while holding one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn refreshes_at_once_are_all_answered() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let tokens = pair.tokens(&browser, &Asking::agent(&pair)).await;
    let token = text(&tokens, "refresh_token");
    pair.warm().await;
    for _ in 0..3 {
        let answers = futures::future::join_all((0..40).map(|_| pair.refresh("agent", token, &[]))).await;
        for (status, answer) in &answers {
            assert_eq!(*status, 200, "{answer}");
        }
    }
}

/// Requests that only read don't wait for another request's write transaction on SQLite.
#[tokio::test]
async fn reading_requests_wait_for_no_writer() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let tokens = pair.tokens(&browser, &Asking::agent(&pair)).await;
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let asking = Asking::agent(&pair);
    let code = pair.code(&browser, &asking).await;
    let mut wrong = asking.redeeming(&code);
    wrong.retain(|(name, _)| *name != "code_verifier");
    let secret = secret_of("agent");
    let revoke = [("client_id", "agent"), ("client_secret", secret.as_str()), ("token", "unknown")];

    let writer = pair.t.identity.db.begin().await.expect("a transaction");
    let (status, answer) = pair.refresh("agent", refresh, &[]).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(pair.introspect("agent", access).await["active"], true);
    assert_eq!(pair.bearer(Method::GET, "userinfo", access).await, 200);
    assert_eq!(pair.token(&wrong).await.0, 400);
    assert_eq!(pair.form(&pair.t.at("oauth/revoke"), &revoke).await.0, 200);
    writer.rollback().await.expect("it ends");
    assert_eq!(pair.token(&asking.redeeming(&code)).await.0, 200, "the code is still good");
}

/// How many refresh tokens T has issued in this test.
async fn refresh_tokens(pair: &Pair) -> i64 {
    let count = sqlx::query_scalar("SELECT CAST(COUNT(*) AS BIGINT) FROM refresh_token");
    count.fetch_one(pair.t.identity.db.pool()).await.expect("a count")
}

#[tokio::test]
async fn line_14_27_lost_answer_is_repeated_for_thirty_seconds() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let (client, thief) = (pair.mcp_client().await, pair.mcp_client().await);
    let tokens = pair.tokens(&browser, &Asking::mcp(&pair, &client)).await;
    let old = text(&tokens, "refresh_token");
    let (_, lost) = pair.refresh(&client, old, &[]).await;
    let next = text(&lost, "refresh_token");
    pair.clock.advance(25_000);
    let (status, again) = pair.refresh(&client, old, &[("scope", "portfolio:read")]).await;
    assert_eq!((status, text(&again, "refresh_token")), (200, next), "{again}");
    assert_ne!(again["access_token"], lost["access_token"], "a fresh access token");
    assert_eq!(again["scope"], "portfolio:read");
    assert_eq!(claims(text(&again, "access_token"))["grant_id"], claims(text(&lost, "access_token"))["grant_id"]);
    assert_eq!(pair.introspect(&client, text(&again, "access_token")).await["active"], true);
    assert_eq!((pair.audited("refresh_token_repeated").await, pair.audited("refresh_token_replayed").await), (1, 0));
    // Another client learns nothing from it, and can't revoke the family.
    assert_eq!(pair.refresh(&thief, old, &[]).await.1["error"], "invalid_grant");
    // The successor isn't stored in plain text anywhere.
    assert!(!String::from_utf8_lossy(&pair.database_bytes()).contains(next));

    pair.clock.advance(5_001);
    assert_eq!(pair.refresh(&client, old, &[]).await.1["error"], "invalid_grant", "later the family ends");
    assert_eq!(pair.refresh(&client, next, &[]).await.0, 400);
    assert_eq!(pair.audited("refresh_token_replayed").await, 1);
}

#[tokio::test]
async fn line_14_60_rotated_token_ends_with_its_successors_use() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let client = pair.mcp_client().await;
    let tokens = pair.tokens(&browser, &Asking::mcp(&pair, &client)).await;
    let (_, second) = pair.refresh(&client, text(&tokens, "refresh_token"), &[]).await;
    let (_, third) = pair.refresh(&client, text(&second, "refresh_token"), &[]).await;
    assert_eq!(pair.refresh(&client, text(&tokens, "refresh_token"), &[]).await.1["error"], "invalid_grant");
    assert_eq!(pair.refresh(&client, text(&third, "refresh_token"), &[]).await.0, 400, "the family ended");
}

#[tokio::test]
async fn line_14_rotated_token_is_answered_ten_times() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let client = pair.mcp_client().await;
    let tokens = pair.tokens(&browser, &Asking::mcp(&pair, &client)).await;
    let old = text(&tokens, "refresh_token");
    let (_, first) = pair.refresh(&client, old, &[]).await;
    // A refused request doesn't count.
    assert_eq!(pair.refresh(&client, old, &[("scope", "admin")]).await.1["error"], "invalid_scope");
    for n in 0..10 {
        assert_eq!(pair.refresh(&client, old, &[]).await.1["refresh_token"], first["refresh_token"], "{n}");
    }
    assert_eq!(pair.refresh(&client, old, &[]).await.1["error"], "invalid_grant");
    assert_eq!(pair.refresh(&client, text(&first, "refresh_token"), &[]).await.0, 400, "the family ended");
    assert_eq!(pair.audited("refresh_token_repeated").await, 10);
}

/// A revocation in between takes effect even within the grace period.
#[tokio::test]
async fn line_14_56_repeated_refresh_checks_the_grant() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let client = pair.mcp_client().await;
    let tokens = pair.tokens(&browser, &Asking::mcp(&pair, &client)).await;
    let old = text(&tokens, "refresh_token").to_owned();
    let (_, next) = pair.refresh(&client, &old, &[]).await;
    let form = [("client_id", client.as_str()), ("token", text(&next, "refresh_token"))];
    assert_eq!(pair.form(&pair.t.at("oauth/revoke"), &form).await.0, 200);
    assert_eq!(pair.refresh(&client, &old, &[]).await.1["error"], "invalid_grant");
    assert_eq!(pair.audited("refresh_token_repeated").await, 0);

    let tokens = pair.tokens(&browser, &Asking::mcp(&pair, &client)).await;
    let old = text(&tokens, "refresh_token");
    let (_, next) = pair.refresh(&client, old, &[]).await;
    let person = claims(text(&next, "access_token"))["sub"].as_str().expect("a subject").to_owned();
    let mut db = pair.t.identity.db.pool().acquire().await.expect("a connection");
    identity::store::person::disable(&mut db, &person, true).await.expect("disabled");
    assert_eq!(pair.refresh(&client, old, &[]).await.1["error"], "invalid_grant");
}

#[tokio::test]
async fn line_14_configured_client_may_repeat_a_refresh() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let tokens = pair.tokens(&browser, &Asking::agent(&pair)).await;
    let token = text(&tokens, "refresh_token");
    let answers = futures::future::join_all((0..4).map(|_| pair.refresh("agent", token, &[]))).await;
    for (status, answer) in answers {
        assert_eq!(status, 200, "{answer}");
        assert!(answer.get("refresh_token").is_none(), "it never rotates: {answer}");
        let id = claims(text(&answer, "id_token"));
        assert_eq!((&id["name"], id.get("nonce")), (&json!("Alice"), None));
    }
    // A confidential client can't refresh without authenticating.
    let form = [
        ("grant_type", "refresh_token".to_owned()),
        ("client_id", "agent".to_owned()),
        ("refresh_token", token.to_owned()),
    ];
    assert_eq!(pair.token(&form).await.1["error"], "invalid_client");
}

#[tokio::test]
async fn line_14_configured_public_clients_token_rotates() {
    let public = |config: &mut Config| {
        config.clients.push(StaticClient {
            secret: None,
            redirect_uris: vec![LOOPBACK.into()],
            ..client("spa", "Web app", &[Grant::AuthorizationCode, Grant::RefreshToken])
        });
    };
    let pair = Pair::with(Change { t: Some(Box::new(public)), ..Change::default() }).await;
    let asking = Asking::new(&pair, "spa", LOOPBACK).with("scope", "openid offline_access");
    let first = pair.tokens(&Browser::default(), &asking).await;
    let (status, second) = pair.refresh("spa", text(&first, "refresh_token"), &[]).await;
    assert_eq!(status, 200, "{second}");
    assert_eq!(pair.refresh("spa", text(&second, "refresh_token"), &[]).await.0, 200);
    assert_eq!(pair.refresh("spa", text(&first, "refresh_token"), &[]).await.1["error"], "invalid_grant");
}

#[tokio::test]
async fn line_13_a_refresh_token_is_bound_to_its_client() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let (client, thief) = (pair.mcp_client().await, pair.mcp_client().await);
    let tokens = pair.tokens(&browser, &Asking::mcp(&pair, &client)).await;
    let token = text(&tokens, "refresh_token").to_owned();
    for (who, token) in [(&thief, token.as_str()), (&client, &token[..42]), (&client, &format!("{token}A"))] {
        assert_eq!(pair.refresh(who, token, &[]).await.1["error"], "invalid_grant");
    }
    assert_eq!(pair.refresh("agent", &token, &[]).await.1["error"], "invalid_grant");
    assert_eq!(pair.refresh(&client, &token, &[]).await.0, 200, "it is still there");
}

#[tokio::test]
async fn line_15_a_refresh_gets_no_more_than_was_granted() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let client = pair.mcp_client().await;
    let asking = Asking::mcp(&pair, &client).with("scope", "openid portfolio:read trade:read");
    let tokens = pair.tokens(&browser, &asking).await;
    let token = text(&tokens, "refresh_token").to_owned();
    for (more, error) in [
        (("scope", "admin".to_owned()), "invalid_scope"),
        (("scope", "trade:write email".to_owned()), "invalid_scope"),
        (("resource", pair.t.at("me/")), "invalid_target"),
        (("audience", pair.t.at("vault/")), "invalid_target"),
        (("resource", pair.b.at("api")), "invalid_target"),
        (("resource", "http://evil.example/".to_owned()), "invalid_target"),
    ] {
        let (status, answer) = pair.refresh(&client, &token, &[(more.0, &more.1)]).await;
        assert_eq!((status, text(&answer, "error")), (400, error), "{more:?}");
    }
    // Refused requests consume nothing. A narrower request works and doesn't narrow the grant.
    let resource = format!("{AGENT}mcp/");
    let (status, less) = pair.refresh(&client, &token, &[("scope", "portfolio:read"), ("resource", &resource)]).await;
    assert_eq!((status, &less["scope"]), (200, &json!("portfolio:read")), "{less}");
    // Ungranted scopes are left out, and both the answer and the token say so.
    let more = [("scope", "trade:write portfolio:read admin portfolio:read")];
    let (status, less) = pair.refresh(&client, text(&less, "refresh_token"), &more).await;
    assert_eq!((status, &less["scope"]), (200, &json!("portfolio:read")), "{less}");
    assert_eq!(claims(text(&less, "access_token"))["scope"], "portfolio:read");
    let (_, whole) = pair.refresh(&client, text(&less, "refresh_token"), &[]).await;
    assert_eq!(whole["scope"], "openid portfolio:read trade:read offline_access");
}

#[tokio::test]
async fn line_15_agents_refresh_token_gets_only_its_apis() {
    const LIBRARY: &str = "https://library.example";
    let another = |config: &mut Config| config.apis.push(Api::new("library", "Library", LIBRARY.into()));
    let pair = Pair::with(Change { t: Some(Box::new(another)), ..Change::default() }).await;
    let browser = Browser::default();
    let tokens = pair.tokens(&browser, &Asking::agent(&pair)).await;
    let token = text(&tokens, "refresh_token");
    let me = pair.t.at("me/");
    let scope = "openid profile offline_access create:me:connected_accounts read:me:connected_accounts";
    let (status, account) = pair.refresh("agent", token, &[("audience", &me), ("scope", scope)]).await;
    assert_eq!(status, 200, "{account}");
    assert_eq!(account["scope"], scope);
    let account = claims(text(&account, "access_token"));
    assert_eq!((&account["aud"], &account["azp"]), (&json!(me), &json!("agent")));
    let (_, all) = pair.refresh("agent", token, &[("audience", &me)]).await;
    let whole = "create:me:connected_accounts delete:me:apps delete:me:connected_accounts read:me:apps \
                 read:me:connected_accounts trace:shape";
    assert_eq!(all["scope"], whole);
    // The SDKs send one list of scopes to every audience: T leaves out those of other APIs.
    let mixed = "openid trade:write read:me:connected_accounts admin";
    let (status, part) = pair.refresh("agent", token, &[("audience", &me), ("scope", mixed)]).await;
    assert_eq!((status, &part["scope"]), (200, &json!("openid read:me:connected_accounts")), "{part}");
    for (more, error) in [
        ([("audience", "https://elsewhere.example/".into()), ("scope", String::new())], "invalid_target"),
        ([("audience", pair.b.at("api")), ("scope", String::new())], "invalid_target"),
        // This service knows the API, but the settings don't give it to the agent.
        ([("audience", LIBRARY.into()), ("scope", "openid".into())], "invalid_target"),
        ([("audience", me.clone()), ("scope", "trade:write".into())], "invalid_scope"),
        ([("audience", String::new()), ("scope", "create:me:connected_accounts".into())], "invalid_scope"),
    ] {
        let form: Vec<(&'static str, &str)> = more.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (status, answer) = pair.refresh("agent", token, &form).await;
        assert_eq!((status, text(&answer, "error")), (400, error), "{more:?}");
    }
}

#[tokio::test]
async fn a_refresh_token_ends_after_thirty_days_without_use() {
    const DAY: i64 = 24 * 3_600_000;
    let pair = Pair::start().await;
    let browser = Browser::default();
    let tokens = pair.tokens(&browser, &Asking::agent(&pair)).await;
    let token = text(&tokens, "refresh_token");
    for _ in 0..2 {
        pair.clock.advance(29 * DAY);
        assert_eq!(pair.refresh("agent", token, &[]).await.0, 200, "each use restarts the 30 days");
    }
    pair.clock.advance(30 * DAY);
    assert_eq!(pair.refresh("agent", token, &[]).await.1["error"], "invalid_grant");
}

#[tokio::test]
async fn line_56_a_disabled_person_or_client_gets_no_more_tokens() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let client = pair.mcp_client().await;
    let mcp = pair.tokens(&browser, &Asking::mcp(&pair, &client)).await;
    let tokens = pair.tokens(&browser, &Asking::agent(&pair)).await;
    let (access, refresh) = (text(&tokens, "access_token"), text(&tokens, "refresh_token"));
    let person = claims(access)["sub"].as_str().expect("a subject").to_owned();
    let mut db = pair.t.identity.db.pool().acquire().await.expect("a connection");
    identity::store::person::disable(&mut db, &person, true).await.expect("disabled");
    assert_eq!(pair.refresh("agent", refresh, &[]).await.1["error"], "invalid_grant");
    assert_eq!(pair.bearer(Method::GET, "userinfo", access).await, 401);
    assert_eq!(pair.introspect("agent", access).await["active"], false);
    let shown = browser.get(&Asking::agent(&pair).with("prompt", "none").url()).await;
    assert_eq!(shown.param("error").as_deref(), Some("login_required"), "the session is nobody's");
    identity::store::person::disable(&mut db, &person, false).await.expect("enabled");
    assert_eq!(pair.bearer(Method::GET, "userinfo", access).await, 200);

    identity::store::client::disable(&mut db, &client, true).await.expect("disabled");
    assert_eq!(pair.refresh(&client, text(&mcp, "refresh_token"), &[]).await.1["error"], "invalid_client");
    assert_eq!(pair.introspect("agent-mcp", text(&mcp, "access_token")).await["active"], false);
}
