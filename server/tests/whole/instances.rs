//! Several instances on one PostgreSQL: one moves the market, rate limits that protect people are shared, and each
//! stays within its number of connections.

use std::time::Instant;

use driver::{ALICE, BOB, Credentials, Outcome, SECOND, until_ok};
use reqwest::StatusCode;
use serde_json::json;
use shared::chat::ApprovalState;
use sqlx::{AnyConnection, AssertSqlSafe, Connection};

use crate::support::{orders, over, stolen, together, waiting};

async fn number(database: &mut AnyConnection, sql: &str) -> Outcome<i64> {
    Ok(sqlx::query_scalar(AssertSqlSafe(sql.to_owned())).fetch_one(database).await?)
}

#[tokio::test]
async fn instances_share_one_postgres() -> Outcome {
    let mut setup = together("instances").await?;
    let Some(url) = setup.setting("DATABASE_URL").filter(|url| !url.is_empty()).map(str::to_owned) else {
        return Ok(());
    };
    setup.share_secrets();
    let folder = tempfile::tempdir()?;
    // Both start at once, on an empty database.
    let (first, second_one) = tokio::join!(setup.serve(), setup.serve_second(folder.path()));
    let (first, second_one) = (first?, second_one?);
    let mut database = AnyConnection::connect(&url).await?;

    // Started at one instance, continued at the other.
    let mut browser = setup.browser()?;
    browser.log_in(&setup.sites, ALICE).await?;
    browser.turn_to(&setup.sites, SECOND)?;
    browser.connect(&setup.sites).await?;
    let mut thread = browser.say(&setup.sites, "Buy 5 WAYNE").await?;
    let card = waiting(&mut thread, &browser).await?;
    browser.turn_to(&setup.sites, [127, 0, 0, 1])?;
    browser.decide(&card.page, "approve").await?;
    browser.turn_to(&setup.sites, SECOND)?;
    let placed = over(&mut thread, &browser, 20).await?;
    assert!(matches!(placed.state, ApprovalState::Placed { .. }), "{placed:?}");
    let mut agent = stolen(&setup, &browser)?;
    assert_eq!(orders(&agent, &mut browser, ALICE).await?.len(), 1);

    // Failed logins: five in all, counted across both instances.
    let wrong = Credentials { password: "not this one", ..BOB };
    let mut statuses = Vec::new();
    for address in [[127, 0, 0, 1], SECOND] {
        let mut stranger = setup.browser()?;
        stranger.turn_to(&setup.sites, address)?;
        stranger.open(setup.sites.agent.join("auth/login")?.as_str()).await?;
        for _ in 0..5 {
            stranger.type_credentials(wrong).await?;
            statuses.push(stranger.page()?.status);
        }
    }
    assert!(statuses[..5].iter().all(|status| *status == StatusCode::UNAUTHORIZED), "{statuses:?}");
    assert!(statuses[5..].contains(&StatusCode::TOO_MANY_REQUESTS), "{statuses:?}");

    // Approval requests: at most five at once across both instances. The chat's is one of them.
    let refresh_token = agent.refresh_token(&mut browser, ALICE).await?;
    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str()), ("scope", "openid")];
    let claims = agent.token(&setup.sites.identity, &form).await?.claims("access_token")?;
    let subject = claims["sub"].as_str().unwrap_or_default();
    let details = json!({"type": "stock_order", "symbol": "STARK", "side": "BUY", "quantity": 1, "limit": "999.00", "currency": "USD"});
    let mut asked = Vec::new();
    for n in 0..8 {
        agent.turn_to(if n < 3 { [127, 0, 0, 1] } else { SECOND })?;
        asked.push(agent.ask(subject, &details, &[]).await?.status);
    }
    let accepted = asked.iter().filter(|status| **status == StatusCode::OK).count();
    assert!((3..=5).contains(&accepted) && asked[7] == StatusCode::TOO_MANY_REQUESTS, "{asked:?}");
    // The other limits of this kind are shared, too.
    for schema in ["agent", "tenant", "broker_identity", "broker"] {
        let counted = number(&mut database, &format!("SELECT COUNT(*) FROM {schema}.rate_limit")).await?;
        assert!(counted > 0 || schema == "broker_identity", "{schema}");
    }

    // Under load each stays within its connections: 21, the default, and 9, and one each that listens for the other.
    let client = setup.sites.client()?;
    let paths = ["api/stocks", "api/stocks/WAYNE", "api/stocks/WAYNE/history"];
    let wanted = (0..300).map(|n| {
        let request = setup.sites.broker.join(paths[n % 3]).map(|url| client.get(url).send());
        async move { Ok::<_, driver::Trouble>(request?.await?.status()) }
    });
    let mut beside = setup.browser()?;
    beside.turn_to(&setup.sites, SECOND)?;
    let (answers, _) = tokio::join!(futures::future::join_all(wanted), beside.log_in(&setup.sites, ALICE));
    for answer in answers {
        assert_eq!(answer?, StatusCode::OK);
    }
    let open = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let open = number(&mut database, open).await?;
    assert!((9..=32).contains(&open), "{open} connections");

    // One instance moves the market, at its configured pace. When it stops, the other takes over.
    let tick = "SELECT MIN(tick) FROM broker.stock";
    let (began, before) = (Instant::now(), number(&mut database, tick).await?);
    goes_on(&mut database).await?;
    goes_on(&mut database).await?;
    let moved = number(&mut database, tick).await? - before;
    let took = began.elapsed().as_millis();
    assert!(moved <= i64::try_from(took / 500)? + 2, "{moved} ticks of half a second in {took} ms");
    first.stop().await?;
    goes_on(&mut database).await?;
    let first = setup.serve().await?;
    second_one.kill().await?;
    goes_on(&mut database).await?;
    first.stop().await
}

/// Waits until prices move.
async fn goes_on(database: &mut AnyConnection) -> Outcome {
    let tick = "SELECT MIN(tick) FROM broker.stock";
    let before = number(database, tick).await?;
    until_ok("the market moves", async || Ok((number(database, tick).await? > before + 1).then_some(()))).await
}
