//! Turns: the time to the first token of an answer, and the number of answers a second.

use std::time::{Duration, Instant};

use driver::{Browser, Outcome, Setup};
use shared::chat::{Item, Transcript};

fn begun(transcript: &Transcript) -> Option<()> {
    transcript.items.iter().any(|item| matches!(item, Item::Text { .. })).then_some(())
}

fn ended(transcript: &Transcript) -> Option<Result<(), String>> {
    if let Some(Item::Failed { message, .. }) = transcript.items.last() {
        return Some(Err(message.clone()));
    }
    (transcript.running.is_empty() && begun(transcript).is_some()).then_some(Ok(()))
}

/// Number of messages from one visitor before another takes over, because the program rate-limits each.
const EACH: usize = 20;

pub(crate) async fn visitor(setup: &Setup) -> Outcome<Browser> {
    let mut browser = setup.browser()?;
    browser.open(setup.sites.agent.as_str()).await?;
    Ok(browser)
}

/// The time from sending a message to the first text of its answer, one turn after another.
pub(crate) async fn first_deltas(setup: &Setup, turns: usize) -> Outcome<Vec<Duration>> {
    let mut times = Vec::new();
    let mut browser = visitor(setup).await?;
    for turn in 0..turns {
        if turn % EACH == 0 {
            browser = visitor(setup).await?;
        }
        let began = Instant::now();
        let mut thread = browser.say(&setup.sites, "Say fifty words").await?;
        thread.until(&browser, "the first text", 10, begun).await?;
        times.push(began.elapsed());
        thread.until(&browser, "the end", 10, ended).await??;
    }
    // The first tenth warms up.
    Ok(times.split_off(turns / 10))
}

/// Turns a second, with this many people at once and this many turns in all.
pub(crate) async fn turns(setup: &Setup, people: usize, turns: usize) -> Outcome<f64> {
    // Everyone has opened the page before the clock starts: a queue of visitors for each lane.
    let mut lanes = Vec::new();
    for _ in 0..people {
        let mut visitors = Vec::new();
        for _ in 0..turns.div_ceil(people * EACH) {
            visitors.push(visitor(setup).await?);
        }
        lanes.push(visitors);
    }
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for visitors in lanes {
        let sites = setup.sites.clone();
        let mut left = turns / people;
        tasks.spawn(async move {
            for mut browser in visitors {
                for _ in 0..EACH.min(left) {
                    let mut thread = browser.say(&sites, "Say fifty words").await?;
                    thread.until(&browser, "the end", 30, ended).await??;
                }
                left = left.saturating_sub(EACH);
            }
            Outcome::Ok(())
        });
    }
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    let done = f64::from(u32::try_from(turns / people * people).unwrap_or(u32::MAX));
    Ok(done / began.elapsed().as_secs_f64())
}
