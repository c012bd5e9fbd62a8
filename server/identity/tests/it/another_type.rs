//! A type that no code names: its request is read, shown, signed and receipted as the file says.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::get,
};
use serde_json::{Value, json};

use crate::pair::{
    Change, Pair,
    config::{change_types, types_in},
    listen, serve,
    walk::{ACCESS_TOKEN, Person, claims},
};

pub(crate) const TYPES: &str = r#"
[[api]]
id = "bookings"
audience = "https://rooms.example/"
url = "https://rooms.example/"
scopes = { "trade:write" = "Book rooms" }

[[api.type]]
name = "room_booking"
scope = "trade:write"
title = "{room}, {from} to {to}"
noun = "booking"
undone = "Nothing was booked."
same = ["room", "from"]
amount = { member = "price", currency = "currency" }
facts = { url = "https://rooms.example/rooms/{room}", show = { "Floor" = "/floor" } }
receipt = { url = "https://rooms.example/bookings/{approval}", title = "Booked under {number}: {room}" }

[[api.type.member]]
name = "room"
kind = "text"
length = [1, 60]
label = "Room"

[[api.type.member]]
name = "from"
kind = "date"
label = "From"

[[api.type.member]]
name = "to"
kind = "date"
label = "To"
after = "from"

[[api.type.member]]
name = "price"
kind = "decimal"
places = 2
range = ["0.00", "99999.99"]
label = "Price"
unit = "{currency}"

[[api.type.member]]
name = "currency"
kind = "choice"
words = { EUR = "Euro", USD = "US dollars" }
label = "Currency"
"#;

const BOOKING: &str = r#"[{"room":"Blue room","type":"room_booking","from":"2026-12-04","to":"2026-12-06","price":"1290.00","currency":"EUR"}]"#;
const CANONICAL: &str = r#"{"currency":"EUR","from":"2026-12-04","price":"1290.00","room":"Blue room","to":"2026-12-06","type":"room_booking"}"#;

/// Another company's API.
#[derive(Clone, Default)]
struct Api {
    /// Its answer to every request.
    says: Arc<Mutex<Value>>,
    /// The paths that were asked for.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Api {
    async fn serve(&self) -> String {
        async fn answer(State(api): State<Api>, Path(path): Path<String>) -> Json<Value> {
            api.asked.lock().unwrap().push(path);
            Json(api.says.lock().unwrap().clone())
        }
        let (listener, site) = listen("rooms").await;
        let routes = Router::new().route("/{*path}", get(answer)).with_state(self.clone());
        serve(listener, routes);
        site.at("")
    }

    fn says(&self, answer: Value) {
        *self.says.lock().unwrap() = answer;
    }
}

/// T and B, which both know the type beside their own; and Alice with her account.
async fn start(api: &Api) -> (Pair, Person) {
    let text = TYPES.replace("https://rooms.example/", &api.serve().await);
    let types = types_in(&text);
    let at_b = types.clone();
    let change = Change {
        t: Some(Box::new(move |config| change_types(config, |known| known.extend(types)))),
        b: Some(Box::new(move |config| config.apis[0].types.extend(at_b))),
    };
    let pair = Pair::with(change).await;
    let alice = pair.connected("Alice").await;
    (pair, alice)
}

fn asking(pair: &Pair, alice: &Person, details: &str) -> Vec<(&'static str, String)> {
    let mut asking = pair.asking(alice);
    asking.retain(|(name, _)| *name != "authorization_details");
    asking.push(("authorization_details", details.to_owned()));
    asking
}

