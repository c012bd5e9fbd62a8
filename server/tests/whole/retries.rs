//! Retry loops while a table is missing: they log one line a minute, and recover when it is back.

use std::time::{Duration, Instant};

use driver::{Outcome, Setup, until_ok};
use sqlx::{AssertSqlSafe, Connection};

use crate::support::{database, logs, together};

/// The loops: database, table, and log line.
const LOOPS: [(&str, &str, &str); 4] = [
    ("agent", "approval", "approvals that are due can't be looked up"),
    ("agent", "turn", "turns that are due can't be looked up"),
    ("tenant", "outbox", "the outbox couldn't be read"),
    ("broker", "stock", "prices couldn't be moved"),
];

async fn rename(setup: &Setup, name: &str, from: &str, to: &str) -> Outcome {
    let (mut connection, prefix) = database(setup, name).await?;
    let sql = format!("ALTER TABLE {prefix}{from} RENAME TO {to}");
    sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

#[tokio::test]
async fn loops_that_retry_write_one_line_a_minute() -> Outcome {
    let mut setup = together("retries").await?;
    setup.set("RUST_LOG", "");
    setup.set("MARKET_TICK_MS", "50");
    let start = Instant::now();
    let program = setup.serve().await?;
    let log = logs().join("retries/serve.log");
    let lines = |text: &str| -> Outcome<u64> {
        Ok(u64::try_from(std::fs::read_to_string(&log)?.lines().filter(|line| line.contains(text)).count())?)
    };
    for (database, table, _) in LOOPS {
        rename(&setup, database, table, &format!("{table}_away")).await?;
    }
    // Each loop fails several times in this time.
    tokio::time::sleep(Duration::from_secs(4)).await;
    for (.., line) in LOOPS {
        until_ok(line, async || Ok((lines(line)? > 0).then_some(()))).await?;
        let (written, minutes) = (lines(line)?, start.elapsed().as_secs() / 60);
        assert!(written <= minutes + 1, "{written} lines in {minutes} min: {line}");
    }
    for (database, table, _) in LOOPS {
        rename(&setup, database, &format!("{table}_away"), table).await?;
    }
    let mut browser = setup.browser()?;
    browser.open(setup.sites.agent.as_str()).await?;
    let mut thread = browser.say(&setup.sites, "Price of WAYNE").await?;
    thread.until(&browser, "an answer", 30, |transcript| (transcript.items.len() > 1).then_some(())).await?;
    program.stop().await
}
