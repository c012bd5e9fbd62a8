//! Data of every earlier release, kept in `tests/data`, migrates to the current schema: its person logs in, finds the
//! thread, the connected account and the order, and can continue.

use std::path::Path;

use driver::{ALICE, Outcome, Setup, kept};
use shared::chat::{ApprovalState, Item};

use crate::support::{binary, logs, orders, over, stolen, waiting};

#[tokio::test]
async fn data_of_earlier_releases_migrates() -> Outcome {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let mut releases = 0;
    for release in std::fs::read_dir(&folder)? {
        let release = release?;
        let name = release.file_name().to_string_lossy().into_owned();
        migrates(&release.path(), &name).await.map_err(|error| format!("data of {name}: {error}"))?;
        releases += 1;
    }
    assert!(releases > 0, "there is data to migrate in {}", folder.display());
    Ok(())
}

async fn migrates(data: &Path, name: &str) -> Outcome {
    let setup = Setup::at_ports(binary(), &logs(), &format!("migrate-{name}"), kept::PORTS).await?;
    let postgres = setup.setting("DATABASE_URL").filter(|url| !url.is_empty());
    kept::read(data, &setup.data_dir("serve"), postgres).await?;
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    let page = browser.page()?.text();
    assert!(page.contains("Buy 5 WAYNE"), "the thread is listed: {page}");
    let agent = stolen(&setup, &browser)?;
    let before = orders(&agent, &mut browser, ALICE).await?;
    assert_eq!(before.len(), 1, "{before:?}");

    // The account is still connected, and a new order works.
    let mut thread = browser.say(&setup.sites, "Buy 2 WAYNE").await?;
    let card = waiting(&mut thread, &browser).await?;
    let asked = thread.transcript.items.iter().filter(|item| matches!(item, Item::Card(_))).count();
    assert_eq!(asked, 1, "nothing but the approval is asked for");
    browser.decide(&card.page, "approve").await?;
    let placed = over(&mut thread, &browser, 20).await?;
    assert!(matches!(placed.state, ApprovalState::Placed { .. }), "{placed:?}");
    program.stop().await
}
