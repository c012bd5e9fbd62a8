//! What a request's page shows beside the details: facts from the account's API, and other requests for the same thing.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use identity::config::{Facts, Receipts, Template};
use serde_json::{Value, json};

use crate::pair::{
    Change, Pair, listen,
    walk::{ORDER, Person},
};

/// An API whose answers a test sets.
#[derive(Clone, Default)]
struct Api {
    says: Arc<Mutex<Says>>,
    /// The requested paths.
    asked: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone, Default)]
enum Says {
    #[default]
    Nothing,
    This(Value),
    Elsewhere,
    Refused,
    TooMuch,
}

impl Api {
    async fn serve(&self) -> String {
        let (listener, site) = listen("api").await;
        let routes = Router::new().route("/{*path}", get(answer)).with_state(self.clone());
        tokio::spawn(async move {
            let _ = axum::serve(listener, routes).await;
        });
        site.at("")
    }

    fn say(&self, says: Says) {
        *self.says.lock().unwrap() = says;
    }
}

async fn answer(State(api): State<Api>, Path(path): Path<String>) -> Response {
    api.asked.lock().unwrap().push(path);
    let says = api.says.lock().unwrap().clone();
    match says {
        Says::Nothing => std::future::pending().await,
        Says::This(value) => Json(value).into_response(),
        Says::Elsewhere => Redirect::temporary("/elsewhere").into_response(),
        Says::Refused => StatusCode::NOT_FOUND.into_response(),
        Says::TooMuch => Json(json!({ "name": "x".repeat(2 << 20) })).into_response(),
    }
}

/// T with the API's facts and receipts in its connection, and Alice with her account.
async fn start(api: &Api) -> (Pair, Person) {
    let address = api.serve().await;
    let change = Change {
        t: Some(Box::new(move |config| {
            let connection = &mut config.connections[0];
            connection.facts = vec![Facts {
                kind: "stock_order".into(),
                url: Template::parse(&format!("{address}stocks/{{symbol}}")).unwrap(),
                show: vec![("Company".into(), "/name".into()), ("Price now".into(), "/price".into())],
            }];
            let page = format!("{address}page");
            connection.receipts = Some(Receipts { orders: format!("{address}orders"), page });
        })),
        ..Change::default()
    };
    let pair = Pair::with(change).await;
    let alice = pair.connected("Alice").await;
    (pair, alice)
}

async fn page(pair: &Pair, person: &Person, txn: &str) -> Value {
    person.browser.get(&pair.t.at(&format!("approvals/{txn}"))).await.page["approval"].clone()
}

#[tokio::test]
async fn facts_come_from_the_api_or_are_left_out() {
    let api = Api::default();
    let (pair, alice) = start(&api).await;
    let requested = pair.ask(&alice).await;
    api.say(Says::This(json!({ "name": "Wayne\n\u{202e}Enterprises", "price": "103.42", "more": [1] })));
    let said = page(&pair, &alice, &requested.txn).await["said"].clone();
    let facts = json!([["Company", "Wayne Enterprises"], ["Price now", "103.42"]]);
    assert_eq!(said, json!({ "by": "StockTrade", "facts": facts }));
    assert_eq!(*api.asked.lock().unwrap(), ["stocks/WAYNE"]);
    // Nobody approves the facts.
    let digest = page(&pair, &alice, &requested.txn).await["digest"].clone();
    for says in [Says::Nothing, Says::Elsewhere, Says::Refused, Says::TooMuch] {
        api.asked.lock().unwrap().clear();
        api.say(says);
        let shown = page(&pair, &alice, &requested.txn).await;
        assert_eq!(shown["said"], json!({ "by": "StockTrade", "facts": null }));
        assert_eq!(shown["digest"], digest);
        assert_eq!(*api.asked.lock().unwrap(), ["stocks/WAYNE"], "no redirect is followed");
    }
    // The page omits what is neither text nor number.
    api.say(Says::This(json!({ "name": ["x"], "price": { "now": 1 } })));
    assert_eq!(page(&pair, &alice, &requested.txn).await["said"]["facts"], json!([]));
    // A decided request needs no price.
    pair.decide(&alice, &requested.txn, "deny").await;
    assert_eq!(page(&pair, &alice, &requested.txn).await["said"], "not asked");
}

