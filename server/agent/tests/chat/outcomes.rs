//! Orders whose answer was lost: the broker decides their outcome.

use shared::chat::ApprovalState;

use crate::{
    broker::order,
    model::text,
    orders::{ask, is_placed},
    world::World,
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
    world.broker.state().orders.push(order("ord_7", "FILLED", Some(&txn)));
    world.identity.state().decided = Some("expired_token");
    let placed = browser.approval(&thread, "it was placed after all", is_placed).await;
    assert!(matches!(placed.state, ApprovalState::Placed { order } if order.id == "ord_7"));
}

/// PROTOCOL.md step 10: the order was sent, its answer was lost, and then the person blocked the agent.
#[tokio::test(flavor = "multi_thread")]
async fn order_that_left_before_a_block_is_never_called_denied() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    let (thread, approval) = ask(&world, &mut browser).await;
    world.model.replies([text("Done.")]);
    world.broker.state().trouble = Some(crate::identity::Trouble::ServerError);
    world.identity.state().decided = Some("approved");
    browser.approval(&thread, "it is approved", |state| *state == ApprovalState::Approved).await;
    world.identity.state().decided = Some("denied");
    let txn = approval.page.rsplit('/').next().unwrap().to_owned();
    world.broker.state().orders.push(order("ord_7", "FILLED", Some(&txn)));
    world.broker.state().trouble = None;
    let placed = browser.approval(&thread, "it was placed after all", is_placed).await;
    assert!(matches!(placed.state, ApprovalState::Placed { order } if order.id == "ord_7"));
}
