//! Keeps this commit's data as a migration test for later ones: makes the first journey, then dumps the databases as
//! SQL. Run before a release: `cargo build -p mandate && cargo run -p mandate --example keep_data -- 0.2`.

use std::path::Path;

use driver::{ALICE, Outcome, Setup, kept};
use shared::chat::{ApprovalState, CardBody, Item, Transcript};

fn state(transcript: &Transcript) -> Option<(ApprovalState, String)> {
    transcript.items.iter().rev().find_map(|item| match item {
        Item::Card(card) => match &card.body {
            CardBody::Approval(approval) => Some((approval.state.clone(), approval.page.clone())),
            _ => None,
        },
        _ => None,
    })
}

#[tokio::main]
async fn main() -> Outcome {
    let name = std::env::args().nth(1).ok_or("usage: keep_data VERSION")?;
    let server = Path::new(env!("CARGO_MANIFEST_DIR"));
    let target = server.join("../target");
    let setup = Setup::at_ports(&target.join("debug/mandate"), &target.join("keep-logs"), "keep", kept::PORTS).await?;
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    browser.connect(&setup.sites).await?;
    let mut thread = browser.say(&setup.sites, "Buy 5 WAYNE").await?;
    let waits = |transcript: &Transcript| state(transcript).filter(|(state, _)| *state == ApprovalState::Waiting);
    let (_, page) = thread.until(&browser, "an approval that waits", 20, waits).await?;
    browser.decide(&page, "approve").await?;
    let over = |transcript: &Transcript| state(transcript).filter(|(state, _)| state.is_over()).map(|_| ());
    thread.until(&browser, "a placed order", 20, over).await?;
    program.stop().await?;
    kept::write(&setup.data_dir("serve"), &server.join("tests/data").join(name)).await
}
