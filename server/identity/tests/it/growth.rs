//! Rows that strangers can create: limited by address, and cleaned up (THREATS.md lines 11, 36 and 47).

use foundation::cleanup;
use futures::{StreamExt, stream};
use serde_json::json;

use crate::{
    asking::{Asking, text},
    pair::{Pair, browser::Browser},
    people::{cookie_of, login_page, submit},
};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

async fn count(identity: &identity::Identity, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(identity.db.pool()).await.expect("the database")
}

const SESSIONS: &str = "SELECT COUNT(*) FROM session";
const KEPT: &str = "SELECT COUNT(*) FROM once";
const APPROVALS: &str = "SELECT COUNT(*) FROM approval";
const AUDITED: &str = "SELECT COUNT(*) FROM audit";

#[tokio::test]
async fn line_47_opening_a_page_stores_nothing() {
    let pair = Pair::start().await;
    let t = &pair.t.identity;
    for path in ["approvals", "approvals/apr_1", "approvals/blocked", "connected-accounts/connect?ticket=x"] {
        let shown = Browser::default().get(&pair.t.at(path)).await;
        let next = shown.location.as_ref().unwrap_or_else(|| panic!("{path}: {shown:?}"));
        assert_eq!((next.path(), shown.param("returnTo")), ("/u/login", Some(format!("/{path}"))));
        assert!(cookie_of(&shown, "mandate_tenant").is_none());
    }
    assert_eq!((count(t, SESSIONS).await, count(t, KEPT).await), (0, 0));
    // Continuing leads to the login and then to the page, and nowhere else.
    let browser = Browser::default();
    let shown = browser.follow(&pair.t.at("approvals/blocked")).await;
    let shown = pair.at_login(&browser, shown, "Alice").await;
    assert_eq!((shown.text("/view").as_str(), shown.url.path()), ("blocked", "/approvals/blocked"), "{shown:?}");
    let long = format!("/{}", "x".repeat(3000));
    for evil in [&*long, "//evil.example", "https://evil.example/", "/\\evil.example", "%2F%2Fevil.example"] {
        let shown = browser.get(&format!("{}?returnTo={evil}", pair.t.at("u/login"))).await;
        assert_eq!(shown.location.as_ref().map(|to| to.as_str()), Some(pair.t.at("").as_str()), "{evil}");
    }
}

#[tokio::test]
async fn line_47_stored_rows_are_limited_by_address() {
    let pair = Pair::start().await;
    let (t, b) = (&pair.t.identity, &pair.b.identity);
    // Without a cookie, with an unknown one, and many times in one session.
    let browser = Browser::default();
    browser.get(&Asking::agent(&pair).url()).await;
    let asking = Asking::agent(&pair).url();
    let guessed = [("cookie", "mandate_tenant=guessed")];
    let ask = async |n: usize| match n % 3 {
        0 => Browser::default().get(&asking).await,
        1 => {
            Browser::default()
                .send(reqwest::Method::GET, &pair.t.at("u/login?returnTo=/approvals"), None, &guessed)
                .await
        }
        _ => browser.get(&asking).await,
    };
    let shown: Vec<_> = stream::iter(0..60).map(ask).buffer_unordered(16).collect().await;
    assert!(shown.iter().all(|shown| shown.status == 303), "{shown:?}");
    // Sixty people behind one address, five logins each, two requests for each login.
    let left = (0..2_000).take_while(|_| t.limits.visits.take("127.0.0.1").is_ok()).count();
    assert!((530..1_000).contains(&left), "{left}");
    let (sessions, kept) = (count(t, SESSIONS).await, count(t, KEPT).await);
    let shown: Vec<_> = stream::iter(0..60).map(ask).buffer_unordered(16).collect().await;
    let limited: Vec<_> = shown.iter().filter(|shown| shown.status == 429).collect();
    assert!(limited.len() > 30, "{}", limited.len());
    let passed = i64::try_from(shown.len() - limited.len()).expect("a number");
    for shown in limited {
        let wait: i64 = shown.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
        assert!((1..=60).contains(&wait), "{wait}");
        assert_eq!((shown.text("/view").as_str(), shown.text("/title").as_str()), ("error", "Too many at once"));
        assert!(shown.text("/text").contains("Try again in") && cookie_of(shown, "mandate_tenant").is_none());
    }
    assert!(count(t, SESSIONS).await <= sessions + passed && count(t, KEPT).await <= kept + passed);
    // Logged-in people can continue, and the other site isn't affected.
    assert_eq!((pair.http().get(pair.t.at(".well-known/jwks.json")).send().await.expect("an answer")).status(), 200);
    assert_eq!(Browser::default().follow(&pair.b.at("u/login")).await.text("/view"), "login");
    assert!(count(b, SESSIONS).await > 0);
    // After a while, more are accepted.
    pair.clock.advance(60_000);
    login_page(&pair, &Browser::default()).await;
}

