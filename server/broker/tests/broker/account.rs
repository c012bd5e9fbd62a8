//! Accounts: opened automatically, moved by orders, and equal to the sum of their movements.

use axum::http::StatusCode;
use foundation::axum;
use serde_json::json;

use crate::stage::{READ, Stage, body, details};

#[tokio::test]
async fn account_is_opened_once_at_first_use() {
    let stage = Stage::start().await;
    let token = stage.token("alice", READ);
    let answers = futures::future::join_all((0..8).map(|_| stage.get_as(&token, "/api/portfolio"))).await;
    for answer in answers {
        let expected = json!({"cashBalance": "10000.00", "totalValue": "10000.00", "holdings": []});
        assert_eq!((answer.status, answer.json()), (StatusCode::OK, expected));
    }
    assert_eq!(stage.count("SELECT COUNT(*) FROM account").await, 1);
    assert_eq!(stage.count("SELECT COUNT(*) FROM movement").await, 1);
    stage.assert_ledger().await;
}

#[tokio::test]
async fn portfolio_is_valued_at_market_prices() {
    let stage = Stage::start().await;
    let token = stage.approved("alice", "apr_1", &details("BUY", 5, "WAYNE", "102.00"));
    stage.order(&token, body("BUY", 5, "WAYNE", "102.00")).await;
    stage.set_price("WAYNE", 10_342).await;
    let portfolio = stage.get_as(&token, "/api/portfolio").await.json();
    assert_eq!(
        portfolio,
        json!({
            "cashBalance": "9500.00", "totalValue": "10017.10",
            "holdings": [{
                "symbol": "WAYNE", "name": "Wayne Enterprises", "shares": 5,
                "price": "103.42", "cost": "500.00", "value": "517.10",
            }],
        })
    );
    // After a partial sale, the rest keeps its part of the cost. After a full one, there is no holding.
    let sell = stage.approved("alice", "apr_2", &details("SELL", 2, "WAYNE", "100.00"));
    let sold = stage.order(&sell, body("SELL", 2, "WAYNE", "100.00")).await.json();
    assert_eq!((&sold["status"], &sold["price"]), (&json!("FILLED"), &json!("103.42")));
    let portfolio = stage.get_as(&token, "/api/portfolio").await.json();
    assert_eq!((&portfolio["cashBalance"], &portfolio["holdings"][0]["cost"]), (&json!("9706.84"), &json!("300.00")));
    let sell = stage.approved("alice", "apr_3", &details("SELL", 3, "WAYNE", "100.00"));
    stage.order(&sell, body("SELL", 3, "WAYNE", "100.00")).await;
    let portfolio = stage.get_as(&token, "/api/portfolio").await.json();
    assert_eq!(portfolio, json!({"cashBalance": "10017.10", "totalValue": "10017.10", "holdings": []}));
    stage.assert_ledger().await;
}

#[tokio::test]
async fn unaffordable_order_is_rejected_with_the_reason() {
    let stage = Stage::start().await;
    for (at, (side, quantity, limit, reason)) in [
        ("BUY", 101, "102.00", "Insufficient funds: 101 WAYNE cost 10,100.00, more than the account's cash."),
        ("SELL", 1, "90.00", "Not enough shares: the account holds fewer than 1 WAYNE."),
        ("BUY", 1, "99.99", "WAYNE costs 100.00 now, more than the limit of 99.99."),
        ("SELL", 1, "100.01", "WAYNE brings 100.00 now, less than the limit of 100.01."),
    ]
    .into_iter()
    .enumerate()
    {
        let token = stage.approved("alice", &format!("apr_{at}"), &details(side, quantity, "WAYNE", limit));
        let order = stage.order(&token, body(side, quantity, "WAYNE", limit)).await;
        assert_eq!(order.status, StatusCode::CREATED, "{order:?}");
        assert_eq!((&order.json()["status"], &order.json()["reason"]), (&json!("REJECTED"), &json!(reason)));
    }
    // A hundred shares are exactly affordable, at a price equal to the limit.
    let token = stage.approved("alice", "apr_all", &details("BUY", 100, "WAYNE", "100.00"));
    let order = stage.order(&token, body("BUY", 100, "WAYNE", "100.00")).await;
    assert_eq!(order.json()["status"], "FILLED");
    assert_eq!(stage.cash("alice").await, "0.00");
    stage.assert_ledger().await;
}

