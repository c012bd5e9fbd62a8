//! Five more minutes to decide, once (PROTOCOL.md, step 4; THREATS.md line 55).

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    decision::{Form, state},
    pair::{
        Pair,
        walk::{Person, Requested},
    },
};

async fn is_offered(pair: &Pair, person: &Person, requested: &Requested) -> Value {
    let page = person.browser.get(&pair.t.at(&format!("approvals/{}", requested.txn))).await;
    page.page["approval"]["more_time"].clone()
}

#[tokio::test]
async fn line_55_more_time_once_moves_the_clients_end() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (_, answer) = pair.bc_authorize(&pair.asking(&alice), None).await;
    assert_eq!((&answer["expires_in"], &answer["extendable_by"]), (&json!(300), &json!(300)));
    let requested = Requested {
        auth_req_id: answer["auth_req_id"].as_str().unwrap().to_owned(),
        txn: answer["txn"].as_str().unwrap().to_owned(),
    };
    pair.clock.advance(280_000);
    let left = async || {
        let (_, answer) = pair.poll(&requested.auth_req_id).await;
        assert_eq!(answer["error"], "authorization_pending", "{answer}");
        answer["expires_in"].as_i64().unwrap()
    };
    assert!((1..=20).contains(&left().await));
    let form = Form::open(&pair, &alice, &requested.txn).await;
    assert_eq!(is_offered(&pair, &alice, &requested).await, true);
    // Of several concurrent forms, one counts.
    let shown = futures::future::join_all(["later"; 4].map(|later| form.post(&alice.browser, later))).await;
    assert_eq!(shown.iter().filter(|shown| shown.status == 303).count(), 1, "{shown:?}");
    let refused = shown.iter().find(|shown| shown.status == 409).unwrap();
    assert_eq!(refused.text("/notice"), "No time was added: this request has more time already.");
    assert_eq!(is_offered(&pair, &alice, &requested).await, false);
    let pings = || pair.pings_of(&requested.auth_req_id);
    pair.until("a ping", || pings() == 1).await;
    // The client polls at once, although it has just polled.
    assert!((301..=320).contains(&left().await));
    // Nothing was decided, and the old end has passed.
    pair.clock.advance(100_000);
    assert_eq!(state(&pair, &alice, &requested.txn).await, "Waiting");
    assert_eq!(pair.decide(&alice, &requested.txn, "approve").await.status, 303);
    assert_eq!(pair.poll(&requested.auth_req_id).await.0, 200);
}

#[tokio::test]
async fn line_55_more_time_ends_too() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let requested = pair.ask(&alice).await;
    let form = Form::open(&pair, &alice, &requested.txn).await;
    assert_eq!(form.post(&alice.browser, "later").await.status, 303);
    pair.clock.advance(601_000);
    assert_eq!(state(&pair, &alice, &requested.txn).await, "Expired");
    assert_eq!(form.post(&alice.browser, "approve").await.status, 409);
    assert_eq!(pair.poll(&requested.auth_req_id).await.1["error"], "expired_token");
}

/// Refuses more time for a request that expired, was decided, was shown with other details, or is another person's, and
/// to a form without the CSRF token or from another site.
#[tokio::test]
async fn line_55_more_time_is_for_what_waits_and_its_person() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let bob = pair.person("Bob").await;
    let requested = pair.ask(&alice).await;
    let form = Form::open(&pair, &alice, &requested.txn).await;
    let other = Form { shown: format!("{} {}", requested.txn, "0".repeat(64)), url: form.url.clone(), ..form };
    assert_eq!(other.post(&alice.browser, "later").await.status, 409);
    let form = Form::open(&pair, &alice, &requested.txn).await;
    let csrf_token = bob.browser.get(&pair.t.at("approvals/blocked")).await.text("/csrf_token");
    let of_bob = Form { url: form.url.clone(), csrf_token: csrf_token.clone(), shown: form.shown.clone() };
    assert_eq!(of_bob.post(&bob.browser, "later").await.status, 404);
    let forged = Form { url: form.url.clone(), csrf_token, shown: form.shown.clone() };
    assert_eq!(forged.post(&alice.browser, "later").await.status, 403);
    let fields = [("csrf_token", form.csrf_token.as_str()), ("shown", &form.shown), ("decision", "later")];
    let elsewhere = [("origin", "https://evil.example")];
    let refused = alice.browser.send(Method::POST, &form.url, Some(&fields), &elsewhere).await;
    assert_eq!(refused.status, 403);
    assert_eq!(is_offered(&pair, &alice, &requested).await, true, "none of them counted");
    pair.clock.advance(301_000);
    let late = form.post(&alice.browser, "later").await;
    assert_eq!((late.status, late.text("/notice").as_str()), (409, "No time was added: this request has expired."));
    let decided = pair.ask(&alice).await;
    let form = Form::open(&pair, &alice, &decided.txn).await;
    pair.decide(&alice, &decided.txn, "deny").await;
    assert_eq!(form.post(&alice.browser, "later").await.status, 409);
    assert_eq!(pair.poll(&decided.auth_req_id).await.1["error"], "access_denied");
}

#[tokio::test]
async fn no_more_time_without_a_ping_or_past_the_longest() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let mut quiet = pair.asking(&alice);
    quiet.retain(|(name, _)| *name != "client_notification_token");
    let mut long = pair.asking(&alice);
    long.push(("requested_expiry", "259000".into()));
    for params in [quiet, long] {
        let (status, answer) = pair.bc_authorize(&params, None).await;
        assert_eq!((status, &answer["extendable_by"]), (200, &Value::Null));
        let requested = Requested { auth_req_id: String::new(), txn: answer["txn"].as_str().unwrap().to_owned() };
        assert_eq!(is_offered(&pair, &alice, &requested).await, false);
        let form = Form::open(&pair, &alice, &requested.txn).await;
        assert_eq!(form.post(&alice.browser, "later").await.status, 409);
    }
}
