//! Other people's threads, turns, calls and approvals count as missing.

use reqwest::{StatusCode, header};
use serde_json::json;
use shared::chat::{ApprovalState, Item};

use crate::{
    browser::Browser,
    model::{BUY, calls},
    world::World,
};

/// THREATS.md lines 46 and 59.
#[tokio::test(flavor = "multi_thread")]
async fn line_46_59_threads_of_others_are_404() {
    let world = World::new().await;
    let mut alice = world.connected().await;
    world.model.replies([calls(&[BUY])]);
    let thread = alice.open("Buy 5 WAYNE").await;
    alice.approval(&thread, "it waits", |state| *state == ApprovalState::Waiting).await;
    let transcript = alice.settled(&thread).await;
    let (turn, call) = transcript
        .items
        .iter()
        .find_map(|item| match item {
            Item::Card(card) => Some((card.turn.clone(), card.call.clone())),
            _ => None,
        })
        .unwrap();
    let mut bob = world.visitor();
    bob.log_in(&world, "bob", "/").await;
    let own = bob.open("Mine").await;
    let mut visitor = world.visitor();
    visitor.open("A visitor's").await;
    let nobody = world.visitor();
    for mut other in [bob.clone(), visitor, nobody] {
        for path in
            [format!("api/threads/{thread}"), format!("api/threads/{thread}/events?after=0"), format!("t/{thread}")]
        {
            let theirs = other.get(&path).await;
            assert_eq!(theirs.status(), StatusCode::NOT_FOUND, "{path}");
            let theirs = theirs.text().await.unwrap();
            let none = other.get(&path.replace(&thread, "thr_nothing")).await;
            assert_eq!(none.status(), StatusCode::NOT_FOUND);
            let theirs = theirs.replace(&thread, "thr_nothing");
            assert_eq!(theirs, none.text().await.unwrap(), "as if it did not exist");
        }
        other.signed_in = other.signed_in && other.cookie.is_some();
        for path in [
            format!("api/threads/{thread}/messages"),
            format!("api/threads/{thread}/turns/{turn}/retry"),
            format!("api/threads/{thread}/turns/{turn}/cancel"),
            format!("api/threads/{thread}/calls/{call}/withdraw"),
        ] {
            let body = if path.ends_with("messages") { other.message("x") } else { json!({}) };
            assert_eq!(other.post(&path, &body).await.status(), StatusCode::NOT_FOUND, "{path}");
        }
        assert!(other.threads().await.iter().all(|listed| listed.id != thread && listed.title != "Buy 5 WAYNE"));
    }
    // Bob names Alice's turn and call in the address of his own thread.
    for path in [format!("api/threads/{own}/turns/{turn}/cancel"), format!("api/threads/{own}/turns/{turn}/retry")] {
        assert_eq!(bob.post(&path, &json!({})).await.status(), StatusCode::CONFLICT, "{path}");
    }
    assert_eq!(
        bob.post(&format!("api/threads/{own}/calls/{call}/withdraw"), &json!({})).await.status(),
        StatusCode::NOT_FOUND
    );
    // None of it had an effect.
    assert_eq!(alice.transcript(&thread).await, transcript);
    assert_eq!(alice.get(&format!("t/{thread}")).await.status(), StatusCode::OK);
    assert_eq!(world.withdrawals(), 0);
}

/// THREATS.md line 46: the way back from an approval leads a person to their own thread only.
#[tokio::test(flavor = "multi_thread")]
async fn line_46_approval_leads_only_its_person_to_the_thread() {
    let world = World::new().await;
    let mut alice = world.connected().await;
    world.model.replies([calls(&[BUY])]);
    let thread = alice.open("Buy 5 WAYNE").await;
    let card = alice.approval(&thread, "it waits", |state| *state == ApprovalState::Waiting).await;
    let id = card.page.rsplit('/').next().unwrap().to_owned();
    assert!(id.starts_with("apr"), "{id}");
    let mut bob = world.visitor();
    bob.log_in(&world, "bob", "/").await;
    bob.open("Mine").await;
    let mut visitor = world.visitor();
    visitor.open("A visitor's").await;
    let leads = async |browser: &Browser, id: &str| {
        let response = browser.get(&format!("?approval={id}")).await;
        response.headers()[header::LOCATION].to_str().unwrap().to_owned()
    };
    assert_eq!(leads(&alice, &id).await, format!("/t/{thread}"));
    for (who, browser) in [("bob", &bob), ("a visitor", &visitor), ("nobody", &world.visitor())] {
        assert_eq!(leads(browser, &id).await, "/", "{who}");
    }
    assert_eq!(leads(&alice, "apr_nothing").await, "/");
}
