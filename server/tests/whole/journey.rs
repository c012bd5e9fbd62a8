//! The first journey: quote, login, connection, order, denial, logout. In one process, and over HTTP between three.

use driver::{ALICE, Browser, Outcome, Setup, Thread};
use reqwest::{Method, StatusCode};
use shared::{
    broker::Status,
    chat::{ApprovalState, CardBody, ConnectState, Item, Transcript, View},
};

use crate::support::{apart, approval, orders, over, stolen, together, waiting};

fn quiet(transcript: &Transcript) -> Option<()> {
    (transcript.running.is_empty() && transcript.items.len() > 1).then_some(())
}

fn connect_card(transcript: &Transcript) -> Option<(String, ConnectState)> {
    transcript.items.iter().find_map(|item| match item {
        Item::Card(card) => match &card.body {
            CardBody::Connect { href, state, .. } => Some((href.clone(), *state)),
            _ => None,
        },
        _ => None,
    })
}

fn has_portfolio(transcript: &Transcript) -> Option<()> {
    transcript
        .items
        .iter()
        .any(|item| {
            matches!(item, Item::Call(call)
                if matches!(&call.state, shared::chat::CallState::Done { view: Some(View::Portfolio { .. }), .. }))
        })
        .then_some(())
}

#[tokio::test]
async fn journey_works_in_one_process() -> Outcome {
    let setup = together("journey").await?;
    let program = setup.serve().await?;
    journey(&setup).await?;
    program.stop().await
}

#[tokio::test]
async fn journey_works_in_three_processes() -> Outcome {
    let setup = apart("journey-apart").await?;
    let mut programs = Vec::new();
    for site in ["broker", "tenant", "agent"] {
        programs.push(setup.serve_site(site, &[]).await?);
    }
    journey(&setup).await?;
    for program in programs {
        program.stop().await?;
    }
    Ok(())
}

