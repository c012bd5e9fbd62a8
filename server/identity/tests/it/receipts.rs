//! Receipts of an API of this service on the approval page, read with a token of that approval (THREATS.md lines 20 and
//! 54).

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::{Query, State},
    http::HeaderMap,
    routing::get,
};
use details::Apis;
use identity::config::Config;
use serde_json::{Value, json};

use crate::{
    apis::introspected,
    asking::Asking,
    pair::{
        Change, Pair,
        config::{ROOMS, with_apis},
        listen, secret_of, serve,
        walk::{Person, Requested, claims},
    },
};

const AUDIENCE: &str = "https://rooms.example";
const BOOKING: &str = r#"[{"type":"room_booking","room":"blue","day":"2026-12-04"}]"#;

/// The API's answer, and the tokens of the requests it received.
#[derive(Clone, Default)]
struct Rooms {
    answer: Arc<Mutex<Value>>,
    asked: Arc<Mutex<Vec<(String, String)>>>,
}

#[derive(serde::Deserialize)]
struct Asked {
    txn: String,
}

async fn bookings(State(rooms): State<Rooms>, Query(asked): Query<Asked>, headers: HeaderMap) -> Json<Value> {
    let bearer = headers.get("authorization").and_then(|it| it.to_str().ok()).unwrap_or_default();
    let bearer = bearer.trim_start_matches("Bearer ").to_owned();
    rooms.asked.lock().expect("a lock").push((asked.txn, bearer));
    Json(rooms.answer.lock().expect("a lock").clone())
}

/// The pair, with an API of T whose type has a receipt.
async fn start() -> (Pair, Rooms) {
    let rooms = Rooms::default();
    let (listener, site) = listen("rooms").await;
    let routes = Router::new().route("/bookings", get(bookings)).with_state(rooms.clone());
    serve(listener, routes);
    let receipt = format!(
        "title = \"{{room}} on {{day}}\"\nreceipt = {{ url = \"{}?txn={{approval}}\", title = \"{{status}}: {{room}}\" }}\n",
        site.at("bookings")
    );
    let text = ROOMS.replace("title = \"{room} on {day}\"\n", &receipt);
    let text = text.replace("url = \"https://rooms.example\"", &format!("url = \"{}\"", site.origin()));
    let types = Apis::parse(&text).expect("types").of_audience(AUDIENCE).expect("an API").types.clone();
    let change = move |config: &mut Config| {
        with_apis(config);
        config.apis.iter_mut().filter(|api| api.id == "rooms").for_each(|api| api.types = types.clone());
    };
    (Pair::with(Change { t: Some(Box::new(change)), ..Change::default() }).await, rooms)
}

fn asking(pair: &Pair, person: &Person) -> Vec<(&'static str, String)> {
    let mut params = pair.asking(person);
    params.retain(|(name, _)| !["audience", "authorization_details"].contains(name));
    params.extend([("audience", AUDIENCE.to_owned()), ("authorization_details", BOOKING.to_owned())]);
    params
}

async fn approved(pair: &Pair, person: &Person) -> Requested {
    let requested = pair.ask_with(asking(pair, person)).await;
    pair.decide(person, &requested.txn, "approve").await;
    requested
}

/// The token of an approval, which its client redeems.
async fn redeemed(pair: &Pair, client: &str, requested: &Requested) -> String {
    let (status, answer) = pair.poll_as(client, &requested.auth_req_id).await;
    assert_eq!(status, 200, "{answer}");
    answer["access_token"].as_str().expect("a token").to_owned()
}

fn record(txn: &str) -> Value {
    json!({ "approval": txn, "status": "Booked" })
}

#[tokio::test]
async fn line_20_54_receipt_of_an_api_is_shown_where_it_was_approved() {
    let (pair, rooms) = start().await;
    let alice = pair.person("Alice").await;
    let requested = approved(&pair, &alice).await;
    let url = pair.t.at(&format!("approvals/{}", requested.txn));
    let receipt = async || alice.browser.get(&url).await.page.pointer("/approval/receipt").cloned();
    // Before the client has a token, there can't be an outcome, and the API isn't asked.
    assert_eq!(receipt().await, Some(Value::Null));
    assert_eq!(rooms.asked.lock().expect("a lock").len(), 0);
    assert_eq!(pair.poll(&requested.auth_req_id).await.0, 200);
    *rooms.answer.lock().expect("a lock") = json!([]);
    assert_eq!(receipt().await, Some(json!("on its way")));
    *rooms.answer.lock().expect("a lock") = json!([record(&requested.txn)]);
    let came = json!({ "says": "Booked: blue", "short": null, "page": null });
    assert_eq!(receipt().await, Some(came.clone()));
    let inbox = alice.browser.get(&pair.t.at("approvals")).await;
    assert_eq!(inbox.page.pointer("/past/0/receipt"), Some(&came));

    // The token is that approval's, valid for a minute, and can only read, because it has no details.
    let (txn, bearer) = rooms.asked.lock().expect("a lock").last().cloned().expect("it was asked");
    assert_eq!(txn, requested.txn);
    let token = claims(&bearer);
    assert_eq!((&token["aud"], &token["sub"], &token["txn"]), (&json!(AUDIENCE), &json!(alice.id), &json!(txn)));
    assert_eq!((&token["scope"], &token["authorization_details"]), (&json!("openid rooms:book"), &Value::Null));
    assert!(token["exp"].as_i64().zip(token["iat"].as_i64()).is_some_and(|(exp, iat)| exp - iat <= 60), "{token}");
    assert_eq!(introspected(&pair, "rooms", &bearer).await["active"], true);
    assert_eq!(introspected(&pair, "library", &bearer).await["active"], false);

    // Shows nothing unless the answer is one record of that approval.
    pair.clock.advance(40_000);
    for answer in [
        json!([]),
        json!([record("apr_other")]),
        json!([record(&requested.txn), record(&requested.txn)]),
        json!([record(&requested.txn), record("apr_other")]),
        json!({ "status": "Booked" }),
    ] {
        *rooms.answer.lock().expect("a lock") = answer.clone();
        assert_eq!(receipt().await, Some(Value::Null), "{answer}");
    }
}

