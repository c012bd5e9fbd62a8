//! The person decides (THREATS.md lines 9, 30, 46, 49, 53, 55, 61).

use reqwest::Method;
use serde_json::json;

use crate::pair::{
    Pair,
    browser::{Browser, Shown},
    walk::Person,
};

/// The fields of the form on a request's page.
pub(crate) struct Form {
    pub(crate) url: String,
    pub(crate) csrf_token: String,
    pub(crate) shown: String,
}

impl Form {
    pub(crate) async fn open(pair: &Pair, person: &Person, txn: &str) -> Self {
        let url = pair.t.at(&format!("approvals/{txn}"));
        let page = person.browser.get(&url).await;
        assert_eq!(page.text("/view"), "approval", "{page:?}");
        Self { csrf_token: page.text("/csrf_token"), shown: page.text("/approval/shown"), url }
    }

    pub(crate) async fn post(&self, browser: &Browser, decision: &str) -> Shown {
        browser
            .post(&self.url, &[("csrf_token", &self.csrf_token), ("shown", &self.shown), ("decision", decision)])
            .await
    }
}

pub(crate) async fn state(pair: &Pair, person: &Person, txn: &str) -> String {
    person.browser.get(&pair.t.at(&format!("approvals/{txn}"))).await.text("/approval/state")
}

#[tokio::test]
async fn an_approval_is_shown_as_such_and_leads_back() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let requested = pair.ask(&alice).await;
    let inbox = alice.browser.get(&pair.t.at("approvals")).await.page;
    assert_eq!(inbox["waiting"][0]["id"], requested.txn.as_str());
    let shown = pair.decide(&alice, &requested.txn, "approve").await;
    assert_eq!(shown.status, 303);
    let shown = alice.browser.follow_on(shown).await;
    assert_eq!(shown.text("/approval/state"), "Approved");
    assert_eq!(shown.text("/notice"), "");
    assert!(!shown.text("/approval/back").is_empty());
    let inbox = alice.browser.get(&pair.t.at("approvals")).await.page;
    assert_eq!((&inbox["waiting"], &inbox["past"][0]["state"]), (&json!([]), &json!("Approved")));
}

#[tokio::test]
async fn line_30_second_decision_reports_the_first() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let requested = pair.ask(&alice).await;
    let (phone, laptop) =
        (Form::open(&pair, &alice, &requested.txn).await, Form::open(&pair, &alice, &requested.txn).await);
    assert_eq!(phone.post(&alice.browser, "deny").await.status, 303);
    for decision in ["approve", "deny"] {
        let shown = laptop.post(&alice.browser, decision).await;
        assert_eq!(shown.status, 409);
        assert!(shown.text("/notice").contains("was denied before"), "{shown:?}");
        assert_eq!(shown.text("/approval/state"), "Denied");
    }
    assert_eq!(pair.poll(&requested.auth_req_id).await.1["error"], "access_denied");
}

#[tokio::test]
async fn line_30_61_of_decisions_at_once_one_counts() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    for _ in 0..4 {
        let requested = pair.ask(&alice).await;
        let form = Form::open(&pair, &alice, &requested.txn).await;
        let decisions = ["approve", "deny", "approve", "deny", "approve", "deny", "approve", "deny"];
        let shown = futures::future::join_all(decisions.map(|decision| form.post(&alice.browser, decision))).await;
        let taken: Vec<_> = shown.iter().zip(decisions).filter(|(shown, _)| shown.status == 303).collect();
        let [(_, decision)] = taken.as_slice() else { panic!("{shown:?}") };
        let notice = shown.iter().filter(|shown| shown.status == 409 && !shown.text("/notice").is_empty()).count();
        assert_eq!(notice, 7, "{shown:?}");
        let (status, answer) = pair.poll(&requested.auth_req_id).await;
        match *decision {
            "approve" => assert_eq!(status, 200, "{answer}"),
            _ => assert_eq!(answer["error"], "access_denied"),
        }
        // One decision sends one ping.
        let id = requested.auth_req_id.clone();
        let pings = || pair.pings_of(&id);
        pair.until("a ping", || pings() > 0).await;
        assert_eq!(pings(), 1);
        pair.clock.advance(13_000);
    }
}

