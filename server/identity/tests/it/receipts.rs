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
    pair::{
        Change, Pair,
        config::{ROOMS, with_apis},
        listen,
        walk::{Person, Requested, claims},
    },
};

const AUDIENCE: &str = "https://rooms.example";
const BOOKING: &str = r#"[{"type":"room_booking","room":"blue","day":"2026-12-04"}]"#;

/// What the API answers, and the tokens it was asked with.
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
    tokio::spawn(async move {
        let _ = axum::serve(listener, routes).await;
    });
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

async fn approved(pair: &Pair, person: &Person) -> Requested {
    let mut params = pair.asking(person);
    params.retain(|(name, _)| !["audience", "authorization_details"].contains(name));
    params.extend([("audience", AUDIENCE.to_owned()), ("authorization_details", BOOKING.to_owned())]);
    let requested = pair.ask_with(params).await;
    pair.decide(person, &requested.txn, "approve").await;
    requested
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
    // Before its client has a token, nothing can have come of it, and the API isn't asked.
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

    // The token is that approval's, for a minute, and nothing can be done with it: it has no details.
    let (txn, bearer) = rooms.asked.lock().expect("a lock").last().cloned().expect("it was asked");
    assert_eq!(txn, requested.txn);
    let token = claims(&bearer);
    assert_eq!((&token["aud"], &token["sub"], &token["txn"]), (&json!(AUDIENCE), &json!(alice.id), &json!(txn)));
    assert_eq!((&token["scope"], &token["authorization_details"]), (&json!("openid rooms:book"), &Value::Null));
    assert!(token["exp"].as_i64().zip(token["iat"].as_i64()).is_some_and(|(exp, iat)| exp - iat <= 60), "{token}");
    assert_eq!(introspected(&pair, "rooms", &bearer).await["active"], true);
    assert_eq!(introspected(&pair, "library", &bearer).await["active"], false);

    // Anything but one record of that approval isn't shown.
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
