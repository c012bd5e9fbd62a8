//! Kills the program with SIGKILL at every named crash point of an order (PROTOCOL.md, "The order, step by step"), and
//! restarts it. The order is placed exactly once.

use std::os::unix::process::ExitStatusExt;

use driver::{ALICE, Outcome, Program, Setup, until_ok};
use serde_json::{Value, json};
use shared::{
    broker::Status,
    chat::{ApprovalState, Transcript},
};
use sqlx::{AssertSqlSafe, Connection};

use crate::{
    mcp,
    support::{apart, approval, database, orders, over, stolen, together, waiting},
};

/// The process that dies before the decision, and its crash point. The agent's are PROTOCOL.md's numbers 1 to 3.
const BEFORE: [(&str, &str); 4] =
    [("agent", "agent:1"), ("agent", "agent:2"), ("agent", "agent:3"), ("tenant", "identity:request-stored")];

/// Between the decision and the provider's token for the order. The agent's are numbers 4 and 5.
const DECIDED: [(&str, &str); 4] =
    [("tenant", "identity:decided"), ("agent", "agent:4"), ("agent", "agent:5"), ("broker", "provider:exchanged")];

/// From the provider's answer to its use. The agent's are numbers 7 and 8.
const EXCHANGED: [(&str, &str); 4] =
    [("tenant", "identity:exchanged"), ("broker", "broker:order-stored"), ("agent", "agent:7"), ("agent", "agent:8")];

const SIGKILL: i32 = 9;

#[tokio::test]
async fn an_order_survives_a_kill_before_the_decision() -> Outcome {
    orders_survive(&apart("crash-before").await?, &BEFORE, true).await
}

#[tokio::test]
async fn an_order_survives_a_kill_after_the_decision() -> Outcome {
    orders_survive(&apart("crash-decided").await?, &DECIDED, false).await
}

#[tokio::test]
async fn an_order_survives_a_kill_after_the_exchange() -> Outcome {
    orders_survive(&apart("crash-exchanged").await?, &EXCHANGED, false).await
}

/// One order for each crash point, all from one person, who may request five at a time.
async fn orders_survive(setup: &Setup, points: &[(&str, &str)], before_decision: bool) -> Outcome {
    let sites = setup.sites.clone();
    let mut running: Vec<(&str, Option<Program>)> = Vec::new();
    for site in ["broker", "tenant", "agent"] {
        running.push((site, Some(setup.serve_site(site, &[]).await?)));
    }
    let mut browser = setup.browser()?;
    browser.log_in(&sites, ALICE).await?;
    browser.connect(&sites).await?;

    for (at, &(victim, point)) in points.iter().enumerate() {
        let place = running.iter().position(|(site, _)| *site == victim).ok_or("a site")?;
        if let Some(program) = running[place].1.take() {
            program.stop().await?;
        }
        let mut dying = setup.serve_site(victim, &[("MANDATE_CRASH_AT", point)]).await?;

        // Every order has a different quantity, by which it is identified.
        let quantity = at + 1;
        let text = format!("Buy {quantity} WAYNE");
        let key = foundation::secret::token();
        let said = browser.say_once(&sites, &text, &key).await;
        let waiting =
            |transcript: &Transcript| approval(transcript).filter(|approval| approval.state == ApprovalState::Waiting);
        if before_decision {
            let status = dying.ended(20).await.map_err(|error| format!("{point} was not reached: {error}"))?;
            assert_eq!(status.signal(), Some(SIGKILL), "{point}: {status}");
            running[place].1 = Some(setup.serve_site(victim, &[]).await?);
        }
        // The answer may be lost with the process. The browser then sends the message again under its key.
        let mut thread = match said {
            Ok(thread) => thread,
            Err(_) if victim == "agent" => browser.say_once(&sites, &text, &key).await?,
            Err(error) => return Err(format!("{point}: {error}").into()),
        };
        let card = thread.until(&browser, &format!("{point}: an approval that waits"), 40, waiting).await?;
        // If Mandate identity dies on the decision, its answer is lost, but not the decision.
        let decided = browser.decide(&card.page, "approve").await;
        if !before_decision {
            let status = dying.ended(20).await.map_err(|error| format!("{point} was not reached: {error}"))?;
            assert_eq!(status.signal(), Some(SIGKILL), "{point}: {status}");
            running[place].1 = Some(setup.serve_site(victim, &[]).await?);
        } else {
            decided?;
        }
        let card = over(&mut thread, &browser, 60).await.map_err(|error| format!("{point}: {error}"))?;
        let ApprovalState::Placed { order } = &card.state else { return Err(format!("{point}: {card:?}").into()) };
        assert_eq!((order.status, order.quantity.to_string()), (Status::Filled, quantity.to_string()), "{point}");
    }

    // The broker holds each order once, and nothing else.
    let agent = stolen(setup, &browser)?;
    let mut placed: Vec<u32> = Vec::new();
    for order in orders(&agent, &mut browser, ALICE).await? {
        assert_eq!(order.status, Status::Filled, "{order:?}");
        placed.push(order.quantity.to_string().parse()?);
    }
    placed.sort_unstable();
    let wanted: Vec<u32> = (1..=u32::try_from(points.len())?).collect();
    assert_eq!(placed, wanted, "each order exactly once");
    Ok(())
}

