//! The forgeries of `make demo-attack`, against the whole program: one approval places one order, and nothing else
//! is placed whatever secrets the attacker holds.

use drive::{ALICE, Agent, Attack, Outcome};

use crate::support::{orders, stolen, together};

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
