//! The chat's own client at `/mcp`: first-party, so it gets a token for that API by a refresh (Auth0's multi-resource
//! refresh), and acts there like any other caller.

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

    // By a login that names it, and by a refresh.
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
    // One that is for another API isn't taken.
    let me = setup.sites.identity.join("me/")?;
    let form = [("grant_type", "refresh_token"), ("refresh_token", &*refresh_token), ("audience", me.as_str())];
    let token = agent.token(&issuer, &form).await?.get("access_token")?;
    assert!(call(&setup, &token, "get_portfolio", json!({})).await.is_err());
    program.stop().await
}
