//! The chat's own client at `/mcp`: as a first-party client it refreshes a token for that API (Auth0's multi-resource
//! refresh), and is then treated like any other caller.

use driver::{ALICE, Outcome};
use serde_json::json;

use crate::{
    mcp::call,
    support::{stolen, together},
};

#[tokio::test]
async fn agent_gets_a_token_for_mcp_and_uses_it() -> Outcome {
    let setup = together("agent-at-mcp").await?;
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    browser.connect(&setup.sites).await?;
    let agent = stolen(&setup, &browser)?;
    let mcp = setup.sites.agent.join("mcp")?;

    // The client gets a token by a login that names the API, and by a refresh.
    let callback = setup.sites.agent.join("auth/callback")?;
    let asked = [("audience", mcp.as_str()), ("scope", "openid offline_access portfolio:read trade:write admin")];
    let issuer = setup.sites.identity.clone();
    let login = agent.authorize(&mut browser, &issuer, callback.as_str(), &asked, ALICE).await?;
    assert_eq!(login.body["scope"], "openid offline_access portfolio:read trade:write");
    let refresh_token = agent.refresh_token(&mut browser, ALICE).await?;
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token.as_str()),
        ("audience", mcp.as_str()),
        ("scope", "portfolio:read trade:read trade:write create:me:connected_accounts"),
    ];
    let refreshed = agent.token(&issuer, &form).await?;
    assert_eq!(refreshed.body["scope"], "portfolio:read trade:read trade:write");

    for answer in [login, refreshed] {
        let token = answer.get("access_token")?;
        let portfolio = call(&setup, &token, "get_portfolio", json!({})).await?;
        assert!(portfolio.to_string().contains("10000.00"), "{portfolio}");
    }
    // A token for another API is refused.
    let me = setup.sites.identity.join("me/")?;
    let form = [("grant_type", "refresh_token"), ("refresh_token", &*refresh_token), ("audience", me.as_str())];
    let token = agent.token(&issuer, &form).await?.get("access_token")?;
    assert!(call(&setup, &token, "get_portfolio", json!({})).await.is_err());
    program.stop().await
}
