//! `mandate keys rotate` next to a running program.

use driver::{ALICE, BOB, Outcome};
use serde_json::Value;

use crate::support::{over, together, waiting};

#[tokio::test]
async fn keys_rotate_beside_a_running_program() -> Outcome {
    let mut setup = together("keys").await?;
    let (done, said) = setup.command(&["keys", "rotate"]).await?;
    assert!(!done && said.contains("no key to rotate"), "{said}");
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    browser.connect(&setup.sites).await?;

    let (done, said) = setup.command(&["keys", "rotate"]).await?;
    assert!(done && said.contains("Mandate identity: the new key") && said.contains("StockTrade: the new"), "{said}");
    for site in [&setup.sites.identity, &setup.sites.broker] {
        let jwks: Value = setup.sites.client()?.get(site.join(".well-known/jwks.json")?).send().await?.json().await?;
        let keys = jwks["keys"].as_array().ok_or("no keys")?;
        assert_eq!(keys.len(), 2, "{jwks}");
        assert!(keys.iter().all(|key| key.get("d").is_none()), "public halves alone");
        assert!(said.contains(keys[1]["kid"].as_str().unwrap_or("?")), "{said}");
    }
    // With another master key, no key is made, because the program couldn't read it.
    setup.set("MASTER_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    let (done, said) = setup.command(&["keys", "rotate"]).await?;
    assert!(!done && said.contains("master key"), "{said}");
    setup.set("MASTER_KEY", "");
    setup.set("KEY_AHEAD_SECONDS", "0");
    let (done, said) = setup.command(&["keys", "rotate"]).await?;
    assert!(!done && said.contains("KEY_AHEAD_SECONDS: expected a whole number from 30"), "{said}");

    // After a restart the program reads both keys.
    program.stop().await?;
    setup.set("KEY_AHEAD_SECONDS", "");
    let program = setup.serve().await?;
    let mut thread = browser.say(&setup.sites, "Buy 5 WAYNE").await?;
    let card = waiting(&mut thread, &browser).await?;
    browser.decide(&card.page, "approve").await?;
    over(&mut thread, &browser, 20).await?;
    let mut other = setup.browser()?;
    other.log_in(&setup.sites, BOB).await?;
    program.stop().await
}