#[tokio::test]
async fn a_stock_that_is_not_listed_cannot_be_ordered() {
    let stage = Stage::start().await;
    let token = stage.approved("alice", "apr_1", &details("BUY", 1, "NOPE", "102.00"));
    let answer = stage.order(&token, body("BUY", 1, "NOPE", "102.00")).await;
    assert_eq!((answer.status, answer.error().as_str()), (StatusCode::NOT_FOUND, "There is no stock «NOPE» here."));
    for limit in ["0.00", "-1.00"] {
        let token = stage.approved("alice", "apr_2", &details("BUY", 1, "WAYNE", limit));
        assert_eq!(stage.order(&token, body("BUY", 1, "WAYNE", limit)).await.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(stage.orders().await, 0);
}

/// Many orders of all kinds while prices jump: the history still adds up to the balance.
#[tokio::test]
async fn the_ledger_adds_up_whatever_happens() {
    let stage = Stage::start().await;
    let symbols = ["WAYNE", "STARK", "LEX"];
    let mut random: u64 = 0x5eed;
    let mut below = |bound: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % bound
    };
    let (mut filled, mut rejected) = (0, 0);
    for at in 0..150 {
        let symbol = symbols[usize::try_from(below(3)).unwrap()];
        stage.set_price(symbol, i64::try_from(5_000 + below(10_000)).unwrap()).await;
        let side = if below(2) == 0 { "BUY" } else { "SELL" };
        let quantity = u32::try_from(1 + below(40)).unwrap();
        let limit = format!("{}.{:02}", 50 + below(100), below(100));
        let person = if below(2) == 0 { "alice" } else { "bob" };
        let token = stage.approved(person, &format!("apr_{at}"), &details(side, quantity, symbol, &limit));
        let order = stage.order(&token, body(side, quantity, symbol, &limit)).await;
        match order.json()["status"].as_str() {
            Some("FILLED") => filled += 1,
            Some("REJECTED") => rejected += 1,
            _ => panic!("{order:?}"),
        }
        stage.assert_ledger().await;
        stage.parts.clock.advance(1_000);
    }
    assert!(filled > 20 && rejected > 20, "{filled} filled, {rejected} rejected");
    let movements = stage.count("SELECT COUNT(*) FROM movement").await;
    assert_eq!(movements, 2 + filled);
}

#[tokio::test]
async fn account_history_values_past_days() {
    let stage = Stage::start().await;
    let token = stage.approved("alice", "apr_1", &details("BUY", 5, "WAYNE", "102.00"));
    stage.order(&token, body("BUY", 5, "WAYNE", "102.00")).await;
    stage.parts.clock.advance(50_000);
    stage.set_price("WAYNE", 11_000).await;
    stage.broker.market().tick().await.unwrap();
    stage.parts.clock.advance(50_000);
    let read = stage.token("alice", READ);
    let history = stage.get_as(&read, "/api/portfolio/history?range=hour").await.json();
    let points = history["points"].as_array().unwrap();
    assert!((50..=61).contains(&points.len()), "{}", points.len());
    let total = stage.get_as(&read, "/api/portfolio").await.json()["totalValue"].clone();
    assert_eq!((&points[0]["value"], &points.last().unwrap()["value"]), (&json!("10000.00"), &total));
    let values: Vec<&str> = points.iter().map(|point| point["value"].as_str().unwrap()).collect();
    assert!(values.iter().filter(|value| **value == "10000.00").count() > 20, "{values:?}");
    assert!(values.iter().filter(|value| **value == total).count() > 20, "{values:?}");
    // A market that has paused for longer than prices are kept doesn't reduce anyone's total.
    stage.parts.clock.advance(5 * 60 * 60_000);
    let read = stage.token("alice", READ);
    let history = stage.get_as(&read, "/api/portfolio/history?range=hour").await.json();
    let points = history["points"].as_array().unwrap();
    assert!(points.len() > 50 && points.iter().all(|point| point["value"] == total), "{points:?}");
    let answer = stage.get_as(&read, "/api/portfolio/history?range=century").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}
