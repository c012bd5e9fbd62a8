//! Limits on size and frequency.

use axum::http::{Method, StatusCode};
use foundation::axum;
use world::until;

use crate::stage::{READ, Stage, body, details};

#[tokio::test]
async fn line_47_a_body_that_is_too_long_is_413() {
    let stage = Stage::start().await;
    let token = stage.approved("alice", "apr_1", &details("BUY", 5, "WAYNE", "102.00"));
    let mut long = body("BUY", 5, "WAYNE", "102.00").to_string();
    long.push_str(&" ".repeat(64 * 1024));
    let answer = stage.order(&token, &long).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "{answer:?}");
    assert!(answer.error().contains("64 kB"), "{answer:?}");
    assert_eq!(stage.orders().await, 0);
    // A stranger's body isn't read at all.
    assert_eq!(stage.order("x", &long).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn line_47_too_many_orders_are_429_with_the_time_to_wait() {
    let stage = Stage::start().await;
    let token = stage.approved("alice", "apr_1", &details("BUY", 1, "WAYNE", "102.00"));
    let order = body("BUY", 1, "WAYNE", "102.00");
    let mut answer = stage.order(&token, &order).await;
    for _ in 0..200 {
        if answer.status != StatusCode::CREATED {
            break;
        }
        answer = stage.order(&token, &order).await;
    }
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{answer:?}");
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    // Others aren't affected, reading still works, and ordering works again after the wait.
    let bob = stage.approved("bob", "apr_2", &details("BUY", 1, "WAYNE", "102.00"));
    assert_eq!(stage.order(&bob, &order).await.status, StatusCode::CREATED);
    assert_eq!(stage.get_as(&stage.token("alice", READ), "/api/orders").await.status, StatusCode::OK);
    stage.parts.clock.advance(wait * 1_000);
    assert_eq!(stage.order(&token, &order).await.status, StatusCode::CREATED);
    assert_eq!(stage.orders().await, 2);
}

/// THREATS.md line 63: a stream that ends makes room for another.
#[tokio::test]
async fn line_63_price_streams_are_bounded_by_address() {
    let stage = Stage::start().await;
    let open = async || stage.request(Method::GET, "/api/prices?symbols=WAYNE").send().await.unwrap();
    let mut streams = Vec::new();
    for _ in 0..3 {
        let stream = open().await;
        assert_eq!(stream.status(), StatusCode::OK);
        streams.push(stream);
    }
    let refused = stage.get("/api/prices").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{refused:?}");
    assert_eq!(refused.header("retry-after"), "10");
    assert!(refused.error().contains("price streams"), "{refused:?}");
    assert_eq!(stage.get("/api/stocks").await.status, StatusCode::OK, "everything else is answered");
    drop(streams.pop());
    // The server notices the end of the connection a moment later.
    until("room for another stream", async || (open().await.status() == StatusCode::OK).then_some(())).await;
}
