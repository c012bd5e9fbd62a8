//! A step that was done wrongly says what is missing.

use serde_json::json;
use world::{ALICE, Fault, World};

use super::{GREEN, app, decide, mcp, page, say, submit, until};

#[tokio::test(flavor = "multi_thread")]
async fn unanswered_question_without_tools_is_named() {
    let world = World::start().await;
    let mut browser = world.browser();
    page(&world, &mut browser, 1).await;
    world.at_agent.fails("POST /rehearsal", Fault::Answer(400, json!({ "error": { "message": "no" } })));
    submit(&mut browser, "/workshop/ask", &[("text", "Who am I?")]).await;
    until(&world, &mut browser, 1, "You asked, but no answer came").await;
    world.at_agent.mend();
    page(&world, &mut browser, 1).await;
    submit(&mut browser, "/workshop/ask", &[("text", "Who am I?")]).await;
    until(&world, &mut browser, 1, GREEN).await;
}

/// In the chat of step 1 no tool can be called, and a login later changes nothing about an earlier question.
#[tokio::test(flavor = "multi_thread")]
async fn price_without_tools_and_a_question_as_visitor_do_not_count() {
    let world = World::start().await;
    let mut browser = world.browser();
    page(&world, &mut browser, 1).await;
    submit(&mut browser, "/workshop/ask", &[("text", "What is the price of WAYNE?")]).await;
    until(&world, &mut browser, 1, GREEN).await;
    assert!(page(&world, &mut browser, 2).await.contains("The chat of step 1 has no tools"));
    say(&world, &mut browser, "Who am I?").await;
    until(&world, &mut browser, 3, "You asked before you logged in").await;
    browser.log_in(&world.sites(), ALICE).await.unwrap();
    assert!(page(&world, &mut browser, 3).await.contains("You asked before you logged in"));
}

#[tokio::test(flavor = "multi_thread")]
async fn account_that_was_not_allowed_is_named() {
    let world = World::start().await;
    let alice = world.logged_in(ALICE).await;
    for step in [4, 6] {
        let text = page(&world, &mut *alice.browser.lock().await, step).await;
        assert!(text.contains("Your StockTrade account isn’t connected"), "{step}: {text}");
    }
    let connect = world.agent_site().at("accounts/connect?returnTo=/workshop/4");
    alice.consents(&connect, "deny", world.agent_site().origin()).await;
    let mut browser = alice.browser.lock().await;
    assert!(page(&world, &mut browser, 4).await.contains("allow at StockTrade what it asks"));

    // An app without an account reads nothing.
    let token = app(&world, &mut browser).await;
    mcp(&world, &token, "tools/list", json!({})).await;
    until(&world, &mut browser, 5, "so there was nothing to read").await;
    assert!(page(&world, &mut browser, 7).await.contains("hasn’t used a tool"));

    // The step counts only while the account is connected.
    browser.connect(&world.sites()).await.unwrap();
    say(&world, &mut browser, "Show my portfolio").await;
    until(&world, &mut browser, 4, "Now press “Try to buy with this token”").await;
    browser.disconnect(&world.sites()).await.unwrap();
    assert!(page(&world, &mut browser, 4).await.contains("isn’t connected"));
}

#[tokio::test(flavor = "multi_thread")]
async fn operator_who_lets_tokens_trade_is_named() {
    let world = World::start().await;
    let alice = world.connected(ALICE).await;
    let mut browser = alice.browser.lock().await;
    say(&world, &mut browser, "Show my portfolio").await;
    until(&world, &mut browser, 4, "Now press “Try to buy with this token”").await;
    let accepted = json!({ "id": "ord_1", "status": "REJECTED" });
    world.at_broker.fails_once("POST /api/orders", Fault::Answer(201, accepted));
    submit(&mut browser, "/workshop/try", &[]).await;
    let text = browser.page().unwrap().text();
    assert!(text.contains("didn’t refuse the order") && text.contains("This didn’t fail as it must"), "{text}");
    // An answer of 500 is shown, and the attack can be tried again.
    world.at_broker.fails_once("POST /api/orders", Fault::ServerError);
    page(&world, &mut browser, 4).await;
    submit(&mut browser, "/workshop/try", &[]).await;
    assert!(browser.page().unwrap().text().contains("500"), "{}", browser.page().unwrap().text());
    page(&world, &mut browser, 4).await;
    submit(&mut browser, "/workshop/try", &[]).await;
    assert!(browser.page().unwrap().text().contains(GREEN));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_end_of_an_order_is_named() {
    let world = World::start().await;
    let alice = world.connected(ALICE).await;
    let mut browser = alice.browser.lock().await;
    let browser = &mut browser;

    say(&world, browser, "Buy 5 WAYNE").await;
    until(&world, browser, 6, "Your order waits").await;
    world::until("it waits", async || world.waiting().await.pop()).await;
    world.clock.advance(301_000);
    until(&world, browser, 6, "Nobody decided the last order in time").await;

    // The price moves past the limit before it is approved.
    say(&world, browser, "Buy 4 WAYNE").await;
    until(&world, browser, 6, "Your order waits").await;
    world::until("it waits", async || world.waiting().await.pop()).await;
    world.set_price("WAYNE", 20_000).await;
    decide(&world, browser, "approve").await;
    until(&world, browser, 6, "StockTrade rejected it").await;
    world.set_price("WAYNE", 10_000).await;
    world.clock.advance(1_000);

    say(&world, browser, "Buy 3 WAYNE").await;
    until(&world, browser, 6, "Your order waits").await;
    decide(&world, browser, "deny").await;
    until(&world, browser, 6, "You denied the last order").await;
}
