//! *Try to break it*: each button sends a real request, shows the real answer, and can be pressed again.

use driver::Browser;
use serde_json::json;
use world::{ALICE, BOB, World};

use super::{GREEN, app, decide, mcp, mcp_status, page, say, until};

/// Presses a step's button, and returns the page with the answers.
async fn press(world: &World, browser: &mut Browser, step: usize, what: &str) -> String {
    page(world, browser, step).await;
    let html = browser.page().unwrap().body.clone();
    let form = driver::html::forms(&html).into_iter().find(|form| form.value("what") == Some(what));
    browser.submit(&form.expect("the button is there"), &[], None).await.unwrap();
    browser.page().unwrap().text()
}

/// Fetches a code, uses it twice, and returns the page with the answers.
async fn replay(world: &World, browser: &mut Browser) -> String {
    browser.open(&world.agent_site().at("workshop/replay")).await.unwrap().text()
}

#[tokio::test(flavor = "multi_thread")]
async fn line_13_workshops_code_works_once() {
    let world = World::start().await;
    let alice = world.connected(ALICE).await;
    let mut browser = alice.browser.lock().await;
    assert!(page(&world, &mut browser, 3).await.contains("Use a code twice"));
    world.forget();
    for times in 1..=2 {
        let text = replay(&world, &mut browser).await;
        assert!(text.contains("POST /oauth/token → 200") && text.contains("POST /oauth/token → 400"), "{text}");
        assert!(text.contains("invalid_grant") && text.contains("somebody else has the code"), "{text}");
        let sent = world.at_identity.grants("authorization_code");
        assert_eq!(sent.len(), 2 * times);
        let (first, second) = (&sent[2 * times - 2], &sent[2 * times - 1]);
        assert_eq!(
            (first.field("code"), first.field("code_verifier")),
            (second.field("code"), second.field("code_verifier"))
        );
    }
    // The login remains: the vault still gives tokens for it.
    say(&world, &mut browser, "Show my portfolio").await;
    until(&world, &mut browser, 4, "Now press “Try to buy with this token”").await;
    // Other people's pages don't show it, and a visitor can't try it.
    let bob = world.logged_in(BOB).await;
    assert!(!page(&world, &mut *bob.browser.lock().await, 3).await.contains("invalid_grant"));
    assert!(replay(&world, &mut world.browser()).await.contains("Log in"));
}