/// The state and receipt of a request on its page.
async fn shown(pair: &Pair, person: &Person, requested: &Requested) -> (String, Value) {
    let page = person.browser.get(&pair.t.at(&format!("approvals/{}", requested.txn))).await;
    let receipt = page.page.pointer("/approval/receipt").cloned();
    (page.text("/approval/state"), receipt.expect("a receipt"))
}

#[tokio::test]
async fn page_says_that_the_api_received_the_approval() {
    let (pair, rooms) = start().await;
    let alice = pair.person("Alice").await;
    let requested = approved(&pair, &alice).await;
    let mut stream = alice.browser.stream(&pair.t.at("approvals/events")).await;
    let mut changed = async || {
        let chunk = stream.chunk().await.expect("the stream");
        let text = String::from_utf8(chunk.expect("an event").to_vec()).expect("UTF-8");
        assert!(text.contains("event: changed"), "{text}");
    };
    *rooms.answer.lock().expect("a lock") = json!([record(&requested.txn)]);
    let came = json!({ "says": "Booked: blue", "short": null, "page": null });
    let token = redeemed(&pair, "agent", &requested).await;
    changed().await;
    // The client has the token, but the API hasn't received it, even after introspection by the client or with the
    // page's own token.
    assert_eq!(pair.introspect("agent", &token).await["active"], true);
    assert_eq!(shown(&pair, &alice, &requested).await, ("Approved".into(), came.clone()));
    let (_, to_read) = rooms.asked.lock().expect("a lock").last().cloned().expect("it was asked");
    assert_eq!(introspected(&pair, "rooms", &to_read).await["active"], true);
    assert_eq!(introspected(&pair, "library", &token).await["active"], false);
    assert_eq!(shown(&pair, &alice, &requested).await.0, "Approved");
    assert_eq!(introspected(&pair, "rooms", &token).await["active"], true);
    changed().await;
    assert_eq!(shown(&pair, &alice, &requested).await, ("Used".into(), came.clone()));

    // The API keeps its own record of uses, so a use doesn't shorten the time in which its client may fetch a token.
    pair.clock.advance(400_000);
    redeemed(&pair, "agent", &requested).await;

    // After she revoked the approval, its receipt can still be read, but the approval has ended.
    let apps = pair.t.identity.db.pool();
    let whose = identity::store::approval::Whose { person: &alice.id, ..Default::default() };
    identity::store::approval::end_all(apps, whose, pair.clock.now()).await.expect("the database");
    assert_eq!(shown(&pair, &alice, &requested).await, ("Ended".into(), came));
    let (_, to_read) = rooms.asked.lock().expect("a lock").last().cloned().expect("it was asked");
    assert_eq!(introspected(&pair, "rooms", &to_read).await["active"], true);
    assert_eq!(introspected(&pair, "rooms", &token).await["active"], false);
}

/// For a caller at `/mcp`, the receipt is read with the scopes that the person granted that caller.
#[tokio::test]
async fn line_20_54_receipt_at_mcp_is_read_with_the_callers_grant() {
    let (pair, rooms) = start().await;
    let alice = pair.person("Alice").await;
    let chat = Asking::agent(&pair).with("scope", "rooms:read").with("audience", AUDIENCE);
    pair.tokens(&alice.browser, &chat).await;
    *rooms.answer.lock().expect("a lock") = json!([]);
    for (granted, expected) in [
        ("rooms:book rooms:read portfolio:read", "openid rooms:book rooms:read"),
        ("rooms:book portfolio:read", "openid rooms:book"),
    ] {
        let (_, caller) = pair.mcp_token(&alice, granted).await;
        let mut params = asking(&pair, &alice);
        params.retain(|(name, _)| !name.starts_with("client_"));
        params.extend([
            ("client_id", "agent-mcp".to_owned()),
            ("client_secret", secret_of("agent-mcp").to_string()),
            ("on_behalf_of_token", caller),
        ]);
        let requested = pair.ask_with(params).await;
        pair.decide(&alice, &requested.txn, "approve").await;
        let token = redeemed(&pair, "agent-mcp", &requested).await;
        assert_eq!(introspected(&pair, "rooms", &token).await["active"], true);
        *rooms.answer.lock().expect("a lock") = json!([record(&requested.txn)]);
        let came = json!({ "says": "Booked: blue", "short": null, "page": null });
        assert_eq!(shown(&pair, &alice, &requested).await, ("Used".into(), came));
        let (_, bearer) = rooms.asked.lock().expect("a lock").last().cloned().expect("it was asked");
        assert_eq!(claims(&bearer)["scope"], expected);
    }
}
