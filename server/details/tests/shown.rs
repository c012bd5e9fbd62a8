//! The sheet and its rows, facts, warnings and receipts, all as the type says.

mod support;

use details::{Answer, Detail, What};
use serde_json::{Value, json};
use support::apis;

fn read(entry: &str) -> Detail {
    let apis = apis();
    let find = |name: &str| apis.of_type(name).map(|(_, kind)| kind.clone());
    details::read::read_one(&format!("[{entry}]"), find).expect("a request")
}

fn order(side: &str, quantity: u32, limit: &str) -> Detail {
    read(&format!(
        r#"{{"type":"stock_order","symbol":"WAYNE","side":"{side}","quantity":{quantity},"limit":"{limit}","currency":"USD"}}"#
    ))
}

/// Each row's label and words, with everything shown next to them.
fn rows(detail: &Detail, answer: Answer<'_>) -> Vec<String> {
    let row = |row: details::Row| {
        let [name, beside] =
            [row.name, row.beside].map(|text| text.map(|text| format!(" ({text})")).unwrap_or_default());
        let strong = if row.is_strong { "!" } else { "" };
        format!("{}: {}{name}{beside}{strong}", row.label, row.words.unwrap_or_else(|| "-".into()))
    };
    detail.sheet(answer).rows.into_iter().map(row).collect()
}

