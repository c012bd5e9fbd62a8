//! Turns: how soon the first token of an answer comes, and how many answers a second there are.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use drive::{Browser, Outcome, Setup};
use wire::chat::{Item, Transcript};

fn begun(transcript: &Transcript) -> Option<()> {
    transcript.items.iter().any(|item| matches!(item, Item::Text { .. })).then_some(())
}

fn ended(transcript: &Transcript) -> Option<Result<(), String>> {
    if let Some(Item::Failed { message, .. }) = transcript.items.last() {
        return Some(Err(message.clone()));
    }
    (transcript.running.is_empty() && begun(transcript).is_some()).then_some(Ok(()))
}

async fn visitor(setup: &Setup) -> Outcome<Browser> {
    let mut browser = setup.browser()?;
    browser.open(setup.sites.agent.as_str()).await?;
    Ok(browser)
}

/// The time from sending a message to the first text of its answer, one turn after the other.
pub(crate) async fn first_deltas(setup: &Setup, turns: usize) -> Outcome<Vec<Duration>> {
    let mut times = Vec::new();
    let mut browser = visitor(setup).await?;
    for turn in 0..turns {
        if turn % 20 == 0 {
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

/// Turns a second, with so many people at once.
pub(crate) async fn turns(setup: &Setup, people: usize, turns: usize) -> Outcome<f64> {
    let left = Arc::new(AtomicUsize::new(turns));
    let mut browsers = Vec::new();
    for _ in 0..people {
        browsers.push(visitor(setup).await?);
    }
    let began = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for mut browser in browsers {
        let (left, sites) = (left.clone(), setup.sites.clone());
        tasks.spawn(async move {
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                let mut thread = browser.say(&sites, "Say fifty words").await?;
                thread.until(&browser, "the end", 30, ended).await??;
            }
            Outcome::Ok(())
        });
    }
    while let Some(task) = tasks.join_next().await {
        task??;
    }
    let turns = f64::from(u32::try_from(turns).unwrap_or(u32::MAX));
    Ok(turns / began.elapsed().as_secs_f64())
}