#[tokio::test]
async fn line_30_46_59_another_person_finds_and_decides_nothing() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let bob = pair.person("Bob").await;
    let requested = pair.ask(&alice).await;
    let url = pair.t.at(&format!("approvals/{}", requested.txn));
    let shown = bob.browser.get(&url).await;
    assert_eq!((shown.status, shown.text("/view").as_str()), (404, "error"));
    let nowhere = bob.browser.get(&pair.t.at("approvals/apr_nowhere")).await;
    assert_eq!((nowhere.status, nowhere.page), (404, shown.page));
    // With the page's digest, and with Bob's own CSRF token.
    let csrf_token = bob.browser.get(&pair.t.at("approvals/blocked")).await.text("/csrf_token");
    let of_alice = Form::open(&pair, &alice, &requested.txn).await;
    let form = Form { url, csrf_token, shown: of_alice.shown.clone() };
    for decision in ["approve", "deny", "block"] {
        assert_eq!(form.post(&bob.browser, decision).await.status, 404);
    }
    // Alice's CSRF token is invalid in Bob's session.
    assert_eq!(of_alice.post(&bob.browser, "approve").await.status, 403);
    assert_eq!(state(&pair, &alice, &requested.txn).await, "Waiting");
    assert_eq!(pair.bc_authorize(&pair.asking(&alice), None).await.0, 200, "Bob blocked nothing");
    let inbox = bob.browser.get(&pair.t.at("approvals")).await.page;
    assert_eq!((&inbox["waiting"], &inbox["past"]), (&json!([]), &json!([])));
    // Bob can't see Alice's decision, either.
    pair.decide(&alice, &requested.txn, "deny").await;
    let inbox = bob.browser.get(&pair.t.at("approvals")).await.page;
    assert_eq!((&inbox["waiting"], &inbox["past"]), (&json!([]), &json!([])));
}

#[tokio::test]
async fn line_30_after_expiry_nothing_is_decided() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let requested = pair.ask(&alice).await;
    let form = Form::open(&pair, &alice, &requested.txn).await;
    pair.clock.advance(300_000);
    let shown = form.post(&alice.browser, "approve").await;
    assert_eq!(shown.status, 409);
    assert!(shown.text("/notice").contains("expired"), "{shown:?}");
    assert_eq!(shown.text("/approval/state"), "Expired");
    assert_eq!(pair.poll(&requested.auth_req_id).await.1["error"], "expired_token");
}

#[tokio::test]
async fn line_53_reading_decides_nothing() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let requested = pair.ask(&alice).await;
    let form = Form::open(&pair, &alice, &requested.txn).await;
    let query = format!("?csrf_token={}&shown={}&decision=approve&action=approve", form.csrf_token, form.shown);
    for method in [Method::GET, Method::HEAD, Method::OPTIONS, Method::PUT, Method::PATCH, Method::DELETE] {
        let url = format!("{}{query}", form.url);
        alice.browser.send(method.clone(), &url, None, &[("purpose", "prefetch"), ("sec-purpose", "prefetch")]).await;
        assert_eq!(state(&pair, &alice, &requested.txn).await, "Waiting", "{method}");
    }
    // A post with its decision only in the query.
    let shown = alice.browser.post(&format!("{}{query}", form.url), &[]).await;
    assert_eq!(shown.status, 403);
    assert_eq!(state(&pair, &alice, &requested.txn).await, "Waiting");
}

#[tokio::test]
async fn line_9_decision_needs_origin_and_csrf_token() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let requested = pair.ask(&alice).await;
    let form = Form::open(&pair, &alice, &requested.txn).await;
    let own = pair.t.site.origin().to_owned();
    let other = pair.b.site.origin().to_owned();
    let body = [("csrf_token", &*form.csrf_token), ("shown", &*form.shown), ("decision", "approve")];
    for headers in [
        vec![],
        vec![("origin", "null")],
        vec![("origin", other.as_str())],
        vec![("origin", "http://evil.example")],
        vec![("origin", own.as_str()), ("sec-fetch-site", "same-site")],
        vec![("origin", own.as_str()), ("sec-fetch-site", "cross-site")],
    ] {
        let shown = alice.browser.send(Method::POST, &form.url, Some(&body), &headers).await;
        assert_eq!(shown.status, 403, "{headers:?}");
    }
    for (name, value) in [("csrf_token", ""), ("csrf_token", "x"), ("csrf_token", &form.csrf_token[1..])] {
        let mut body = body.to_vec();
        body.retain(|(known, _)| *known != name);
        body.push((name, value));
        assert_eq!(alice.browser.post(&form.url, &body).await.status, 403);
    }
    assert_eq!(alice.browser.post(&form.url, &body[1..]).await.status, 403, "no csrf_token at all");
    for decision in ["", "APPROVE", "yes"] {
        assert_eq!(form.post(&alice.browser, decision).await.status, 403, "{decision}");
    }
    // A CSRF token from the session before this login.
    pair.log_in_again(&alice, "Alice").await;
    assert_eq!(form.post(&alice.browser, "approve").await.status, 403);
    assert_eq!(state(&pair, &alice, &requested.txn).await, "Waiting");
}