#[tokio::test]
async fn type_from_the_file_is_shown_signed_and_notified() {
    let api = Api::default();
    api.says(json!({ "floor": "2nd" }));
    let (pair, alice) = start(&api).await;
    let requested = pair.ask_with(asking(&pair, &alice, BOOKING)).await;

    let page = async |path: &str| alice.browser.get(&pair.t.at(path)).await.page;
    let one = format!("approvals/{}", requested.txn);
    let shown = page(&one).await["approval"].clone();
    assert_eq!(shown["title"], "Blue room, Fri 4 Dec 2026 to Sun 6 Dec 2026");
    assert_eq!(shown["noun"], "booking");
    let rows = json!([
        ["Room", "Blue room"],
        ["From", "Fri 4 Dec 2026"],
        ["To", "Sun 6 Dec 2026"],
        ["Price", "1,290.00 EUR"],
        ["Currency", "Euro"],
        ["Floor", "2nd"],
    ]);
    assert_eq!(shown["rows"], rows);
    assert_eq!(shown["from_api"], json!(["Floor"]));
    assert_eq!(*api.asked.lock().unwrap(), ["rooms/Blue room"]);
    let inbox = page("approvals").await;
    assert_eq!(inbox["waiting"][0]["title"], shown["title"]);
    assert_eq!(inbox["waiting"][0]["bound"], "1,290.00 EUR");

    pair.decide(&alice, &requested.txn, "approve").await;
    let (status, tokens) = pair.poll(&requested.auth_req_id).await;
    assert_eq!(status, 200, "{tokens}");
    let approved = tokens["access_token"].as_str().unwrap();
    let canonical: Value = serde_json::from_str(CANONICAL).unwrap();
    assert_eq!(claims(approved)["authorization_details"], json!([canonical]));
    let (status, answer) = pair.vault_as("agent", approved, ACCESS_TOKEN).await;
    assert_eq!(status, 200, "{answer}");
    let token = answer["access_token"].as_str().unwrap();
    assert_eq!(claims(token)["authorization_details"], json!([canonical]), "the provider read it by its own types");
    assert_eq!(claims(token)["scope"], "trade:write");
    let audited: Vec<String> = sqlx::query_scalar("SELECT detail FROM audit WHERE event = 'order_token_issued'")
        .fetch_all(pair.b.identity.db.pool())
        .await
        .unwrap();
    assert!(audited.iter().any(|detail| detail.contains("Blue room")), "{audited:?}");

    // The receipt is the API's one record of this approval, on the page and in the inbox.
    api.says(json!({ "approval": "apr_another", "number": "R-7" }));
    assert_eq!(page(&one).await["approval"]["receipt"], "on its way");
    api.says(json!({ "approval": requested.txn, "number": "R-7" }));
    let receipt = json!({ "says": "Booked under R-7: Blue room", "short": null, "page": null });
    assert_eq!(page(&one).await["approval"]["receipt"], receipt);
    assert_eq!(page("approvals").await["past"][0]["receipt"], receipt);
}

#[tokio::test]
async fn line_31_33_type_from_the_file_is_read_strictly() {
    let api = Api::default();
    let (pair, alice) = start(&api).await;
    for (from, to) in [
        ("1290.00", "1290.0"),
        ("Blue room", "Bluе room"),
        ("2026-12-06", "2026-12-03"),
        ("\"EUR\"", "\"EUR\",\"currency\":\"USD\""),
        ("\"EUR\"", "\"EUR\",\"floor\":\"2nd\""),
        ("room_booking", "room_bookings"),
    ] {
        assert!(BOOKING.contains(from), "{from}");
        let (status, answer) = pair.bc_authorize(&asking(&pair, &alice, &BOOKING.replace(from, to)), None).await;
        let refused = (status, answer["error"].as_str());
        assert_eq!(refused, (400, Some("invalid_authorization_details")), "{to}: {answer}");
    }
}

/// The provider reads the details by its own types: a type that only Mandate identity knows gets no token.
#[tokio::test]
async fn line_33_type_that_the_provider_does_not_know_gets_no_token() {
    let api = Api::default();
    let text = TYPES.replace("https://rooms.example/", &api.serve().await);
    let types = types_in(&text);
    let t: crate::pair::Settings = Box::new(move |config| change_types(config, |known| known.extend(types)));
    let pair = Pair::with(Change { t: Some(t), ..Change::default() }).await;
    let alice = pair.connected("Alice").await;
    let requested = pair.ask_with(asking(&pair, &alice, BOOKING)).await;
    pair.decide(&alice, &requested.txn, "approve").await;
    let (_, tokens) = pair.poll(&requested.auth_req_id).await;
    let (status, answer) = pair.vault_as("agent", tokens["access_token"].as_str().unwrap(), ACCESS_TOKEN).await;
    assert_ne!(status, StatusCode::OK.as_u16(), "{answer}");
    assert!(answer["access_token"].is_null());
}
