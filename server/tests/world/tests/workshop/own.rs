//! A reader's own requests, as each site recorded them, are those of the reference recording.

use app::agent::workshop::recording::STEPS;
use driver::Browser;
use serde_json::json;
use world::{ALICE, World};

use super::{GREEN, app, decide, mcp, page, say, submit, until};

/// The rows of the step's diagram.
async fn rows(world: &World, browser: &mut Browser, step: usize) -> Vec<String> {
    page(world, browser, step).await;
    let body = &browser.page().unwrap().body;
    let figure = body.split(r#"<figure class="diagram">"#).nth(1).unwrap();
    let list = figure.split(r#"<ol class="diagram-text">"#).nth(1).unwrap().split("</ol>").next().unwrap();
    list.split("<li>").skip(1).map(str::to_owned).collect()
}

/// The reference's requests that name somebody, but for which the diagram has none of the reader's own.
async fn missing(world: &World, browser: &mut Browser, step: usize) -> String {
    let rows = rows(world, browser, step).await;
    assert_eq!(rows.len(), STEPS[step - 1].len(), "step {step}");
    let missing =
        rows.iter().zip(STEPS[step - 1]).filter(|(row, request)| row.contains("\u{a0}ms") == request.names_nobody);
    missing.map(|(_, request)| format!("step {step}: {request:?}\n")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_own_requests_replace_the_reference() {
    let world = World::start().await;
    let alice = world.logged_in(ALICE).await;
    let browser = &mut *alice.browser.lock().await;
    let mut missed = String::new();

    let text = page(&world, browser, 1).await;
    assert!(
        text.contains("as recorded in a test") && text.contains("Record your requests at Mandate identity"),
        "{text}"
    );
    browser.open(&world.identity_site().at("recording")).await.unwrap();
    submit(browser, "/recording", &[("act", "start")]).await;
    let text = page(&world, browser, 1).await;
    assert!(text.contains("as recorded in a test") && text.contains("Your requests are recorded until"), "{text}");

    submit(browser, "/workshop/ask", &[("text", "Who am I?")]).await;
    until(&world, browser, 1, GREEN).await;
    missed += &missing(&world, browser, 1).await;
    assert!(page(&world, browser, 1).await.contains("This really flowed"));

    say(&world, browser, "What is the price of WAYNE?").await;
    until(&world, browser, 2, GREEN).await;
    missed += &missing(&world, browser, 2).await;

    // Another browser of hers. Its requests before the login are added to her recording.
    let mut other = world.browser();
    other.log_in(&world.sites(), ALICE).await.unwrap();
    say(&world, &mut other, "Who am I?").await;
    until(&world, browser, 3, GREEN).await;
    missed += &missing(&world, browser, 3).await;

    browser.connect(&world.sites()).await.unwrap();
    say(&world, browser, "Show my portfolio").await;
    until(&world, browser, 4, "Now press “Try to buy with this token”").await;
    submit(browser, "/workshop/try", &[]).await;
    missed += &missing(&world, browser, 4).await;

    let token = app(&world, browser).await;
    mcp(&world, &token, "tools/call", json!({ "name": "get_portfolio", "arguments": {} })).await;
    until(&world, browser, 5, GREEN).await;
    missed += &missing(&world, browser, 5).await;

    say(&world, browser, "Buy 4 WAYNE").await;
    until(&world, browser, 6, "Your order waits").await;
    decide(&world, browser, "approve").await;
    until(&world, browser, 6, GREEN).await;
    missed += &missing(&world, browser, 6).await;
    assert!(missed.is_empty(), "not recorded:\n{missed}");

    // The numbers lead to the sites that recorded them.
    let rows = rows(&world, browser, 6).await.concat();
    for site in [world.identity_site(), world.broker_site()] {
        let link = format!(r#"href="{}?step=6#r"#, site.at("recording"));
        let number = rows.split(&link).nth(1).unwrap().split('"').next().unwrap().to_owned();
        browser.open(&site.at("recording")).await.unwrap();
        assert!(browser.page().unwrap().body.contains(&format!(r#"id="r{number}""#)), "{number}");
        // A request links to the button that tries its attack.
        let button = format!(r#"href="{}#break""#, world.agent_site().at("workshop/6"));
        assert!(browser.page().unwrap().body.contains(&button), "{button}");
    }
    assert!(page(&world, browser, 6).await.contains("Try to break it"));
    assert!(browser.page().unwrap().body.contains(r#"id="break""#));

    // *Start again* forgets it here, and the person's recording continues.
    world.clock.advance(1_000);
    page(&world, browser, 4).await;
    submit(browser, "/workshop/again", &[]).await;
    let text = page(&world, browser, 4).await;
    assert!(!text.contains("This really flowed") && text.contains("Your requests are recorded until"), "{text}");
}