#[tokio::test]
async fn line_49_no_token_decides() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (_, approval) = pair.approval_token(&alice).await;
    let account = pair.account_token(&alice).await;
    let (_, mcp) = pair.mcp_token(&alice, "trade:read trade:write").await;
    let (_, read) = pair.vault_as("agent", &alice.refresh_token, crate::pair::walk::REFRESH_TOKEN).await;
    let read = read["access_token"].as_str().expect("a token").to_owned();
    let requested = pair.ask(&alice).await;
    let form = Form::open(&pair, &alice, &requested.txn).await;
    let nobody = Browser::default();
    let origin = pair.t.site.origin().to_owned();
    for token in [&approval, &account, &mcp, &read, &alice.refresh_token, &requested.auth_req_id] {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str()), ("origin", origin.as_str())];
        for path in [form.url.clone(), pair.t.at("approvals/unblock")] {
            for decision in ["approve", "deny", "block"] {
                let body = [
                    ("csrf_token", &*form.csrf_token),
                    ("shown", &*form.shown),
                    ("decision", decision),
                    ("client", "agent"),
                ];
                let shown = nobody.send(Method::POST, &path, Some(&body), &headers).await;
                assert_eq!(shown.status, 401, "{path}: {shown:?}");
                let shown = nobody.send(Method::POST, &path, Some(&body), &headers[..1]).await;
                assert_eq!(shown.status, 401, "{path}: {shown:?}");
            }
        }
        let shown = nobody.send(Method::GET, &pair.t.at("approvals/events"), None, &headers).await;
        assert_eq!(shown.status, 401);
        // Without a session, the pages redirect to the login.
        let shown = nobody.send(Method::GET, &form.url, None, &headers).await;
        assert!(shown.location.is_some_and(|to| to.path() == "/u/login"), "the page");
    }
    assert_eq!(state(&pair, &alice, &requested.txn).await, "Waiting");
}

#[tokio::test]
async fn approval_page_leads_through_the_login() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let requested = pair.ask(&alice).await;
    let other = Browser::default();
    let url = pair.t.at(&format!("approvals/{}", requested.txn));
    let shown = other.follow(&url).await;
    let shown = pair.at_login(&other, shown, "Alice").await;
    assert_eq!(shown.url.as_str(), url);
    assert_eq!(shown.text("/approval/state"), "Waiting");
}

#[tokio::test]
async fn line_55_decision_counts_only_for_the_shown_request() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let one = pair.ask(&alice).await;
    let mut sale = pair.asking(&alice);
    sale.retain(|(name, _)| *name != "authorization_details");
    let details =
        r#"[{"type":"stock_order","symbol":"STARK","side":"SELL","quantity":7,"limit":"90.00","currency":"USD"}]"#;
    sale.push(("authorization_details", details.into()));
    let other = pair.ask_with(sale).await;
    let (of_one, of_other) = (Form::open(&pair, &alice, &one.txn).await, Form::open(&pair, &alice, &other.txn).await);
    // Approving needs the digest of this request's page, not another's.
    let digest = of_one.shown.split(' ').nth(1).expect("a digest");
    let shown = format!("{} {digest}", other.txn);
    let mixed = Form { url: of_other.url.clone(), csrf_token: of_one.csrf_token.clone(), shown };
    let shown = mixed.post(&alice.browser, "approve").await;
    assert_eq!(shown.status, 409);
    assert!(shown.text("/notice").contains("something else"), "{shown:?}");
    assert_eq!(shown.text("/approval/state"), "Waiting");
    // A page of one request doesn't decide another.
    let elsewhere = Form { url: of_other.url, csrf_token: of_one.csrf_token.clone(), shown: of_one.shown.clone() };
    assert_eq!(elsewhere.post(&alice.browser, "approve").await.status, 403);
    assert_eq!(state(&pair, &alice, &one.txn).await, "Waiting");
    assert_eq!(of_one.post(&alice.browser, "approve").await.status, 303);
    assert_eq!(state(&pair, &alice, &one.txn).await, "Approved");
    assert_eq!(state(&pair, &alice, &other.txn).await, "Waiting");
}