#[tokio::test]
async fn the_same_order_again_is_named() {
    let api = Api::default();
    api.say(Says::Refused);
    let (pair, alice) = start(&api).await;
    let same = async |txn: &str| page(&pair, &alice, txn).await["same"].clone();
    let first = pair.ask(&alice).await;
    assert_eq!(same(&first.txn).await, json!([]));
    let with = |order: String, code: &str| {
        let mut asking = pair.asking(&alice);
        asking.retain(|(name, _)| !matches!(*name, "authorization_details" | "binding_message"));
        asking.extend([("authorization_details", order), ("binding_message", code.to_owned())]);
        asking
    };
    // Another limit is the same order; another quantity is a different one.
    let second = pair.ask_with(with(ORDER.replace("105.49", "105.55"), "M6 MJ")).await;
    let other = pair.ask_with(with(ORDER.replace(":5,", ":6,"), "AB CD")).await;
    assert_eq!(same(&first.txn).await, json!(["Waits(\"M6 MJ\")"]));
    assert_eq!(same(&other.txn).await, json!([]));
    let at = pair.clock.now();
    pair.decide(&alice, &first.txn, "approve").await;
    pair.clock.advance(21_000);
    let named = same(&second.txn).await;
    assert!(named[0].as_str().is_some_and(|named| named.starts_with("Approved(")), "{named} after {at}");
    // It doesn't name denied requests.
    let third = pair.ask_with(with(ORDER.replace(":5,", ":6,"), "EF GH")).await;
    pair.decide(&alice, &other.txn, "deny").await;
    assert_eq!(same(&third.txn).await, json!([]));
}

#[tokio::test]
async fn past_shows_what_was_paid() {
    let api = Api::default();
    api.say(Says::Refused);
    let (pair, alice) = start(&api).await;
    let (requested, token) = pair.approval_token(&alice).await;
    let (status, answer) = pair.vault_as("agent", &token, "urn:ietf:params:oauth:token-type:access_token").await;
    assert_eq!(status, 200, "{answer}");
    let past = async || alice.browser.get(&pair.t.at("approvals")).await.page["past"][0]["receipt"].clone();
    assert_eq!(past().await, "on its way");
    api.say(Says::This(json!({ "orders": [{
        "id": "ord_1", "symbol": "WAYNE", "side": "BUY", "quantity": 5, "price": "103.42", "limit": "105.49",
        "status": "FILLED", "placedBy": { "who": "agent", "txn": requested.txn },
        "createdAt": "2026-11-24T08:00:00.000Z", "updatedAt": "2026-11-24T08:00:00.000Z",
    }] })));
    assert_eq!(past().await, json!({ "price": "103.42", "status": "FILLED" }));
}

/// If an order couldn't be placed, the request is refused before the person is asked.
#[tokio::test]
async fn a_connection_without_the_scope_is_refused_at_once() {
    let pair = Pair::start().await;
    let alice = pair.person("Alice").await;
    pair.connect(&alice, "Alice", json!(["portfolio:read", "trade:read"])).await;
    let (status, answer) = pair.bc_authorize(&pair.asking(&alice), None).await;
    assert_eq!((status, answer["error"].as_str()), (403, Some("insufficient_scope")), "{answer}");
    let inbox = alice.browser.get(&pair.t.at("approvals")).await.page;
    assert_eq!(inbox["waiting"], json!([]));
}

/// An older release accepted limits that are refused now; its databases contain them.
#[tokio::test]
async fn unreadable_request_leaves_the_inbox_usable() {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    let (old, new) = (pair.ask(&alice).await, pair.ask(&alice).await);
    let detail = ORDER.trim_matches(['[', ']']).replace("105.49", "5000000.00");
    sqlx::query("UPDATE approval SET detail = $1 WHERE id = $2")
        .bind(&detail)
        .bind(&old.txn)
        .execute(pair.t.identity.db.pool())
        .await
        .unwrap();
    let inbox = alice.browser.get(&pair.t.at("approvals")).await.page;
    let waiting: Vec<&Value> = inbox["waiting"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    assert_eq!(waiting, [&json!(new.txn)]);
    assert_eq!(alice.browser.get(&pair.t.at(&format!("approvals/{}", old.txn))).await.status, 404);
    assert_eq!(page(&pair, &alice, &new.txn).await["state"], "Waiting");
}
