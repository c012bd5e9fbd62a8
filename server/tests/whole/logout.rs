//! Logging out everywhere includes StockTrade, in the browser and on the server (THREATS.md line 11): the next person
//! at the machine sees nobody's portfolio.

use driver::{ALICE, Browser, Outcome, Setup};

use crate::support::together;

/// StockTrade's dashboard. Returns whether it is Alice's.
async fn is_alices(setup: &Setup, browser: &mut Browser) -> Outcome<bool> {
    let text = browser.open(setup.sites.broker.as_str()).await?.text();
    let (named, invited) = (text.contains("Alice"), text.contains("Log in"));
    assert_ne!(named, invited, "somebody's page, or a visitor's: {text}");
    Ok(named)
}

#[tokio::test]
async fn line_11_logout_ends_the_session_at_stocktrade_too() -> Outcome {
    let setup = together("line-11-logout").await?;
    let program = setup.serve().await?;
    let (broker, mut browser) = (&setup.sites.broker, setup.browser()?);
    let log_in = broker.join("auth/login")?;
    browser.log_in(&setup.sites, ALICE).await?;
    // The same login logs her in at StockTrade.
    browser.open(log_in.as_str()).await?;
    assert!(is_alices(&setup, &mut browser).await?);
    let cookie = browser.cookie(broker, "mandate_broker").ok_or("a session at StockTrade")?.to_owned();

    browser.log_out(&setup.sites).await?;
    assert!(!is_alices(&setup, &mut browser).await?);
    assert_eq!(browser.cookie(broker, "mandate_broker"), None);
    let mut thief = setup.browser()?;
    thief.set_cookie(broker, "mandate_broker", &cookie);
    assert!(!is_alices(&setup, &mut thief).await?, "ended on the server, too");

    // The other direction: after a logout at StockTrade, the next login asks for credentials.
    browser.open(log_in.as_str()).await?;
    browser.type_credentials(ALICE).await?;
    assert!(is_alices(&setup, &mut browser).await?);
    let form = browser.page()?.form_with("csrf_token")?;
    assert!(form.action.ends_with("/auth/logout"), "{form:?}");
    browser.submit(&form, &[], None).await?;
    assert!(!is_alices(&setup, &mut browser).await?);
    browser.open(log_in.as_str()).await?;
    browser.page()?.form_with("password")?;
    program.stop().await
}
