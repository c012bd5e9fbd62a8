//! Orders: the time from the click on Approve until the chat shows the placed order.

use std::time::{Duration, Instant};

use driver::{ALICE, Outcome, Setup};
use shared::chat::{Approval, ApprovalState, CardBody, Item, Transcript};

fn approval(transcript: &Transcript) -> Option<&Approval> {
    transcript.items.iter().rev().find_map(|item| match item {
        Item::Card(card) => match &card.body {
            CardBody::Approval(approval) => Some(approval),
            _ => None,
        },
        _ => None,
    })
}

pub(crate) async fn approve_to_placed(setup: &Setup, orders: usize) -> Outcome<Vec<Duration>> {
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    browser.connect(&setup.sites).await?;
    let mut times = Vec::new();
    for _ in 0..orders {
        let mut thread = browser.say(&setup.sites, "Buy 1 WAYNE").await?;
        let waits = |transcript: &Transcript| {
            approval(transcript).filter(|card| card.state == ApprovalState::Waiting).map(|card| card.page.clone())
        };
        let page = thread.until(&browser, "an approval that waits", 20, waits).await?;
        browser.open(&page).await?;
        let button = ("decision", "approve");
        let form = browser.page()?.form_to(button)?;
        let began = Instant::now();
        browser.submit(&form, &[], Some(button)).await?;
        let placed = |transcript: &Transcript| {
            approval(transcript).filter(|card| matches!(card.state, ApprovalState::Placed { .. })).map(|_| ())
        };
        thread.until(&browser, "a placed order", 20, placed).await?;
        times.push(began.elapsed());
    }
    program.stop().await?;
    Ok(times)
}
