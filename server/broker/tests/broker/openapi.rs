//! The API's description says what the API does.

use axum::http::StatusCode;
use base::axum;
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
            // Only the status: a stream of prices has no end.
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

/// The described types are written beside the real ones: what is sent must be what is described.
#[tokio::test]
async fn what_is_sent_is_as_it_is_described() {
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
