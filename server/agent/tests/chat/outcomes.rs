//! Orders whose answer was lost: the broker decides their outcome.

use shared::chat::ApprovalState;
use world::{Fault, grant, refusal};

use crate::{
    model::text,
    orders::{ask, is_placed},
    world::{World, until},
};

/// PROTOCOL.md step 10: before saying "not placed", the agent asks the broker.
#[tokio::test(flavor = "multi_thread")]
async fn order_at_the_broker_is_never_called_not_placed() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    let (thread, approval) = ask(&world, &mut browser).await;
    world.model.replies([text("Done.")]);
    // The order was placed, the answer was lost, and the approval expired before the next attempt.
    let txn = approval.page.rsplit('/').next().unwrap().to_owned();
    world.has_order("ord_7", "FILLED", Some(&txn)).await;
    world.clock.advance(301_000);
    let placed = browser.approval(&thread, "it was placed after all", is_placed).await;
    assert!(matches!(placed.state, ApprovalState::Placed { order } if order.id == "ord_7"));
}

/// PROTOCOL.md step 10: the order was sent, its answer was lost, and then the person blocked the agent.
#[tokio::test(flavor = "multi_thread")]
async fn line_33_order_sent_before_a_block_is_not_called_denied() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    let (thread, approval) = ask(&world, &mut browser).await;
    world.model.replies([text("Done.")]);
    world.at_broker.fails("/api", Fault::ServerError);
    world.decide("approve").await;
    browser.approval(&thread, "it is approved", |state| *state == ApprovalState::Approved).await;
    world.at_identity.fails(grant("ciba"), refusal(400, "access_denied"));
    let txn = approval.page.rsplit('/').next().unwrap().to_owned();
    world.has_order("ord_7", "FILLED", Some(&txn)).await;
    // The agent learns that the approval was revoked while StockTrade can't be asked.
    let polls = || world.at_identity.grants("ciba").len();
    let before = polls();
    until("it polls again", || async { (polls() > before).then_some(()) }).await;
    world.at_broker.mend();
    let placed = browser.approval(&thread, "it was placed after all", is_placed).await;
    assert!(matches!(placed.state, ApprovalState::Placed { order } if order.id == "ord_7"));
}