#[test]
fn rows_are_the_members_with_what_the_api_says_beside() {
    let buy = order("BUY", 1200, "105.49");
    let facts = json!({ "name": " Wayne\u{202e} Enterprises", "price": "103.42", "sector": "Industry" });
    assert_eq!(
        rows(&buy, Answer::This(&facts)),
        [
            "Stock: WAYNE (Wayne Enterprises)",
            "Shares: 1,200",
            "Price now: 103.42 USD a share",
            "You pay at most: 105.49 USD a share (2\u{a0}% above)",
            "Sector: Industry",
            "In all at most: 126,588.00 USD!",
        ]
    );
    assert_eq!(buy.sheet(Answer::This(&facts)).from_api, ["Company", "Price now", "Sector"]);
    assert_eq!(buy.bound().as_deref(), Some("at most 126,588.00 USD"));
    let alone =
        ["Stock: WAYNE", "Shares: 1,200", "You pay at most: 105.49 USD a share", "In all at most: 126,588.00 USD!"];
    assert_eq!(rows(&buy, Answer::NotAsked), alone);
    let silent = rows(&buy, Answer::Nothing);
    assert!(silent.contains(&"Price now: -".into()) && silent.contains(&"Sector: -".into()), "{silent:?}");
    let sell = rows(&order("SELL", 5, "105.49"), Answer::NotAsked);
    assert_eq!(sell[2..], ["You get at least: 105.49 USD a share", "In all at least: 527.45 USD!"]);
    // Without an amount, the last row is the strong one. If a member is the amount, its row is.
    let cancel = read(r#"{"type":"stock_order_cancellation","order":"ord_1"}"#);
    assert_eq!(rows(&cancel, Answer::NotAsked), ["Order: ord_1!"]);
    assert_eq!(cancel.sheet(Answer::NotAsked).rows[0].what, What::Code);
    let booking = r#"{"type":"room_booking","room":"Blue room","from":"2026-12-04","to":"2026-12-06","at":"14:30","price":"90.00","currency":"EUR"}"#;
    assert!(rows(&read(booking), Answer::NotAsked).contains(&"Price: 90.00!".into()));
}

#[test]
fn a_number_far_worse_than_the_apis_is_warned_of() {
    let warning = |side: &str, limit: &str, price: Value| {
        order(side, 5, limit).sheet(Answer::This(&json!({ "price": price }))).warning
    };
    assert_eq!(warning("BUY", "500.00", json!("100.09")).as_deref(), Some("Buy at 500.00. The price now is 100.09."));
    assert_eq!(warning("BUY", "500.00", json!(100.09)).as_deref(), Some("Buy at 500.00. The price now is 100.09."));
    assert_eq!(warning("BUY", "110.00", json!("100.00")), None, "10 % exactly");
    assert!(warning("BUY", "110.01", json!("100.00")).is_some());
    assert_eq!(warning("BUY", "50.00", json!("100.00")), None, "better");
    assert!(warning("SELL", "89.99", json!("100.00")).is_some());
    assert_eq!(warning("SELL", "500.00", json!("100.00")), None);
    // Only a number above zero in its canonical form counts.
    for price in [json!("0.00"), json!("-5.00"), json!("1,00"), json!("x"), json!(null), json!(["1.00"])] {
        assert_eq!(warning("BUY", "500.00", price.clone()), None, "{price}");
    }
}

#[test]
fn a_number_is_so_many_percent_from_the_apis() {
    let beside = |limit: &str, price: &str| {
        let sheet = order("BUY", 5, limit).sheet(Answer::This(&json!({ "price": price })));
        sheet.rows.into_iter().find_map(|row| row.beside).expect("a comparison")
    };
    assert_eq!(beside("101.81", "99.81"), "2\u{a0}% above");
    assert_eq!(beside("95.00", "100.00"), "5\u{a0}% below");
    assert_eq!(beside("100.25", "100.00"), "0.3\u{a0}% above");
    assert_eq!(beside("100.00", "100.00"), "the price now");
    assert_eq!(beside("500.00", "100.09"), "399.6\u{a0}% above");
    assert_eq!(beside("100.00", "100"), "the price now");
}

#[test]
fn two_requests_are_the_same_where_the_type_says() {
    let one = order("BUY", 5, "105.49");
    assert!(one.is_same_as(&order("BUY", 5, "99.00")), "at whatever limit");
    assert!(!one.is_same_as(&order("BUY", 6, "105.49")) && !one.is_same_as(&order("SELL", 5, "105.49")));
    let cancel = |id: &str| read(&format!(r#"{{"type":"stock_order_cancellation","order":"{id}"}}"#));
    assert!(cancel("ord_1").is_same_as(&cancel("ord_1")) && !cancel("ord_1").is_same_as(&cancel("ord_2")));
    assert!(!one.is_same_as(&cancel("ord_1")));
}

#[test]
fn line_54_receipt_is_one_record_of_that_approval() {
    let order = order("BUY", 5, "1105.49");
    let url = order.receipt_url("apr_1").expect("an address");
    assert_eq!(url.as_str(), "https://broker.example/api/orders?txn=apr_1");
    let record =
        |txn: &str| json!({"status": "Filled", "price": "1105.00\u{202e}", "side": "SELL", "placed_by": {"txn": txn}});
    let title = |answer: Value| order.receipt("apr_1", &answer);
    let shown = title(json!({"orders": [record("apr_1")]}));
    assert_eq!(shown.as_deref(), Some("Filled: Buy 5 WAYNE at 1,105.00"));
    for answer in [
        json!({"orders": []}),
        json!({"orders": [record("apr_1"), record("apr_1")]}),
        json!({"orders": [record("apr_1"), record("apr_2")]}),
        json!({"orders": [record("apr_2")]}),
        json!({"orders": [{"status": "Filled", "price": "1"}]}),
        json!({"orders": [{"status": {}, "price": "1", "placed_by": {"txn": "apr_1"}}]}),
        json!({}),
        json!("apr_1"),
    ] {
        assert_eq!(title(answer.clone()), None, "{answer}");
    }
    assert_eq!(order.facts_url().expect("an address").as_str(), "https://broker.example/api/stocks/WAYNE");
    // A list holds other approvals' records too.
    let listed = |answer: Value| order.outcome_in_list("apr_1", &answer).map(|outcome| outcome.says);
    assert_eq!(listed(json!({"orders": [record("apr_2"), record("apr_1")]})), shown);
    assert_eq!(listed(json!({"orders": [record("apr_1"), record("apr_1")]})), None);
    assert_eq!(listed(json!({"orders": [record("apr_2")]})), None);
}

#[test]
fn a_receipt_has_the_words_of_its_state() {
    let order = order("BUY", 5, "105.49");
    let outcome = |more: Value| {
        let mut record = json!({ "placed_by": { "txn": "apr_1" } });
        record.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        let outcome = order.outcome("apr_1", &json!({ "orders": [record] }))?;
        Some((outcome.says, outcome.short))
    };
    let rejected = outcome(json!({ "status": "REJECTED", "reason": "too dear" }));
    assert_eq!(rejected, Some(("Not placed: too dear".into(), Some("not bought".into()))));
    assert_eq!(outcome(json!({ "status": "REJECTED" })), Some(("Not placed.".into(), None)));
    assert_eq!(
        outcome(json!({ "status": "OTHER", "price": "1.00" })),
        Some(("OTHER: Buy 5 WAYNE at 1.00".into(), None))
    );
    let receipt = order.kind().receipt.as_ref().expect("a receipt");
    assert_eq!(
        receipt.page().map(|(label, url)| (label, url.as_str())),
        Some(("Your orders", "https://broker.example/orders"))
    );
    assert_eq!(receipt.list().expect("a list").as_str(), "https://broker.example/api/orders");
}