async fn journey(setup: &Setup) -> Outcome {
    let sites = &setup.sites;
    let mut browser = setup.browser()?;

    // A visitor.
    browser.open(sites.agent.as_str()).await?;
    let mut thread = browser.say(sites, "What is the price of WAYNE?").await?;
    let quote = |transcript: &Transcript| {
        transcript
            .items
            .iter()
            .any(|item| matches!(item, Item::Call(call) if call.tool == "get_stock_price"))
            .then_some(())
    };
    thread.until(&browser, "a quote", 20, |transcript| quote(transcript).and(quiet(transcript))).await?;
    let mut who = browser.say(sites, "Who am I?").await?;
    who.until(&browser, "an answer", 20, quiet).await?;
    assert!(!Thread::said(&who.transcript).contains("Alice"));

    // A person, who takes over the visitor's thread.
    browser.log_in(sites, ALICE).await?;
    browser.say_in(sites, &thread, "Who am I?").await?;
    let named = |transcript: &Transcript| Thread::said(transcript).contains("Alice").then_some(());
    thread.until(&browser, "the person's name", 20, named).await?;

    // A connection. The turn waits for it and then continues.
    let mut thread = browser.say(sites, "Show my portfolio").await?;
    let (href, _) = thread.until(&browser, "a connect card", 20, connect_card).await?;
    browser.consent(sites, sites.agent.join(&href)?.as_str()).await?;
    thread.until(&browser, "the portfolio", 20, has_portfolio).await?;
    assert_eq!(connect_card(&thread.transcript).map(|(_, state)| state), Some(ConnectState::Done));

    // The first order needs another scope, so the person is asked to consent now. Earlier scopes remain granted.
    let mut thread = browser.say(sites, "Buy 5 WAYNE").await?;
    let (href, _) = thread.until(&browser, "a connect card", 20, connect_card).await?;
    browser.consent(sites, sites.agent.join(&href)?.as_str()).await?;
    // An order, approved.
    let card = waiting(&mut thread, &browser).await?;
    assert_eq!((card.title.as_str(), card.code.len()), ("Buy 5 WAYNE", 5), "{card:?}");
    let page = browser.open(&card.page).await?.text();
    assert!(page.contains(&card.code) && page.contains("WAYNE") && page.contains("In all at most"), "{page}");
    browser.decide(&card.page, "approve").await?;
    let placed = over(&mut thread, &browser, 20).await?;
    let ApprovalState::Placed { order } = &placed.state else { return Err(format!("{placed:?}").into()) };
    assert_eq!((order.status, order.placed_by.code.as_deref()), (Status::Filled, Some(card.code.as_str())));
    // The approval page also says so, in StockTrade's words rather than the agent's.
    let page = browser.open(&card.page).await?.text();
    // Its back link leads to the thread that asked.
    let back = format!("{}?approval={}", sites.agent, card.page.rsplit('/').next().unwrap_or_default());
    assert_eq!(browser.open(&back).await?.url, sites.agent.join(&format!("t/{}", thread.id))?);
    let bought = format!(
        "StockTrade placed it: bought 5 WAYNE at {} USD a share",
        order.price.grouped_in(shared::lang::Lang::En)
    );
    assert!(page.contains(&bought), "{page}");

    // Another order, denied. The next messages don't ask again, although the model calls for it (line 55).
    let mut thread = browser.say(sites, "Buy 6 WAYNE").await?;
    let card = waiting(&mut thread, &browser).await?;
    browser.decide(&card.page, "deny").await?;
    let denied = over(&mut thread, &browser, 20).await?;
    assert_eq!(denied.state, ApprovalState::Denied);
    thread.until(&browser, "the turn's end", 20, quiet).await?;
    for (message, answer) in [("Buy WAYNE", "How many shares"), ("6", "ask again by myself")] {
        browser.say_in(sites, &thread, message).await?;
        let answered = |transcript: &Transcript| Thread::said(transcript).contains(answer).then_some(());
        thread.until(&browser, answer, 20, |transcript| answered(transcript).and(quiet(transcript))).await?;
    }
    let asked = thread
        .transcript
        .items
        .iter()
        .filter(|item| matches!(item, Item::Card(card) if matches!(card.body, CardBody::Approval(_))));
    assert_eq!((asked.count(), approval(&thread.transcript).map(|card| card.state)), (1, Some(ApprovalState::Denied)));

    // The broker's own record: one order, by the agent with its approval.
    let agent = stolen(setup, &browser)?;
    let orders = orders(&agent, &mut browser, ALICE).await?;
    let placed: Vec<_> = orders.iter().map(|order| (order.quantity.to_string(), order.status)).collect();
    assert_eq!(placed, [("5".to_owned(), Status::Filled)]);

    logged_out_everywhere(setup, &mut browser, &thread, &back).await
}

/// Logout ends all three sessions: the next login asks for credentials, and the person's data is out of reach.
async fn logged_out_everywhere(setup: &Setup, browser: &mut Browser, thread: &Thread, back: &str) -> Outcome {
    let sites = &setup.sites;
    browser.log_out(sites).await?;
    let messages = sites.agent.join(&format!("api/threads/{}/messages", thread.id))?;
    let body = serde_json::json!({"text": "Who am I?", "key": foundation::secret::token(), "signed_in": false});
    let (status, _) = browser.fetch(Method::POST, messages.as_str(), Some(body)).await?;
    assert_eq!(status, StatusCode::NOT_FOUND, "another person's thread is as if it did not exist (line 46)");
    browser.open(sites.agent.join("auth/login")?.as_str()).await?;
    browser.page()?.form_with("password")?;
    browser.type_credentials(driver::BOB).await?;
    browser.expect_at(sites.agent.as_str())?;
    // The person's back link leads nobody else to their thread (line 46).
    assert_eq!(browser.open(back).await?.url, sites.agent);
    let mut thread = browser.say(sites, "Who am I?").await?;
    let named = |transcript: &Transcript| Thread::said(transcript).contains("Bob").then_some(());
    thread.until(browser, "the other person's name", 20, named).await
}
