//! Tests the world itself: it starts quickly, its people reach every site, and it causes only the faults that a test
//! asks for.
#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]

use serde_json::json;
use shared::chat::{ApprovalState, CardBody, Item, Transcript};
use world::{ALICE, Fault, Setup, World, at, refusal};

fn approval(transcript: &Transcript, is: impl Fn(&ApprovalState) -> bool) -> Option<String> {
    let cards = transcript.items.iter().filter_map(|item| match item {
        Item::Card(card) => Some(&card.body),
        _ => None,
    });
    let pages = cards.filter_map(|body| match body {
        CardBody::Approval(approval) if is(&approval.state) => Some(approval.page.clone()),
        _ => None,
    });
    pages.last()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_goes_through_all_sites() {
    for setup in [Setup::default(), Setup::default().apart()] {
        let world = setup.start().await;
        let alice = world.connected(ALICE).await;
        let mut thread = alice.browser.lock().await.say(&world.sites(), "Buy 5 WAYNE").await.unwrap();
        let waits = |transcript: &Transcript| approval(transcript, |state| *state == ApprovalState::Waiting);
        let page = thread.until(&*alice.browser.lock().await, "it waits", 20, waits).await.unwrap();
        alice.decide(&page, "approve").await;
        let placed =
            |transcript: &Transcript| approval(transcript, |state| matches!(state, ApprovalState::Placed { .. }));
        thread.until(&*alice.browser.lock().await, "it is placed", 20, placed).await.unwrap();
        assert_eq!(world.orders().await, 1);
        assert_eq!(world.at_identity.seen("POST /bc-authorize").len(), 1);
        assert_eq!(world.at_agent.seen("POST /ciba/ping").len(), 1);
        assert_eq!(world.at_broker.seen("POST /api/orders").len(), 1);
    }
}

#[tokio::test]
async fn a_fault_is_for_the_requests_that_it_names() {
    let world = World::start().await;
    let get = async |path: &str| match world.http().client().get(world.broker_site().at(path)).send().await {
        Ok(response) => (response.status().as_u16(), response.text().await.ok()),
        Err(_) => (0, None),
    };
    let price = |text: &Option<String>| text.as_ref().is_some_and(|text| text.contains("103.42"));
    world.at_broker.fails("GET /api/stocks/WAYNE", refusal(429, "slow_down"));
    assert_eq!(get("api/stocks/WAYNE").await.0, 429);
    assert_eq!(get("api/stocks/STARK").await.0, 200);
    world.at_broker.mend();
    let (status, text) = get("api/stocks/WAYNE").await;
    assert!(status == 200 && price(&text), "{text:?}");
    world.at_broker.fails_once(at("/api/stocks"), Fault::changed(|stock| stock["price"] = json!("1.00")));
    assert!(get("api/stocks/WAYNE").await.1.unwrap().contains("1.00"));
    assert!(price(&get("api/stocks/WAYNE").await.1));
    world.at_broker.fails_once("/api", Fault::Cut);
    assert_eq!(get("api/stocks/WAYNE").await.1, None);
    assert_eq!(world.at_broker.seen("/api/stocks").len(), 6);
}
