//! THREATS.md line 33: an order's token places the approved order, once, and nothing else.

use axum::http::StatusCode;
use foundation::axum;
use serde_json::json;

use crate::stage::{ALL, READ, Stage, TENANT, body, details};

const FORBIDDEN: StatusCode = StatusCode::FORBIDDEN;

#[tokio::test]
async fn line_33_approved_order_is_placed_and_names_its_approval() {
    let stage = Stage::start().await;
    let token = stage.approved("alice", "apr_1", &details("BUY", 5, "WAYNE", "102.00"));
    let placed = stage.order(&token, body("BUY", 5, "WAYNE", "102.00")).await;
    assert_eq!(placed.status, StatusCode::CREATED, "{placed:?}");
    let mut order = placed.json();
    let approved_at = order["placedBy"]["approvedAt"].take();
    assert!(foundation::time::parse(approved_at.as_str().unwrap()).unwrap() <= stage.parts.clock.now() - 7_000);
    let (id, created) = (order["id"].clone(), order["createdAt"].clone());
    assert_eq!(
        order,
        json!({
            "id": id, "symbol": "WAYNE", "side": "BUY", "quantity": 5, "price": "100.00", "limit": "102.00",
            "amount": "500.00", "status": "FILLED", "createdAt": created, "updatedAt": created,
            "placedBy": {"who": "agent", "name": "Mandate", "txn": "apr_1", "code": "K7 QD", "approvedAt": null},
        })
    );
    assert_eq!(stage.cash("alice").await, "9500.00");
    stage.assert_ledger().await;
}

