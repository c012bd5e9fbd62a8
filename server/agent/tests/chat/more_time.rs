//! Five more minutes to decide: the card and the worker follow (PROTOCOL.md, step 4).

use shared::chat::{ApprovalState, MoreTime};
use world::Fault;

use crate::{
    browser::approvals,
    orders::{ask, is_placed},
    world::{World, until},
};

/// With the ping, the agent learns of the new expiry at once; without it, at the next poll.
#[tokio::test(flavor = "multi_thread")]
async fn order_is_placed_in_the_time_that_was_added() {
    for has_ping in [true, false] {
        let world = World::new().await;
        let mut browser = world.connected().await;
        let interval = if has_ping { 60 } else { 5 };
        world.at_identity.fails("/bc-authorize", Fault::changed(move |answer| answer["interval"] = interval.into()));
        if !has_ping {
            world.at_agent.fails("POST /ciba/ping", Fault::ServerError);
        }
        let (thread, asked) = ask(&world, &mut browser).await;
        assert_eq!(asked.more_time, MoreTime::Possible);
        world.alice.decide(&asked.page, "later").await;
        if !has_ping {
            world.clock.advance(5_000);
        }
        let longer = until("its card waits longer", async || {
            let cards = approvals(&browser.transcript(&thread).await);
            cards.into_iter().find(|card| card.more_time == MoreTime::Given)
        })
        .await;
        assert_eq!(longer.state, ApprovalState::Waiting);
        let added = longer.expires_at - asked.expires_at;
        assert!((298_000..=302_000).contains(&added), "{added}");
        // The request still waits after its first expiry.
        world.clock.advance(400_000);
        let polls = world.at_identity.grants("ciba").len();
        world.clock.advance(61_000);
        until("it is polled", async || (world.at_identity.grants("ciba").len() > polls).then_some(())).await;
        assert_eq!(browser.threads().await[0].state, shared::chat::ThreadState::Waiting);
        world.alice.decide(&asked.page, "approve").await;
        world.clock.advance(61_000);
        browser.approval(&thread, "it is placed", is_placed).await;
        assert_eq!(world.orders().await, 1);
    }
}
