//! Renaming and deleting a chat, and titles in the model's words.

use std::sync::Arc;

use reqwest::{StatusCode, header};
use shared::chat::{Approval, ApprovalState, Item, Kind};
use tokio::sync::Semaphore;

use crate::{
    browser::{Browser, said},
    cleanup::rows,
    login::csrf_token,
    model::{BUY, Reply, Step, calls, piece, text},
    orders::is_placed,
    world::{World, until},
};

/// Submits a form of the chat's page. Returns the address to which it redirects.
async fn submit(world: &World, browser: &mut Browser, path: &str, title: &str) -> String {
    let token = csrf_token(world, browser).await;
    let response = browser.submit(path, &[("csrf_token", &token), ("title", title)]).await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{}", response.text().await.unwrap());
    response.headers()[header::LOCATION].to_str().unwrap().to_owned()
}

async fn title(browser: &Browser, thread: &str) -> String {
    let listed = browser.threads().await.into_iter().find(|listed| listed.id == thread).unwrap().title;
    assert_eq!(listed, browser.transcript(thread).await.title);
    listed
}

/// THREATS.md lines 9, 31 and 46: only its owner renames a chat, by a form of their own page. The title is plain text.
#[tokio::test(flavor = "multi_thread")]
async fn line_9_31_46_owner_renames_a_chat() {
    let world = World::new().await;
    let mut browser = world.visitor();
    let first = browser.open("What is the price of WAYNE?").await;
    browser.settled(&first).await;
    world.clock.advance(1_000);
    let second = browser.open("Hi").await;
    let seq = browser.settled(&second).await.seq;
    let mut other_tab = browser.events(&first, browser.transcript(&first).await.seq).await;
    let back = submit(&world, &mut browser, &format!("t/{first}/rename"), " My \u{202e}first\nchat ").await;
    assert_eq!(back, format!("/t/{first}"));
    assert_eq!(title(&browser, &first).await, "My first chat");
    let told = other_tab.next().await.unwrap();
    assert_eq!(told.kind, Kind::Title { title: "My first chat".into() });
    // It keeps its place in the list.
    assert_eq!(browser.threads().await[0].id, second);
    assert_eq!(browser.transcript(&second).await.seq, seq);

    let token = csrf_token(&world, &browser).await;
    let path = format!("t/{first}/rename");
    for (token, title, status) in [
        ("forged", "x", StatusCode::FORBIDDEN),
        (&token, "", StatusCode::BAD_REQUEST),
        (&token, "\u{200b}", StatusCode::BAD_REQUEST),
        (&token, &"x".repeat(101), StatusCode::BAD_REQUEST),
    ] {
        let response = browser.submit(&path, &[("csrf_token", token), ("title", title)]).await;
        assert_eq!(response.status(), status, "{title}");
    }
    let mut stranger = world.visitor();
    let own = stranger.open("Hi").await;
    stranger.settled(&own).await;
    let token = csrf_token(&world, &stranger).await;
    for way in ["rename", "delete", "restore"] {
        let fields = [("csrf_token", token.as_str()), ("title", "Stolen")];
        let response = stranger.submit(&format!("t/{first}/{way}"), &fields).await;
        let refused = if way == "restore" { StatusCode::CONFLICT } else { StatusCode::NOT_FOUND };
        assert_eq!(response.status(), refused, "{way}");
    }
    assert_eq!(title(&browser, &first).await, "My first chat");
}

/// A deleted chat disappears at once in every tab. Deleting can be undone for a minute; then all rows are removed.
#[tokio::test(flavor = "multi_thread")]
async fn chat_is_deleted_and_restored_within_a_minute() {
    let world = World::new().await;
    let pool = world.pool().await;
    let mut browser = world.visitor();
    world.model.replies([calls(&[("whoami", "{}")]), text("Hello.")]);
    let thread = browser.open("Hi").await;
    let before = browser.settled(&thread).await;
    let mut other_tab = browser.events(&thread, before.seq).await;
    let away = submit(&world, &mut browser, &format!("t/{thread}/delete"), "").await;
    assert_eq!(away, format!("/?deleted={thread}"));
    assert_eq!(other_tab.next().await.unwrap().kind, Kind::Deleted { undone: false });
    assert!(other_tab.next().await.is_none(), "its stream ends");
    let is_gone = async |browser: &mut Browser| {
        assert!(browser.threads().await.is_empty());
        for path in ["", "/events", "/turns/x/markdown"] {
            let response = browser.get(&format!("api/threads/{thread}{path}")).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        }
        let message = browser.message("Still there?");
        let response = browser.post(&format!("api/threads/{thread}/messages"), &message).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
    };
    is_gone(&mut browser).await;
    // A second click changes nothing.
    assert_eq!(submit(&world, &mut browser, &format!("t/{thread}/delete"), "").await, away);

    assert_eq!(submit(&world, &mut browser, &format!("t/{thread}/restore"), "").await, format!("/t/{thread}"));
    assert_eq!(browser.transcript(&thread).await.items, before.items);
    assert_eq!(submit(&world, &mut browser, &format!("t/{thread}/restore"), "").await, format!("/t/{thread}"));

    submit(&world, &mut browser, &format!("t/{thread}/delete"), "").await;
    world.clock.advance(61_000);
    is_gone(&mut browser).await;
    let token = csrf_token(&world, &browser).await;
    let late = browser.submit(&format!("t/{thread}/restore"), &[("csrf_token", &token)]).await;
    assert_eq!(late.status(), StatusCode::CONFLICT);
    world.clock.advance(11_000);
    until("it is removed", async || (rows(&pool, &thread).await == [0; 5]).then_some(())).await;
}