/// The same for a call at `/mcp` whose caller is gone when the agent restarts.
#[tokio::test]
async fn approved_call_at_mcp_is_placed_after_a_kill() -> Outcome {
    let setup = apart("crash-mcp").await?;
    let mut others = Vec::new();
    for site in ["broker", "tenant"] {
        others.push(setup.serve_site(site, &[]).await?);
    }
    let agent = setup.serve_site("agent", &[]).await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    browser.connect(&setup.sites).await?;
    let token = mcp::token(&setup, &mut browser).await?;
    agent.stop().await?;

    for (at, point) in ["agent:4", "agent:5", "agent:7"].into_iter().enumerate() {
        let mut dying = setup.serve_site("agent", &[("MANDATE_CRASH_AT", point), ("MCP_WAIT_SECONDS", "1")]).await?;
        let order = json!({ "symbol": "WAYNE", "side": "BUY", "quantity": at + 1 });
        let mut waiting = mcp::call(&setup, &token, "create_order", order).await?["structuredContent"].take();
        // The identity service may not have answered within a second.
        if waiting["page"].is_null() {
            let request = json!({ "request": waiting["request"] });
            waiting = until_ok("its page is known", async || {
                let read = read(&setup, &token, &request).await?;
                Ok((!read["page"].is_null()).then_some(read))
            })
            .await?;
        }
        assert_eq!(waiting["status"], "waiting", "{point}: {waiting}");
        browser.decide(waiting["page"].as_str().ok_or("a page")?, "approve").await?;
        let status = dying.ended(20).await.map_err(|error| format!("{point} was not reached: {error}"))?;
        assert_eq!(status.signal(), Some(SIGKILL), "{point}: {status}");
        let agent = setup.serve_site("agent", &[]).await?;
        let request = json!({ "request": waiting["request"] });
        let placed = async || Ok((read(&setup, &token, &request).await?["status"] == "placed").then_some(()));
        until_ok(&format!("the order is placed after {point}"), placed).await?;
        agent.stop().await?;
    }
    let _agent = setup.serve_site("agent", &[]).await?;
    let placed = orders(&stolen(&setup, &browser)?, &mut browser, ALICE).await?;
    let mut placed: Vec<String> = placed.iter().map(|order| order.quantity.to_string()).collect();
    placed.sort_unstable();
    assert_eq!(placed, ["1", "2", "3"], "each order exactly once");
    Ok(())
}

/// Killed while it holds a turn and restarted, the program resumes the turn at once, before its lease expires.
#[tokio::test]
async fn killed_program_resumes_its_turns_at_start() -> Outcome {
    let setup = together("take-back").await?;
    let program = setup.serve().await?;
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    browser.connect(&setup.sites).await?;
    program.stop().await?;
    let mut dying = setup.serve_with(&[("MANDATE_CRASH_AT", "agent:1")]).await?;
    let key = foundation::secret::token();
    let said = browser.say_once(&setup.sites, "Buy 5 WAYNE", &key).await;
    let status = dying.ended(20).await?;
    assert_eq!(status.signal(), Some(SIGKILL), "{status}");
    // The leases expire in an hour, so the turn can't resume by waiting for them.
    let (mut agent, prefix) = database(&setup, "agent").await?;
    for table in ["turn", "approval"] {
        let held = format!("UPDATE {prefix}{table} SET due_at = due_at + 3600000 WHERE owner IS NOT NULL");
        sqlx::query(AssertSqlSafe(held)).execute(&mut agent).await?;
    }
    agent.close().await?;
    let _program = setup.serve().await?;
    let mut thread = match said {
        Ok(thread) => thread,
        Err(_) => browser.say_once(&setup.sites, "Buy 5 WAYNE", &key).await?,
    };
    waiting(&mut thread, &browser).await?;
    Ok(())
}

/// The answer of `get_request` at `/mcp`.
async fn read(setup: &Setup, token: &str, request: &Value) -> Outcome<Value> {
    Ok(mcp::call(setup, token, "get_request", request.clone()).await?["structuredContent"].take())
}