#[tokio::test]
async fn line_68_a_numeric_price_is_read_from_its_text() {
    let stage = Stage::start().await;
    for (at, price) in ["102.00", "102.0", "102"].iter().enumerate() {
        let token = stage.approved("alice", &format!("apr_{at}"), &details("BUY", 5, "WAYNE", "102.00"));
        let body = format!(r#"{{"symbol":"WAYNE","side":"BUY","quantity":5,"price":{price}}}"#);
        let placed = stage.order(&token, body.as_str()).await;
        assert_eq!(placed.status, StatusCode::CREATED, "{price}: {placed:?}");
        assert_eq!(placed.json()["limit"], "102.00", "{price}");
    }
}

#[tokio::test]
async fn line_33_68_other_than_approved_details_are_refused() {
    let stage = Stage::start().await;
    let token = stage.approved("alice", "apr_1", &details("BUY", 5, "WAYNE", "102.00"));
    for other in [
        body("BUY", 5, "STARK", "102.00"),
        body("SELL", 5, "WAYNE", "102.00"),
        body("BUY", 6, "WAYNE", "102.00"),
        body("BUY", 5, "WAYNE", "102.01"),
        body("BUY", 5, "WAYNE", "101.99"),
        json!({"symbol": "WAYNE", "side": "BUY", "quantity": 5}),
        json!({"symbol": "WAYNE", "side": "BUY", "quantity": 5, "price": null}),
    ] {
        let answer = stage.order(&token, &other).await;
        assert_eq!(answer.status, FORBIDDEN, "{other}: {answer:?}");
        assert!(answer.error().contains("Buy 5 WAYNE at 102.00"), "{answer:?}");
    }
    // An ambiguous body is refused.
    for (unreadable, why) in [
        (r#"{"symbol":"WAYNE","side":"BUY","quantity":5.0,"price":"102.00"}"#, "floating point"),
        (r#"{"symbol":"WAYNE","side":"BUY","quantity":"5","price":"102.00"}"#, "string"),
        (r#"{"symbol":"WAYNE","side":"BUY","quantity":5,"price":"102.000"}"#, "two places"),
        (r#"{"symbol":"WAYNE","side":"BUY","quantity":5,"price":102.001}"#, "at most two decimals"),
        (r#"{"symbol":"WAYNE","side":"BUY","quantity":5,"price":1.02e2}"#, "no exponent"),
        (r#"{"symbol":"WAYNE","side":"BUY","quantity":5,"price":0}"#, "from 0.01"),
        (r#"{"symbol":"WAYNE","side":"BUY","quantity":5,"price":-102.00}"#, "expected a string"),
        (r#"{"symbol":"WAYNE","side":"BUY","quantity":5,"price":"102"}"#, "two places"),
        (r#"{"symbol":"WAYNE","side":"BUY","quantity":5,"price":"102,00"}"#, "two places"),
        (r#"{"symbol":"WAYNE","side":"BUY","quantity":5,"price":"0.00"}"#, "above zero"),
        (r#"{"symbol":"WAYNE","side":"BUY","quantity":5,"price":"-1.00"}"#, "above zero"),
        (r#"{"symbol":"WAYNE","side":"BUY","quantity":5,"price":["102.00"]}"#, "expected a string"),
        (r#"{"symbol":"WAYNE","side":"BUY","quantity":6,"quantity":5,"price":"102.00"}"#, "duplicate field"),
        (r#"{"symbol":"WAYNE","side":"BUY","quantity":5,"price":"102.00","limit":"1.00"}"#, "unknown field"),
        (r#"{"symbol":"wayne","side":"BUY","quantity":5,"price":"102.00"}"#, "capital letters"),
        ("", "EOF"),
    ] {
        let answer = stage.order(&token, unreadable).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{unreadable}: {answer:?}");
        assert!(answer.error().contains(why), "{unreadable}: {answer:?}");
    }
    assert_eq!(stage.orders().await, 0);
    assert_eq!(stage.cash("alice").await, "10000.00");
    // The token can still place the approved order.
    let placed = stage.order(&token, body("BUY", 5, "WAYNE", "102.00")).await;
    assert_eq!(placed.status, StatusCode::CREATED);
}

#[tokio::test]
async fn line_33_details_that_can_be_read_two_ways_are_refused() {
    let stage = Stage::start().await;
    let right = details("BUY", 5, "WAYNE", "100.00");
    let swap = |from: &str, to: &str| {
        let swapped = right.replace(from, to);
        assert_ne!(swapped, right);
        swapped
    };
    for (at, wrong) in [
        swap("\"quantity\":5", "\"quantity\":5.0"),
        swap("\"quantity\":5", "\"quantity\":\"5\""),
        swap("\"quantity\":5", "\"quantity\":5,\"quantity\":5"),
        swap("\"quantity\":5", "\"quantity\":50,\"quantity\":5"),
        swap("\"type\"", "\"type\":\"stock_order\",\"type\""),
        swap("\"limit\":\"100.00\"", "\"limit\":\"100.000\""),
        swap("\"limit\":\"100.00\"", "\"limit\":100.00"),
        swap("\"limit\":\"100.00\"", "\"limit\":\"900.00\",\"limit\":\"100.00\""),
        swap(",\"currency\":\"USD\"", ""),
        swap("\"USD\"", "\"USD\",\"account\":\"bob\""),
        swap("]", ",{\"type\":\"stock_order_cancellation\",\"order\":\"ord_1\"}]"),
        "[]".into(),
        "null".into(),
        "\"stock_order\"".into(),
        right.trim_matches(['[', ']']).to_owned(),
    ]
    .into_iter()
    .enumerate()
    {
        let token = stage.approved("alice", &format!("apr_{at}"), &wrong);
        let answer = stage.order(&token, body("BUY", 5, "WAYNE", "100.00")).await;
        assert_eq!(answer.status, FORBIDDEN, "{wrong}: {answer:?}");
    }
    // With a duplicate claim, the token itself is refused.
    let alice = format!("\"sub\":\"{}\"", stage.sub("alice"));
    for (once, twice) in [
        ("\"txn\":\"apr_x\"", "\"txn\":\"apr_y\",\"txn\":\"apr_x\"".to_owned()),
        ("\"authorization_details\":", format!("\"authorization_details\":{right},\"authorization_details\":")),
        (&alice, format!("\"sub\":\"{}\",{alice}", stage.sub("bob"))),
    ] {
        let claims = stage.approved_claims("alice", "apr_x", &right);
        assert!(claims.contains(once), "{claims}");
        let token = stage.issuer.sign("at+jwt", &claims.replacen(once, &twice, 1));
        let answer = stage.order(&token, body("BUY", 5, "WAYNE", "100.00")).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{once}: {answer:?}");
    }
    assert_eq!(stage.orders().await, 0);
}

#[tokio::test]
async fn line_33_the_type_must_fit_method_and_path() {
    let stage = Stage::start().await;
    let order = stage.approved("alice", "apr_1", &details("BUY", 5, "WAYNE", "102.00"));
    let placed = stage.order(&order, body("BUY", 5, "WAYNE", "102.00")).await;
    let id = placed.json()["id"].as_str().unwrap().to_owned();

    // The approval of an order cancels nothing. That of a cancellation places nothing and cancels no other order.
    let answer = stage.cancel(&order, &id).await;
    assert_eq!(answer.status, FORBIDDEN, "{answer:?}");
    let cancellation = |order: &str| format!(r#"[{{"type":"stock_order_cancellation","order":"{order}"}}]"#);
    let token = stage.approved("alice", "apr_2", &cancellation(&id));
    assert_eq!(stage.order(&token, body("BUY", 5, "WAYNE", "102.00")).await.status, FORBIDDEN);
    let other = stage.approved("alice", "apr_3", &cancellation("ord_0123"));
    assert_eq!(stage.cancel(&other, &id).await.status, FORBIDDEN);
    assert_eq!(stage.orders().await, 1);

    // The right approval, but a filled order can't be cancelled, and another person's order doesn't exist.
    let answer = stage.cancel(&token, &id).await;
    assert_eq!((answer.status, answer.error().contains("filled already")), (StatusCode::CONFLICT, true), "{answer:?}");
    let bob = stage.approved("bob", "apr_4", &cancellation(&id));
    assert_eq!(stage.cancel(&bob, &id).await.status, StatusCode::NOT_FOUND);

    // A pending order (which the market doesn't make yet) is cancelled. A repeated request gets the same answer.
    sqlx::query("UPDATE orders SET status = 'PENDING'").execute(stage.db()).await.unwrap();
    assert_eq!(stage.cancel(&bob, &id).await.status, StatusCode::NOT_FOUND);
    let cancelled = stage.cancel(&token, &id).await;
    assert_eq!((cancelled.status, &cancelled.json()["status"]), (StatusCode::OK, &json!("CANCELLED")));
    assert!(cancelled.json()["cancelledBy"]["txn"].as_str().is_some_and(|txn| !txn.is_empty()), "its receipt");
    assert_eq!(stage.cancel(&token, &id).await.text, cancelled.text);
}

#[tokio::test]
async fn line_33_without_an_approval_nothing_is_traded() {
    let stage = Stage::start().await;
    let order = body("BUY", 5, "WAYNE", "102.00");
    let answer = stage.order(&stage.token("alice", ALL), &order).await;
    assert_eq!(answer.status, FORBIDDEN, "{answer:?}");
    assert!(answer.error().contains("approval"), "{answer:?}");
    assert_eq!(stage.cancel(&stage.token("alice", ALL), "ord_1").await.status, FORBIDDEN);
    // The client's registration doesn't change that.
    let mut claims = stage.claims("alice", ALL);
    claims["approval_required"] = json!(false);
    assert_eq!(stage.order(&stage.sign(&claims), &order).await.status, FORBIDDEN);

    // A partial approval is refused.
    let whole = stage.approved_claims("alice", "apr_1", &details("BUY", 5, "WAYNE", "102.00"));
    for (member, without) in [
        ("txn", json!(null)),
        ("txn", json!("")),
        ("authorization_details", json!(null)),
        ("act", json!(null)),
        ("act", json!({"sub": "agent", "name": "Mandate"})),
        ("act", json!({"sub": "agent", "iss": ""})),
    ] {
        let mut claims: serde_json::Value = serde_json::from_str(&whole).unwrap();
        claims[member] = without;
        let answer = stage.order(&stage.sign(&claims), &order).await;
        assert_eq!(answer.status, FORBIDDEN, "{claims} {answer:?}");
    }
    // The approval doesn't replace the scope.
    let mut claims: serde_json::Value = serde_json::from_str(&whole).unwrap();
    claims["scope"] = json!(READ);
    let answer = stage.order(&stage.sign(&claims), &order).await;
    assert_eq!(answer.status, FORBIDDEN);
    assert!(answer.header("www-authenticate").contains("insufficient_scope"), "{answer:?}");
    assert_eq!(stage.orders().await, 0);
}

#[tokio::test]
async fn listed_client_trades_without_approval() {
    let stage = Stage::with(|config| config.trade_without_approval = vec!["workshop".into()]).await;
    stage.register_app(&stage.provider, "workshop", "Workshop").await;
    let mut claims = stage.claims("alice", ALL);
    assert_eq!(stage.order(&stage.sign(&claims), body("BUY", 1, "LEX", "101.00")).await.status, FORBIDDEN);
    claims["azp"] = json!("workshop");
    claims["client_id"] = json!("workshop");
    let token = stage.sign(&claims);
    // Its orders need no limit.
    let order = stage.order(&token, json!({"symbol": "LEX", "side": "BUY", "quantity": 2})).await;
    assert_eq!((order.status, &order.json()["status"]), (StatusCode::CREATED, &json!("FILLED")), "{order:?}");
    assert_eq!(order.json()["placedBy"], json!({"who": "workshop"}));
    // If it carries an approval, that approval applies.
    let approved = stage.approved_claims("alice", "apr_1", &details("BUY", 5, "WAYNE", "102.00"));
    let approved = stage.issuer.sign("at+jwt", &approved.replace("tenant-vault", "workshop"));
    // The provider is bound to no issuer of this client's approvals.
    stage.calls_all_active();
    assert_eq!(stage.order(&approved, body("BUY", 6, "WAYNE", "102.00")).await.status, FORBIDDEN);
    // Two different names for the client are refused.
    claims["azp"] = json!("tenant-vault");
    let answer = stage.order(&stage.sign(&claims), body("BUY", 1, "LEX", "101.00")).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn line_33_expired_token_places_nothing() {
    let stage = Stage::start().await;
    let token = stage.approved("alice", "apr_1", &details("BUY", 5, "WAYNE", "102.00"));
    stage.parts.clock.advance(181_000);
    let answer = stage.order(&token, body("BUY", 5, "WAYNE", "102.00")).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{answer:?}");
    assert!(answer.header("www-authenticate").contains("invalid_token"), "{answer:?}");
    assert_eq!(stage.orders().await, 0);
}

#[tokio::test]
async fn line_33_repeated_order_gets_the_first_answer() {
    let stage = Stage::start().await;
    let details = details("BUY", 5, "WAYNE", "102.00");
    let order = body("BUY", 5, "WAYNE", "102.00");
    let first = stage.approved("alice", "apr_1", &details);
    let placed = stage.order(&first, &order).await;
    // The price has passed the limit, and the account couldn't pay again: the first answer is returned.
    stage.set_price("WAYNE", 500_000).await;
    stage.parts.clock.advance(30_000);
    let again = stage.order(&first, &order).await;
    assert_eq!((again.status, &again.text), (placed.status, &placed.text));
    // Another exchange of the same approval gives another token, but no other order.
    let exchanged = stage.approved("alice", "apr_1", &details);
    assert_ne!(exchanged, first);
    let again = stage.order(&exchanged, &order).await;
    assert_eq!((again.status, &again.text), (placed.status, &placed.text));
    assert_eq!((stage.orders().await, stage.cash("alice").await.as_str()), (1, "9500.00"));
    stage.assert_ledger().await;
}

#[tokio::test]
async fn line_33_repeated_rejection_gets_the_first_answer() {
    let stage = Stage::start().await;
    let token = stage.approved("alice", "apr_1", &details("BUY", 5, "WAYNE", "99.99"));
    let rejected = stage.order(&token, body("BUY", 5, "WAYNE", "99.99")).await;
    assert_eq!((rejected.status, &rejected.json()["status"]), (StatusCode::CREATED, &json!("REJECTED")));
    assert_eq!(rejected.json()["reason"], "WAYNE costs 100.00 now, more than the limit of 99.99.");
    assert_eq!(rejected.json()["price"], "99.99");
    stage.set_price("WAYNE", 5_000).await;
    let again = stage.order(&token, body("BUY", 5, "WAYNE", "99.99")).await;
    assert_eq!(again.text, rejected.text);
    assert_eq!(stage.cash("alice").await, "10000.00");
}

#[tokio::test]
async fn line_33_an_approval_that_was_used_places_no_other_order() {
    let stage = Stage::start().await;
    let first = stage.approved("alice", "apr_1", &details("BUY", 5, "WAYNE", "102.00"));
    assert_eq!(stage.order(&first, body("BUY", 5, "WAYNE", "102.00")).await.status, StatusCode::CREATED);
    // The same holds if its issuer signs other details, another person or another agent under the same id.
    let larger = stage.approved("alice", "apr_1", &details("BUY", 50, "WAYNE", "102.00"));
    let answer = stage.order(&larger, body("BUY", 50, "WAYNE", "102.00")).await;
    assert_eq!(answer.status, FORBIDDEN, "{answer:?}");
    let bob = stage.approved("bob", "apr_1", &details("BUY", 5, "WAYNE", "102.00"));
    let answer = stage.order(&bob, body("BUY", 5, "WAYNE", "102.00")).await;
    assert_eq!(answer.status, FORBIDDEN, "{answer:?}");
    assert!(!answer.text.contains("ord_"), "{answer:?}");
    let claims = stage.approved_claims("alice", "apr_1", &details("BUY", 5, "WAYNE", "102.00"));
    let other_agent = stage.issuer.sign("at+jwt", &claims.replace("\"sub\":\"agent\"", "\"sub\":\"agent-mcp\""));
    let answer = stage.order(&other_agent, body("BUY", 5, "WAYNE", "102.00")).await;
    assert_eq!(answer.status, FORBIDDEN, "{answer:?}");
    assert_eq!((stage.orders().await, stage.cash("bob").await.as_str()), (1, "10000.00"));
    // The same id from another issuer is another approval.
    let claims = stage.approved_claims("alice", "apr_1", &details("BUY", 5, "WAYNE", "102.00"));
    let elsewhere = stage.issuer.sign("at+jwt", &claims.replace(TENANT, "https://id.example/"));
    assert_eq!(stage.order(&elsewhere, body("BUY", 5, "WAYNE", "102.00")).await.status, StatusCode::CREATED);
    assert_eq!(stage.orders().await, 2);
}

#[tokio::test]
async fn line_33_same_order_at_once_is_placed_once() {
    let stage = Stage::start().await;
    let details = details("BUY", 5, "WAYNE", "102.00");
    for round in 0..5 {
        let txn = format!("apr_{round}");
        // Half with one token, half with other tokens of the same approval. Each request has its own connection.
        let shared = stage.approved("alice", &txn, &details);
        let answers = futures::future::join_all((0..8).map(|at| {
            let token = if at % 2 == 0 { shared.clone() } else { stage.approved("alice", &txn, &details) };
            let stage = &stage;
            async move { stage.order(&token, body("BUY", 5, "WAYNE", "102.00")).await }
        }))
        .await;
        for answer in &answers {
            assert_eq!((answer.status, &answer.text), (StatusCode::CREATED, &answers[0].text));
        }
        assert_eq!(stage.orders().await, round + 1);
    }
    assert_eq!(stage.cash("alice").await, "7500.00");
    stage.assert_ledger().await;
}

#[tokio::test]
async fn order_is_found_by_its_approval() {
    let stage = Stage::start().await;
    let claims = stage.approved_claims("alice", "apr_1", &details("BUY", 5, "WAYNE", "102.00"));
    let mcp = r#""name":"Mandate","act":{"sub":"client_1","name":"Claude Code"}"#;
    let token = stage.issuer.sign("at+jwt", &claims.replace(r#""name":"Mandate""#, mcp));
    let read = stage.token("alice", READ);
    assert_eq!(stage.get_as(&read, "/api/orders?txn=apr_1").await.json(), json!({"orders": []}));
    let placed = stage.order(&token, body("BUY", 5, "WAYNE", "102.00")).await.json();
    assert_eq!(placed["placedBy"]["askedBy"], "Claude Code");
    assert_eq!(stage.get_as(&read, "/api/orders?txn=apr_1").await.json(), json!({"orders": [placed]}));
    assert_eq!(stage.get_as(&read, "/api/orders?txn=apr_2").await.json(), json!({"orders": []}));
    let bob = stage.token("bob", READ);
    assert_eq!(stage.get_as(&bob, "/api/orders?txn=apr_1").await.json(), json!({"orders": []}));
}