#[tokio::test(flavor = "multi_thread")]
async fn line_26_code_for_the_workshop_is_bound_to_its_session() {
    let world = World::start().await;
    let (alice, bob) = (world.logged_in(ALICE).await, world.logged_in(BOB).await);
    let callback = world.agent_site().at("auth/callback");
    let came =
        alice.browser.lock().await.open_until(&world.agent_site().at("workshop/replay"), &callback).await.unwrap();
    world.forget();
    let mut browser = bob.browser.lock().await;
    let text = browser.open(came.as_str()).await.unwrap().text();
    assert!(world.at_identity.grants("authorization_code").is_empty(), "{text}");
    assert!(!text.contains("→ 400"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn line_20_token_for_mcp_is_refused_at_stocktrade() {
    let world = World::start().await;
    let alice = world.connected(ALICE).await;
    let mut browser = alice.browser.lock().await;
    for _ in 0..2 {
        let text = press(&world, &mut browser, 5, "app_token_elsewhere").await;
        assert!(
            text.contains("GET /api/portfolio → 401")
                && text.contains("accepts only tokens that its own login service"),
            "{text}"
        );
    }
    let sent = world.at_broker.seen("GET /api/portfolio");
    let token = sent.last().unwrap().header("authorization").trim_start_matches("Bearer ").to_owned();
    assert_eq!(driver::claims(&token).unwrap()["aud"], json!(world.agent_site().at("mcp")));
    assert!(!browser.page().unwrap().body.contains(&token), "the browser never gets it");
}

#[tokio::test(flavor = "multi_thread")]
async fn line_33_workshop_places_no_second_order() {
    let world = World::start().await;
    let alice = world.connected(ALICE).await;
    let mut browser = alice.browser.lock().await;
    say(&world, &mut browser, "Buy 4 WAYNE").await;
    decide(&world, &mut browser, "approve").await;
    until(&world, &mut browser, 6, GREEN).await;
    let placed = world.order_ids().await;
    for _ in 0..2 {
        let text = press(&world, &mut browser, 6, "same_token_again").await;
        let same = format!("POST /api/orders → 201 {}: FILLED", placed[0]);
        assert_eq!(text.matches(&same).count(), 2, "{text}");
        let text = press(&world, &mut browser, 6, "other_quantity").await;
        assert!(text.contains("POST /api/orders → 403") && text.contains("4 WAYNE at"), "{text}");
        assert_eq!(world.order_ids().await, placed);
    }
    let sent = world.at_broker.seen("POST /api/orders");
    assert!(sent.iter().any(|order| order.json()["quantity"] == 5), "it really asked for one more");

    // After two minutes there is no token to try it with.
    world.clock.advance(130_000);
    for what in ["same_token_again", "other_quantity"] {
        let text = press(&world, &mut browser, 6, what).await;
        assert!(
            text.contains("POST /oauth/token → 400 invalid_grant") && text.contains("two minutes are over"),
            "{text}"
        );
    }
    assert_eq!(world.order_ids().await, placed);
}

#[tokio::test(flavor = "multi_thread")]
async fn line_49_agents_server_approves_nothing() {
    let world = World::start().await;
    let alice = world.connected(ALICE).await;
    let mut browser = alice.browser.lock().await;
    say(&world, &mut browser, "Buy 5 WAYNE").await;
    until(&world, &mut browser, 6, "Your order waits").await;
    for _ in 0..2 {
        let text = press(&world, &mut browser, 6, "approve_as_agent").await;
        assert!(text.contains("POST /approvals/{id} → 401") && text.contains("nothing else decides"), "{text}");
    }
    let sent = world.at_identity.seen("POST /approvals/");
    assert_eq!(sent.len(), 2);
    assert!(
        sent.iter().all(|it| it.field("decision") == "approve" && it.header("authorization").starts_with("Bearer "))
    );
    assert_eq!((world.waiting().await.len(), world.orders().await), (1, 0));
}

/// *End* ends only what is ticked.
#[tokio::test(flavor = "multi_thread")]
async fn line_9_38_workshop_revokes_what_it_made() {
    let world = World::start().await;
    let alice = world.connected(ALICE).await;
    let mut browser = alice.browser.lock().await;
    let token = app(&world, &mut browser).await;
    let another = app(&world, &mut browser).await;
    mcp(&world, &token, "tools/list", json!({})).await;
    let url = world.agent_site().at("workshop/end");
    let form = async |browser: &mut Browser| {
        browser.open(&url).await.unwrap();
        let html = browser.page().unwrap().body.clone();
        driver::html::forms(&html).into_iter().find(|form| form.action.ends_with("/workshop/end"))
    };

    // Only one app.
    let mut one = form(&mut browser).await.unwrap();
    assert_eq!(one.fields.iter().filter(|(name, _)| name == "app").count(), 2);
    let client = driver::claims(&token).unwrap()["client_id"].as_str().unwrap().to_owned();
    one.fields.retain(|(name, value)| name == "csrf_token" || *value == client);
    browser.submit(&one, &[("csrf_token", "another")], None).await.unwrap();
    assert!(browser.page().unwrap().text().contains("nothing was changed"));
    assert_eq!(mcp_status(&world, &token, "tools/list", json!({})).await, 200);
    browser.submit(&one, &[], None).await.unwrap();
    let text = browser.page().unwrap().text();
    assert!(text.contains("The access of Reader's app has ended: its next call gets 401."), "{text}");
    assert_eq!(mcp_status(&world, &token, "tools/list", json!({})).await, 401);
    assert_eq!(mcp_status(&world, &another, "tools/list", json!({})).await, 200);
    // A repetition changes nothing.
    browser.submit(&one, &[], None).await.unwrap();
    assert_eq!(mcp_status(&world, &another, "tools/list", json!({})).await, 200);

    // Everything else.
    let all = form(&mut browser).await.unwrap();
    browser.submit(&all, &[], None).await.unwrap();
    let text = browser.page().unwrap().text();
    assert!(text.contains("StockTrade is disconnected") && text.contains("no app has access"), "{text}");
    assert_eq!(mcp_status(&world, &another, "tools/list", json!({})).await, 401);
    assert!(page(&world, &mut browser, 4).await.contains("isn’t connected"));
    assert!(form(&mut browser).await.is_none());
}
