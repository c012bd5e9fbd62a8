//! The parts of a request's page next to the details: facts from the account's API, and other requests for the same
//! thing.

use serde_json::{Value, json};
use world::{Fault, refusal};

use crate::pair::{
    Pair,
    walk::{ORDER, Person},
};

const API: &str = "GET /api/";

/// Alice with her account. StockTrade's API fails like this.
async fn start(fault: Fault) -> (Pair, Person) {
    let pair = Pair::start().await;
    let alice = pair.connected("Alice").await;
    pair.world.at_broker.fails(API, fault);
    (pair, alice)
}

/// From now on StockTrade's API answers this.
fn says(pair: &Pair, answer: Value) {
    pair.world.at_broker.fails(API, Fault::Answer(200, answer));
}

async fn page(pair: &Pair, person: &Person, txn: &str) -> Value {
    person.browser.get(&pair.t.at(&format!("approvals/{txn}"))).await.page["approval"].clone()
}

#[tokio::test]
async fn line_54_facts_come_from_the_api_or_are_left_out() {
    let (pair, alice) = start(Fault::Silent).await;
    let requested = pair.ask(&alice).await;
    pair.world.forget();
    says(&pair, json!({ "name": "Wayne\n\u{202e}Enterprises", "price": "103.42", "more": [1] }));
    let shown = page(&pair, &alice, &requested.txn).await;
    let asked = || -> Vec<String> { pair.world.at_broker.seen(API).into_iter().map(|seen| seen.path).collect() };
    let rows = json!([
        ["Stock", "Wayne Enterprises = WAYNE"],
        ["Shares", "5"],
        ["Price now", "103.42 USD a share"],
        ["You pay at most", "105.49 USD a share, 2\u{a0}% above"],
        ["In all at most", "527.45 USD"],
    ]);
    assert_eq!(shown["rows"], rows);
    assert_eq!((shown["said"].as_str(), &shown["from_api"]), (Some("StockTrade"), &json!(["Company", "Price now"])));
    assert_eq!(asked(), ["/api/stocks/WAYNE"]);
    // They are no part of what is approved.
    let digest = page(&pair, &alice, &requested.txn).await["shown"].clone();
    for fault in [Fault::Silent, Fault::Redirect, refusal(404, "not_found"), Fault::Huge] {
        pair.world.forget();
        pair.world.at_broker.fails(API, fault);
        let shown = page(&pair, &alice, &requested.txn).await;
        assert_eq!((&shown["from_api"], &shown["rows"][2]), (&json!([]), &json!(["Price now", "(not said)"])));
        assert_eq!(shown["rows"][3], json!(["You pay at most", "105.49 USD a share"]));
        assert_eq!(shown["shown"], digest);
        assert_eq!(asked(), ["/api/stocks/WAYNE"], "no redirect is followed");
    }
    // The page omits what is neither text nor number.
    says(&pair, json!({ "name": ["x"], "price": { "now": 1 } }));
    assert_eq!(page(&pair, &alice, &requested.txn).await["from_api"], json!([]));
    // A limit far worse than the market.
    says(&pair, json!({ "name": "Wayne", "price": "90.00" }));
    let warning = "This lets it pay up to 105.49 USD a share. The price now is 90.00 USD.";
    assert_eq!(page(&pair, &alice, &requested.txn).await["warning"], warning);
    // A request that was decided needs no price.
    pair.decide(&alice, &requested.txn, "deny").await;
    assert_eq!(page(&pair, &alice, &requested.txn).await["said"], "not asked");
}

#[tokio::test]
async fn the_same_order_again_is_named() {
    let (pair, alice) = start(refusal(404, "not_found")).await;
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
async fn past_shows_the_paid_amount() {
    let (pair, alice) = start(refusal(404, "not_found")).await;
    let (requested, token) = pair.approval_token(&alice).await;
    let (status, answer) = pair.vault_as("agent", &token, "urn:ietf:params:oauth:token-type:access_token").await;
    assert_eq!(status, 200, "{answer}");
    let past = async || alice.browser.get(&pair.t.at("approvals")).await.page["past"][0]["receipt"].clone();
    assert_eq!(past().await, "on its way");
    let order =
        |txn: &str| json!({ "price": "1103.42", "amount": "5517.10", "status": "FILLED", "placedBy": { "txn": txn } });
    // One of another approval isn't its receipt, nor are two of this one.
    says(&pair, json!({ "orders": [order("apr_another")] }));
    assert_eq!(past().await, "on its way");
    says(&pair, json!({ "orders": [order(&requested.txn), order(&requested.txn)] }));
    assert_eq!(past().await, "on its way");
    says(&pair, json!({ "orders": [order("apr_another"), order(&requested.txn)] }));
    assert_eq!(past().await["short"], "paid 5,517.10 USD, 1,103.42 a share");
    let one = page(&pair, &alice, &requested.txn).await["receipt"].clone();
    assert_eq!(one, "on its way", "its own address answers with one record alone");
    says(&pair, json!({ "orders": [order(&requested.txn)] }));
    let one = page(&pair, &alice, &requested.txn).await["receipt"].clone();
    let says = "StockTrade placed it: bought 5 WAYNE at 1,103.42 USD a share, 5,517.10 USD in all.";
    assert_eq!((&one["says"], &one["page"][0]), (&json!(says), &json!("Your orders at StockTrade")));
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

/// An older release accepted limits that are now refused, and its databases contain them.
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