/// Deleting withdraws open requests and cancels running turns. Placed orders stay at StockTrade.
#[tokio::test(flavor = "multi_thread")]
async fn deleting_withdraws_what_waits_and_keeps_what_was_placed() {
    let world = World::new().await;
    let pool = world.pool().await;
    let mut browser = world.connected().await;
    world.model.replies([calls(&[BUY]), text("Placed.")]);
    let thread = browser.open("Buy 5 WAYNE").await;
    let waits = |approval: &ApprovalState| *approval == ApprovalState::Waiting;
    browser.approval(&thread, "it waits", waits).await;
    world.decide("approve").await;
    browser.approval(&thread, "it is placed", is_placed).await;
    browser.settled(&thread).await;
    let sell = r#"{"symbol":"WAYNE","side":"SELL","quantity":2}"#;
    world.model.replies([calls(&[("create_order", sell)])]);
    browser.say(&thread, "Sell 2 WAYNE").await;
    let _: Approval = browser.approval(&thread, "it waits", waits).await;
    let gate = Arc::new(Semaphore::new(0));
    world.model.replies([Reply::Steps(vec![piece("Once"), Step::Hold(gate), Step::Forever])]);
    browser.say(&thread, "Tell me a story").await;
    until("it runs", async || said(&browser.transcript(&thread).await).contains("Once").then_some(())).await;

    submit(&world, &mut browser, &format!("t/{thread}/delete"), "").await;
    until("it is withdrawn", async || (world.withdrawals() == 1).then_some(())).await;
    until("nothing waits", async || world.waiting().await.is_empty().then_some(())).await;
    let is_over = "SELECT COUNT(*) FROM turn WHERE thread = $1 AND state IN ('running', 'waiting')";
    until("everything is over", async || {
        let open: i64 = sqlx::query_scalar(is_over).bind(&thread).fetch_one(&pool).await.unwrap();
        (open == 0).then_some(())
    })
    .await;
    world.clock.advance(71_000);
    until("it is removed", async || (rows(&pool, &thread).await == [0; 5]).then_some(())).await;
    let approvals = "SELECT COUNT(*) FROM approval WHERE asker = $1";
    assert_eq!(sqlx::query_scalar::<_, i64>(approvals).bind(&thread).fetch_one(&pool).await.unwrap(), 0);
    assert_eq!(world.orders().await, 1);
}

/// THREATS.md line 31: the model is asked for a title once, after the first answer. Unusable titles are ignored.
#[tokio::test(flavor = "multi_thread")]
async fn line_31_model_gives_a_title_after_the_first_answer() {
    let world = World::new().await;
    for (reply, expected) in [
        (text("\"Price of Wayne\""), "Price of Wayne"),
        (text("Sure!\n\nPrice of Wayne"), "What is it?"),
        (text("Price \u{202e}of Wayne"), "What is it?"),
        (Reply::Status(500, "broken"), "What is it?"),
        (calls(&[("whoami", "{}")]), "What is it?"),
    ] {
        let mut browser = world.visitor();
        world.model.titles([reply]);
        world.model.replies([text("103.42 USD.")]);
        let asked = world.model.title_requests().len();
        let thread = browser.open("What is it?\nPlease").await;
        let transcript = browser.settled(&thread).await;
        assert_eq!(said(&transcript), "<p>103.42 USD.</p>\n");
        until("it was asked", async || (world.model.title_requests().len() > asked).then_some(())).await;
        if expected == "What is it?" {
            // The second answer comes without another call.
            browser.say(&thread, "And now?").await;
            browser.settled(&thread).await;
            assert_eq!(world.model.title_requests().len(), asked + 1);
            assert_eq!(title(&browser, &thread).await, expected);
        } else {
            until("the title comes", async || (browser.transcript(&thread).await.title == expected).then_some(()))
                .await;
        }
        let transcript = browser.settled(&thread).await;
        assert!(!transcript.items.iter().any(|item| matches!(item, Item::Call(_))), "{transcript:?}");
        assert_eq!(title(&browser, &thread).await, expected);
    }
    let last = world.model.title_requests().pop().unwrap();
    assert_eq!(last["tools"], serde_json::Value::Null);
    assert_eq!(last["messages"][1]["content"], "Person: What is it?\nPlease\n\nAgent: 103.42 USD.");
}

/// The chat doesn't wait for a title that is late or missing, and the person's own title stays.
#[tokio::test(flavor = "multi_thread")]
async fn title_of_the_model_delays_nothing_and_loses_to_the_persons() {
    let world = World::new().await;
    let gate = Arc::new(Semaphore::new(0));
    let mut browser = world.visitor();
    let Reply::Steps(steps) = text("Price of Wayne") else { panic!() };
    world.model.titles([Reply::Steps([vec![Step::Hold(gate.clone())], steps].concat()), Reply::Silence]);
    let thread = browser.open("What is it?").await;
    browser.settled(&thread).await;
    until("it was asked", async || (world.model.title_requests().len() == 1).then_some(())).await;
    submit(&world, &mut browser, &format!("t/{thread}/rename"), "Mine").await;
    gate.add_permits(1);
    // The chat continues while the model gives no title.
    let other = browser.open("And that?").await;
    browser.settled(&other).await;
    browser.say(&other, "More").await;
    browser.settled(&other).await;
    world.clock.advance(16_000);
    assert_eq!(title(&browser, &other).await, "And that?");
    assert_eq!(title(&browser, &thread).await, "Mine");
}