#[tokio::test]
async fn line_55_withdrawn_request_is_refused_and_says_so() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let requested = pair.ask(&alice).await;
    let form = Form::open(&pair, &alice, &requested.txn).await;
    // Another client can't withdraw it.
    assert_eq!(pair.withdraw("other", &requested.auth_req_id).await.1["state"], serde_json::Value::Null);
    assert_eq!(state(&pair, &alice, &requested.txn).await, "Waiting");
    let (status, answer) = pair.withdraw("agent", &requested.auth_req_id).await;
    assert_eq!((status, &answer["state"]), (200, &json!("withdrawn")), "{answer}");
    assert_eq!(pair.withdraw("agent", &requested.auth_req_id).await.1["state"], "withdrawn");
    let shown = form.post(&alice.browser, "approve").await;
    assert_eq!(shown.status, 409);
    assert!(shown.text("/notice").contains("withdrawn"), "{shown:?}");
    assert_eq!(shown.text("/approval/state"), "Withdrawn");
    let (_, answer) = pair.poll(&requested.auth_req_id).await;
    assert_eq!(answer["error"], "access_denied");
    assert!(answer["error_description"].as_str().is_some_and(|text| text.starts_with("withdrawn")), "{answer}");

    // The first decision stays.
    for (decision, state) in [("approve", "approved"), ("deny", "denied")] {
        let requested = pair.ask(&alice).await;
        pair.decide(&alice, &requested.txn, decision).await;
        assert_eq!(pair.withdraw("agent", &requested.auth_req_id).await.1["state"], state);
    }
    let requested = pair.ask(&alice).await;
    pair.clock.advance(300_001);
    assert_eq!(pair.withdraw("agent", &requested.auth_req_id).await.1["state"], "expired");
}

#[tokio::test]
async fn line_61_a_decision_and_a_withdrawal_at_once_are_one() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    for _ in 0..4 {
        let requested = pair.ask(&alice).await;
        let form = Form::open(&pair, &alice, &requested.txn).await;
        let (shown, (_, withdrawn)) =
            tokio::join!(form.post(&alice.browser, "approve"), pair.withdraw("agent", &requested.auth_req_id));
        match shown.status {
            303 => assert_eq!(withdrawn["state"], "approved"),
            _ => assert_eq!((shown.status, &withdrawn["state"]), (409, &json!("withdrawn"))),
        }
        pair.clock.advance(13_000);
    }
}

#[tokio::test]
async fn inbox_stream_ends_with_the_session() {
    use futures::StreamExt;
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let stream = alice.browser.stream(&pair.t.at("approvals/events")).await;
    assert_eq!(stream.status().as_u16(), 200);
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let mut events = Box::pin(stream.bytes_stream());
    let mut next = async || {
        let chunk = tokio::time::timeout(std::time::Duration::from_secs(60), events.next()).await;
        chunk
            .expect("the stream goes on or ends")
            .map(|chunk| String::from_utf8(chunk.expect("bytes").to_vec()).expect("text"))
    };
    let requested = pair.ask(&alice).await;
    assert!(next().await.is_some_and(|event| event.contains("event: changed")));
    pair.decide(&alice, &requested.txn, "deny").await;
    assert!(next().await.is_some_and(|event| event.contains("event: changed")));
    // Expiry is a change too, although nobody acts.
    pair.clock.advance(13_000);
    pair.ask(&alice).await;
    assert!(next().await.is_some_and(|event| event.contains("event: changed")));
    pair.clock.advance(300_000);
    assert!(next().await.is_some_and(|event| event.contains("event: changed")));
    pair.t_stops_work();
    assert_eq!(next().await, None, "it ends when the program stops");
}
