//! The API behaves as its description says.

use axum::http::StatusCode;
use foundation::axum;
use reqwest::Method;
use serde_json::Value;

use crate::stage::{Stage, body, details};

#[tokio::test]
async fn every_method_that_is_described_exists_and_no_other() {
    let stage = Stage::start().await;
    let document = stage.get("/api/openapi.json").await.json();
    assert_eq!(document["servers"][0]["url"], stage.config.site.origin());
    let paths = document["paths"].as_object().unwrap();
    assert!(paths.len() >= 11, "{paths:?}");
    for (path, methods) in paths {
        let real = path.replace("{symbol}", "WAYNE").replace("{id}", "ord_1");
        for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let described = methods.get(method.as_str().to_lowercase());
            // Only the status, because a price stream has no end.
            let answer = stage.request(method.clone(), &real).send().await.unwrap();
            let expected = match described {
                None => StatusCode::METHOD_NOT_ALLOWED,
                Some(operation) if operation.get("security").is_some() => StatusCode::UNAUTHORIZED,
                Some(_) => StatusCode::OK,
            };
            assert_eq!(answer.status(), expected, "{method} {path}");
            if let Some(operation) = described {
                assert!(operation["responses"].as_object().is_some_and(|all| !all.is_empty()), "{method} {path}");
            }
        }
    }
}

/// Answers match their description.
#[tokio::test]
async fn answers_match_their_schema() {
    let stage = Stage::start().await;
    let document = stage.get("/api/openapi.json").await.json();
    let token = stage.approved("alice", "apr_1", &details("BUY", 5, "WAYNE", "102.00"));
    let order = stage.order(&token, body("BUY", 5, "WAYNE", "102.00")).await.json();
    for (schema, sent) in [
        ("Order", order.clone()),
        ("PlacedBy", order["placedBy"].clone()),
        ("OrderRequest", body("BUY", 5, "WAYNE", "102.00")),
        ("Orders", stage.get_as(&token, "/api/orders").await.json()),
        ("Portfolio", stage.get_as(&token, "/api/portfolio").await.json()),
        ("Holding", stage.get_as(&token, "/api/portfolio").await.json()["holdings"][0].clone()),
        ("History", stage.get_as(&token, "/api/portfolio/history").await.json()),
        ("Point", stage.get_as(&token, "/api/portfolio/history").await.json()["points"][0].clone()),
        ("Stock", stage.get("/api/stocks/WAYNE").await.json()),
        ("Stocks", stage.get("/api/stocks").await.json()),
        ("ApiError", stage.get("/api/stocks/NOPE").await.json()),
        ("Pong", stage.get("/api/ping").await.json()),
    ] {
        let described = &document["components"]["schemas"][schema];
        let members = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let (known, sent) = (members(&described["properties"]), members(&sent));
        assert!(sent.iter().all(|member| known.contains(member)), "{schema}: {sent:?} of {known:?}");
        for required in described["required"].as_array().unwrap() {
            assert!(sent.contains(&required.as_str().unwrap().to_owned()), "{schema}: {required}");
        }
    }
}

/// Every `$ref` within a value.
fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get("$ref").and_then(Value::as_str).map(str::to_owned));
            members.values().for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// Calls every operation with good and bad tokens, parameters and bodies. The description covers the status and content
/// type of each answer.
#[tokio::test]
async fn every_answer_of_every_operation_is_described() {
    let stage = Stage::start().await;
    let document = stage.get("/api/openapi.json").await.json();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 20, "{found:?}");
    for reference in &found {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} is not in the document");
    }
    let full = stage.approved("alice", "apr_1", &details("BUY", 5, "WAYNE", "102.00"));
    let order = stage.order(&full, body("BUY", 5, "WAYNE", "102.00")).await.json();
    let id = order["id"].as_str().unwrap();
    let reading = stage.token("alice", crate::stage::READ);
    let tokens = [None, Some("x"), Some(reading.as_str()), Some(full.as_str())];
    let good = body("BUY", 5, "WAYNE", "102.00").to_string();
    let bodies =
        [good, "{}".into(), "[]".into(), "x".into(), "x".repeat(70_000), body("BUY", 5, "NOPE", "1.00").to_string()];
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let mut real = Vec::new();
            for (symbol, id) in [("WAYNE", id), ("NOPE", "ord_0"), ("%20", "%F0%9F%A6%80")] {
                let path = path.replace("{symbol}", symbol).replace("{id}", id);
                for query in [
                    "",
                    "?range=hour",
                    "?range=x",
                    "?q=way",
                    "?q=%FF",
                    "?txn=apr_1",
                    "?symbols=NOPE",
                    "?q=1&q=2&range=day&range=week",
                ] {
                    real.push(format!("{path}{query}"));
                }
            }
            real.sort();
            real.dedup();
            for real in &real {
                for token in tokens {
                    for sent in if method == Method::POST { &bodies[..] } else { &bodies[..1] } {
                        let mut request = stage.request(method.clone(), real);
                        if let Some(token) = token {
                            request = request.bearer_auth(token);
                        }
                        if method == Method::POST {
                            request = request.header("content-type", "application/json").body(sent.clone());
                        }
                        let answer = request.send().await.unwrap();
                        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
                        let described = &operation["responses"][status.to_string()];
                        assert!(described.is_object(), "{method} {real}: {status} is not described");
                        let kind = headers["content-type"].to_str().unwrap().split(';').next().unwrap();
                        let free = path == "/api/openapi.json";
                        assert!(free || described["content"][kind].is_object(), "{method} {real}: {status} {kind}");
                    }
                }
            }
            let needs_database = !matches!(path.as_str(), "/api/ping" | "/api/openapi.json" | "/api/prices");
            assert_eq!(operation["responses"]["503"].is_object(), needs_database, "{method} {path}");
        }
    }
}