#[tokio::test]
async fn line_47_streams_of_a_person_are_limited() {
    let pair = Pair::start().await;
    let (alice, bob) = (pair.person("Alice").await, pair.person("Bob").await);
    let events = pair.t.at("approvals/events");
    let mut open = Vec::new();
    for _ in 0..20 {
        let stream = alice.browser.stream(&events).await;
        assert_eq!(stream.status(), 200);
        open.push(stream);
    }
    // Checks the status first: without the limit, reading the body would never end.
    assert_eq!(alice.browser.stream(&events).await.status(), 429);
    let one_more = alice.browser.get(&events).await;
    assert_eq!((one_more.status, one_more.text("/title").as_str()), (429, "Too many at once"));
    assert_eq!(bob.browser.stream(&events).await.status(), 200, "another person's");
    // Closing a page frees its place.
    drop(open.pop());
    world::until("there is room", async || (alice.browser.stream(&events).await.status() == 200).then_some(())).await;
}

#[tokio::test]
async fn line_47_cleanup_deletes_expired_rows() {
    let pair = Pair::start().await;
    let b = &pair.b.identity;
    let browser = Browser::default();
    let page = browser.follow(&pair.b.at("u/login")).await;
    submit(&pair, &browser, &page, "alice@example.com", "mandate-demo").await;
    for _ in 0..3 {
        Browser::default().get(&pair.b.at("u/login")).await;
    }
    assert_eq!((count(b, SESSIONS).await, count(b, KEPT).await), (4, 4));
    let clean_up = async || cleanup::clean_up(&b.sessions, &b.one_time).await.expect("the database");
    clean_up().await;
    assert_eq!((count(b, SESSIONS).await, count(b, KEPT).await), (4, 4), "all of it lives");
    // A visitor's session only serves the login; a person's lasts longer.
    pair.clock.advance(HOUR);
    clean_up().await;
    assert_eq!((count(b, SESSIONS).await, count(b, KEPT).await), (1, 0));
    assert_eq!(browser.get(&pair.b.at("oidc/logout")).await.text("/view"), "log_out");
    pair.clock.advance(9 * HOUR);
    clean_up().await;
    assert_eq!((count(b, SESSIONS).await, count(b, KEPT).await), (0, 0));
}

