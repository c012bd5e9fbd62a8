//! The forgeries of `make demo-attack` against the whole program: one approval places one order, and nothing more,
//! whatever secrets the attacker holds.

use driver::{ALICE, Agent, Attack, Browser, Outcome, Setup, order_body};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{orders, stolen, together, waiting};

#[tokio::test]
async fn line_33_one_approval_places_one_order_and_forgeries_none() -> Outcome {
    let setup = together("forgery").await?;
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    browser.connect(&setup.sites).await?;
    let agent = stolen(&setup, &browser)?;
    let secret = setup.shared_secret("TENANT_VAULT_CLIENT_SECRET")?;
    let vault = Agent::new(&setup.sites, "tenant-vault", secret, browser.secrets().clone())?;
    let mut attack = Attack { browser: &mut browser, person: ALICE, agent: agent.clone(), vault };
    let attempts = attack.run(|_| {}).await?;
    assert!(attempts.len() >= 15, "{} attempts", attempts.len());
    for attempt in &attempts {
        assert!(attempt.is_as_promised(), "promised: {}\n{attempt:#?}", attempt.promise());
    }
    let placed = orders(&agent, &mut browser, ALICE).await?;
    assert_eq!(placed.len(), 1, "{placed:?}");
    program.stop().await
}

/// A compromised agent, with a token for an order that Alice approved and that isn't placed yet.
struct TakenOver {
    browser: Browser,
    agent: Agent,
    details: Value,
    refresh_token: String,
    /// The approval, as a token of the identity service.
    approval: String,
    /// The order's token at the broker.
    token: String,
}

async fn taken_over(setup: &Setup) -> Outcome<TakenOver> {
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    browser.connect(&setup.sites).await?;
    let agent = stolen(setup, &browser)?;
    let refresh_token = agent.refresh_token(&mut browser, ALICE).await?;
    let details = json!({"type": "stock_order", "symbol": "WAYNE", "side": "BUY", "quantity": 1, "limit": "999.00",
        "currency": "USD"});
    let (approval, _) = agent.approved(&mut browser, &refresh_token, &details).await?;
    let token = agent.vault_by_access_token(&approval).await?.get("access_token")?;
    Ok(TakenOver { browser, agent, details, refresh_token, approval, token })
}

/// Tokens issued before the person disconnected the account are useless, although they are signed and haven't expired:
/// the approved order isn't placed, and nothing is read.
#[tokio::test]
async fn line_56_disconnecting_ends_tokens_issued_before() -> Outcome {
    let setup = together("line-56-disconnected").await?;
    let program = setup.serve().await?;
    let TakenOver { mut browser, agent, details, refresh_token, approval, token } = taken_over(&setup).await?;
    let read = agent.vault_by_refresh_token(&refresh_token).await?.get("access_token")?;
    let before = agent.api(Method::GET, "portfolio", &read, None).await?;
    assert_eq!(before.status, StatusCode::OK, "{before:?}");

    browser.disconnect(&setup.sites).await?;
    let placed = agent.api(Method::POST, "orders", &token, Some(&order_body(&details))).await?;
    assert_eq!(placed.status, StatusCode::UNAUTHORIZED, "{placed:?}");
    for path in ["portfolio", "orders"] {
        let answer = agent.api(Method::GET, path, &read, None).await?;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}: {answer:?}");
    }
    // The approval brings no other token, and connecting again doesn't reactivate the old ones.
    let again = agent.vault_by_access_token(&approval).await?;
    assert!(again.status.is_client_error(), "{again:?}");
    browser.connect(&setup.sites).await?;
    let placed = agent.api(Method::POST, "orders", &token, Some(&order_body(&details))).await?;
    assert_eq!(placed.status, StatusCode::UNAUTHORIZED, "{placed:?}");
    assert_eq!(orders(&agent, &mut browser, ALICE).await?.len(), 0);
    program.stop().await
}

/// The person blocks the agent between approval and order: the order isn't placed.
#[tokio::test]
async fn line_56_a_blocked_agent_places_nothing_more() -> Outcome {
    let setup = together("line-56-blocked").await?;
    let program = setup.serve().await?;
    let TakenOver { mut browser, agent, details, token, .. } = taken_over(&setup).await?;

    let mut thread = browser.say(&setup.sites, "Buy 2 STARK").await?;
    let card = waiting(&mut thread, &browser).await?;
    browser.decide(&card.page, "block").await?;
    let placed = agent.api(Method::POST, "orders", &token, Some(&order_body(&details))).await?;
    assert_eq!(placed.status, StatusCode::UNAUTHORIZED, "{placed:?}");
    assert_eq!(orders(&agent, &mut browser, ALICE).await?.len(), 0);
    program.stop().await
}
