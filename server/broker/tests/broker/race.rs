//! Concurrent requests: cash and shares never fall below zero, and nothing deadlocks.

use foundation::axum::http::StatusCode;
use serde_json::json;

use crate::stage::{Stage, body, details};

/// Places all of these at the same time, as alice, each under its own approval. Returns how many were filled.
async fn at_once(stage: &Stage, name: &str, orders: &[(&str, u32, &str)]) -> usize {
    let answers = futures::future::join_all(orders.iter().enumerate().map(|(at, (side, quantity, symbol))| {
        let limit = if *side == "BUY" { "100.00" } else { "1.00" };
        let token = stage.approved("alice", &format!("{name}_{at}"), &details(side, *quantity, symbol, limit));
        let body = body(side, *quantity, symbol, limit);
        async move { stage.order(&token, &body).await }
    }))
    .await;
    for answer in &answers {
        assert_eq!(answer.status, StatusCode::CREATED, "{answer:?}");
        assert_ne!(answer.json()["status"], json!("PENDING"));
    }
    answers.iter().filter(|answer| answer.json()["status"] == "FILLED").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn line_61_cash_is_spent_once() {
    let stage = Stage::start().await;
    // 4,000.00 each, of 10,000.00.
    let filled = at_once(&stage, "apr", &[("BUY", 40, "WAYNE"); 20]).await;
    assert_eq!(filled, 2);
    assert_eq!(stage.cash("alice").await, "2000.00");
    stage.assert_ledger().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn line_61_shares_are_sold_once() {
    let stage = Stage::start().await;
    assert_eq!(at_once(&stage, "apr", &[("BUY", 10, "WAYNE")]).await, 1);
    let filled = at_once(&stage, "sale", &[("SELL", 3, "WAYNE"); 20]).await;
    assert_eq!(filled, 3);
    assert_eq!(stage.cash("alice").await, "9900.00");
    stage.assert_ledger().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn purchases_and_sales_at_once_lock_nothing() {
    let stage = Stage::start().await;
    assert_eq!(at_once(&stage, "first", &[("BUY", 20, "WAYNE"), ("BUY", 20, "LEX")]).await, 2);
    let orders: Vec<_> = (0..24)
        .map(|at| (if at % 2 == 0 { "BUY" } else { "SELL" }, 1, if at % 3 == 0 { "WAYNE" } else { "LEX" }))
        .collect();
    let market = async {
        for _ in 0..10 {
            stage.broker.market().tick().await.unwrap();
        }
    };
    // The market may move past a purchase's limit meanwhile, so not all are filled, but all are answered.
    let (filled, ()) = futures::future::join(at_once(&stage, "apr", &orders), market).await;
    assert!(filled >= 12, "{filled}");
    stage.assert_ledger().await;
}