#[tokio::test]
async fn line_36_repeated_requests_dont_grow_the_audit_log() {
    let pair = Pair::start().await;
    // A replayed code is recorded only once, as is a repeated revocation.
    let browser = Browser::default();
    let client = pair.mcp_client().await;
    let asking = Asking::mcp(&pair, &client);
    let shown = pair.walk(&browser, &asking, "Alice").await;
    let code = pair.allow(&browser, shown).await.param("code").expect("a code");
    let (status, tokens) = pair.token(&asking.redeeming(&code)).await;
    assert_eq!(status, 200, "{tokens}");
    for _ in 0..3 {
        assert_eq!(pair.token(&asking.redeeming(&code)).await.0, 400);
    }
    assert_eq!(pair.audited("code_replayed").await, 1);
    for kind in ["refresh_token", "access_token"] {
        for _ in 0..3 {
            let form = [("client_id", &*client), ("token", text(&tokens, kind))];
            assert_eq!(pair.form(&pair.t.at("oauth/revoke"), &form).await.0, 200);
        }
    }
    assert_eq!(pair.audited("token_revoked").await, 1, "the access token, once; the grant had ended before");
    // Unused registrations leave no trace.
    for n in 0..5 {
        let metadata = json!({ "client_name": format!("{n}"), "redirect_uris": ["http://127.0.0.1/cb"] });
        assert_eq!(pair.register(metadata).await.0, 201);
    }
    assert_eq!(pair.audited("client_registered").await, 6);
    pair.clock.advance(2 * DAY);
    identity::cleanup::clean_up(&pair.t.identity).await.expect("the database");
    assert_eq!(pair.audited("client_registered").await, 1, "the one that was used");
    // Failed logins are kept for 90 days.
    let page = login_page(&pair, &Browser::default()).await;
    assert_eq!(page.text("/view"), "login");
    let browser = Browser::default();
    let page = login_page(&pair, &browser).await;
    submit(&pair, &browser, &page, "alice@example.com", "wrong password").await;
    let failed = "SELECT COUNT(*) FROM audit WHERE event = 'login_failed'";
    for (days, left) in [(80, 1), (20, 0)] {
        pair.clock.advance(days * DAY);
        identity::cleanup::clean_up(&pair.b.identity).await.expect("the database");
        assert_eq!(count(&pair.b.identity, failed).await, left, "{days} days later");
    }
}

#[tokio::test]
async fn approvals_and_audit_log_are_kept_as_configured() {
    let pair = Pair::start().await;
    let t = &pair.t.identity;
    let alice = pair.connected("Alice").await;
    let approved = pair.ask(&alice).await;
    pair.decide(&alice, &approved.txn, "approve").await;
    pair.ask(&alice).await;
    let events = count(t, AUDITED).await;
    assert!(events > 0);
    // More rows than one statement deletes.
    let copies = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1100)
         INSERT INTO audit (id, at, event, detail) SELECT 'copy' || i, at, 'copied', '{}' FROM n,
             (SELECT MIN(at) AS at FROM audit) oldest";
    sqlx::query(copies).execute(t.db.pool()).await.expect("the database");
    let clean_up = async || identity::cleanup::clean_up(t).await.expect("the database");
    pair.clock.advance(30 * DAY);
    clean_up().await;
    assert_eq!(count(t, APPROVALS).await, 2, "they expired less than 30 days ago");
    pair.clock.advance(HOUR);
    let alice = pair.person("Alice").await;
    let fresh = pair.ask(&alice).await;
    clean_up().await;
    assert_eq!(count(t, APPROVALS).await, 1);
    for (txn, status) in [(&approved.txn, 404), (&fresh.txn, 200)] {
        let shown = alice.browser.get(&pair.t.at(&format!("approvals/{txn}"))).await;
        assert_eq!(shown.status, status, "{shown:?}");
    }
    assert!(count(t, AUDITED).await >= events + 1100);
    pair.clock.advance(30 * DAY);
    clean_up().await;
    assert_eq!(count(t, "SELECT COUNT(*) FROM audit WHERE event = 'copied'").await, 0);
    // The other service has no such setting, so it keeps them forever.
    let kept = count(&pair.b.identity, AUDITED).await;
    pair.clock.advance(3650 * DAY);
    identity::cleanup::clean_up(&pair.b.identity).await.expect("the database");
    assert_eq!(count(&pair.b.identity, AUDITED).await, kept);
}

/// The request may expire before the right password is entered: the login still succeeds, and the error page delivers
/// its session.
#[tokio::test]
async fn line_11_login_outlives_its_request() {
    let pair = Pair::start().await;
    let browser = Browser::default();
    let page = login_page(&pair, &browser).await;
    let b = &pair.b.identity;
    let mut db = b.db.pool().acquire().await.expect("the database");
    identity::store::client::disable(&mut db, "tenant-login", true).await.expect("the database");
    drop(db);
    let shown = submit(&pair, &browser, &page, "alice@example.com", "mandate-demo").await;
    assert_eq!((shown.status, shown.text("/view").as_str()), (400, "error"), "{shown:?}");
    assert!(cookie_of(&shown, "mandate_broker_identity").is_some(), "{shown:?}");
    assert_eq!(browser.get(&pair.b.at("oidc/logout")).await.text("/view"), "log_out");
}
