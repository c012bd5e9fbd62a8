//! THREATS.md line 28: the other sites fail, stall or belong to somebody else. The message is clear, nothing is lost,
//! and there is no retry storm.

use agent::{
    approval::{self, ApprovalError},
    tools::{Caller, Prepared, Stop},
};
use serde_json::json;

use world::Fault;

use crate::sites::{TROUBLES, World, calls_itself, definitions, message, plain};

#[tokio::test]
async fn line_28_failing_broker_is_reported_and_asked_once() {
    let (world, alice) = World::connected().await;
    for trouble in TROUBLES.into_iter().chain([Fault::Silent]) {
        world.at_broker.fails("/", trouble.clone());
        world.at_broker.forget();
        let said = world.call(&alice, "get_stock_price", json!({ "symbol": "WAYNE" })).await;
        assert!(matches!(said, Err(Stop::Unavailable { .. })), "{trouble:?}: {said:?}");
        let said = message(said);
        assert!(said.starts_with("StockTrade can’t be reached right now ("), "{trouble:?}: {said}");
        assert!(said.ends_with("try again in a moment."), "{trouble:?}: {said}");
        assert_eq!(world.at_broker.seen("/").len(), 1, "{trouble:?}");
    }
    world.at_broker.mend();
    assert!(world.call(&alice, "get_portfolio", json!({})).await.is_ok());
}

#[tokio::test]
async fn line_28_failing_identity_service_is_asked_once() {
    let (world, alice) = World::connected().await;
    for trouble in TROUBLES {
        world.at_identity.fails("/oauth/token", trouble.clone());
        world.at_identity.forget();
        let said = world.call(&alice, "get_portfolio", json!({})).await;
        assert!(matches!(said, Err(Stop::Unavailable { .. })), "{trouble:?}: {said:?}");
        let said = message(said);
        assert!(said.starts_with("The identity service can’t be asked right now ("), "{trouble:?}: {said}");
        assert_eq!(world.at_identity.seen("/oauth/token").len(), 1, "{trouble:?}");
        let polled = approval::poll(&world.agent, &alice, &"req-apr1".into()).await;
        assert!(matches!(polled, Err(ApprovalError::Retry(_))), "{trouble:?}: {polled:?}");
    }
    world.at_identity.mend();
    assert!(world.call(&alice, "get_portfolio", json!({})).await.is_ok());
}

#[tokio::test]
async fn foreign_identity_service_explains_missing_trading() {
    let world = World::new().await;
    let alice = world.alice();
    world.at_identity.fails("/.well-known/openid-configuration", plain());
    world.clock.advance(600_001);
    for tool in definitions().iter().filter(|tool| !tool.scopes.is_empty()) {
        let arguments = match tool.name.as_str() {
            "get_order_status" | "cancel_order" => json!({ "order": "ord_1" }),
            "create_order" => json!({ "symbol": "WAYNE", "side": "BUY", "quantity": 1 }),
            _ => json!({}),
        };
        let said = message(world.call(&alice, &tool.name, arguments).await);
        assert!(said.contains("has no token vault, so accounts can’t be connected"), "{}: {said}", tool.name);
    }
    assert!(world.at_identity.seen("/oauth/token").is_empty(), "it was not asked for what it doesn't have");
    assert!(world.call(&alice, "get_stock_price", json!({ "symbol": "WAYNE" })).await.is_ok());
    let asked = approval::request(&world.agent, &alice, &prepared(), "k", "n", "K7 QD").await;
    let Err(ApprovalError::Final(said)) = asked else { panic!("{asked:?}") };
    assert!(said.contains("can’t ask people for approvals, so nothing that needs one can be done"), "{said}");
}

pub fn prepared() -> Prepared {
    Prepared {
        detail: json!({
            "type": "stock_order", "symbol": "WAYNE", "side": "BUY", "quantity": 5, "limit": "105.49", "currency": "USD",
        }),
        title: "Buy 5 WAYNE".into(),
        facts: vec![],
        german: None,
        agent_message: Some("You asked for it".into()),
        names: vec![],
        undone: "Nothing was placed.".into(),
        same: None,
        tool: None,
    }
}

#[tokio::test]
async fn a_visitor_asks_for_no_approval() {
    let world = World::new().await;
    let asked = approval::request(&world.agent, &Caller::Visitor, &prepared(), "k", "n", "K7 QD").await;
    assert!(matches!(asked, Err(ApprovalError::Final(_))), "{asked:?}");
    assert!(world.at_identity.seen("/bc-authorize").is_empty());
}

/// THREATS.md line 26 (RFC 8414 §3.3): metadata that names another issuer is a mix-up. The agent sends it neither
/// tokens nor its secret.
#[tokio::test]
async fn line_26_an_identity_service_of_another_name_is_not_used() {
    let (world, alice) = World::connected().await;
    let issuer = world.identity_site().issuer().to_owned();
    // The metadata is cached for ten minutes.
    world.clock.advance(600_001);
    for other in ["http://evil.example/", &format!("{issuer}/"), &issuer.replace("http:", "HTTP:"), ""] {
        world.at_identity.mend();
        world.at_identity.fails("/.well-known/openid-configuration", calls_itself(other));
        let said = message(world.call(&alice, "get_portfolio", json!({})).await);
        assert!(said.contains("calls itself by another name than the settings do"), "{other}: {said}");
        let asked = approval::request(&world.agent, &alice, &prepared(), "k", "n", "K7 QD").await;
        assert!(matches!(asked, Err(ApprovalError::Final(_))), "{other}: {asked:?}");
    }
    let sent = [world.at_identity.seen("/oauth/token"), world.at_identity.seen("/bc-authorize")].concat();
    assert!(sent.is_empty(), "nothing was sent");
    world.at_identity.mend();
    assert!(world.call(&alice, "get_portfolio", json!({})).await.is_ok());
    // The first issuer counts: without the slash, it is a different one.
    world.clock.advance(600_001);
    let document = "/.well-known/openid-configuration";
    world.at_identity.fails(document, calls_itself(issuer.trim_end_matches('/')));
    let said = message(world.call(&alice, "get_portfolio", json!({})).await);
    assert!(said.contains("calls itself by another name"), "{said}");
}
