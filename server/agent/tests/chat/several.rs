//! Several orders in answer to one message: one code, one page, one decision.

use serde_json::json;
use shared::chat::{Approval, ApprovalState, Item};

use crate::{
    browser::{Browser, approvals},
    model::{BUY, calls, text},
    orders::is_placed,
    world::{World, until},
};

/// Asks for two orders; returns the thread and the waiting cards.
async fn ask(world: &World, browser: &mut Browser) -> (String, Vec<Approval>) {
    let stark = ("create_order", r#"{"symbol":"STARK","side":"BUY","quantity":3}"#);
    world.model.replies([calls(&[BUY, stark]), text("Done.")]);
    let thread = browser.open("Buy 5 WAYNE and 3 STARK").await;
    let cards = until("both wait", || async {
        let cards = approvals(&browser.transcript(&thread).await);
        (cards.len() == 2 && cards.iter().all(|card| card.state == ApprovalState::Waiting)).then_some(cards)
    });
    let cards = cards.await;
    (thread, cards)
}

async fn over(browser: &Browser, thread: &str) -> Vec<ApprovalState> {
    until("both are over", || async {
        let cards = approvals(&browser.transcript(thread).await);
        let is_over = |card: &Approval| {
            is_placed(&card.state) || matches!(card.state, ApprovalState::Denied | ApprovalState::Withdrawn)
        };
        cards.iter().all(is_over).then(|| cards.into_iter().map(|card| card.state).collect())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_of_one_message_are_decided_together() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    let (thread, cards) = ask(&world, &mut browser).await;
    assert_eq!(cards[0].code, cards[1].code);
    world.alice.decide(&cards[1].page, "approve").await;
    assert!(over(&browser, &thread).await.iter().all(is_placed));
    assert_eq!(world.orders().await, 2);
    // The next message is another group, with another code.
    world.model.replies([calls(&[("create_order", r#"{"symbol":"WAYNE","side":"BUY","quantity":1}"#)])]);
    browser.say(&thread, "Buy 1 WAYNE").await;
    let next = until("it waits", || async { approvals(&browser.transcript(&thread).await).into_iter().nth(2) }).await;
    assert_ne!(next.code, cards[0].code);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_several_is_withdrawn_and_the_rest_can_be_decided() {
    let world = World::new().await;
    let mut browser = world.connected().await;
    let (thread, cards) = ask(&world, &mut browser).await;
    let calls = browser.transcript(&thread).await.items.into_iter().filter_map(|item| match item {
        Item::Card(card) => Some(card.call),
        _ => None,
    });
    let withdraw = format!("api/threads/{thread}/calls/{}/withdraw", calls.collect::<Vec<_>>()[0]);
    assert_eq!(browser.post(&withdraw, &json!({})).await.status().as_u16(), 202);
    browser.approval(&thread, "it is withdrawn", |state| *state == ApprovalState::Withdrawn).await;
    world.alice.decide(&cards[1].page, "approve").await;
    let states = over(&browser, &thread).await;
    assert!(states[0] == ApprovalState::Withdrawn && is_placed(&states[1]), "{states:?}");
    assert_eq!(world.orders().await, 1);
}
