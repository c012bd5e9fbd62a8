//! Two instances on one PostgreSQL: how long what happens at one takes to the readers at the other.

use std::time::{Duration, Instant};

use driver::{Outcome, SECOND, Setup};

use crate::{
    chat::{heard, over, stream},
    load::visitor,
};

/// Messages are sent to the first instance. Returns the times from sending one until a reader at the second has it, and
/// until the reader has the first text of its answer.
pub(crate) async fn delivery(setup: &mut Setup, messages: usize) -> Outcome<(Vec<Duration>, Vec<Duration>)> {
    if setup.setting("DATABASE_URL").is_none_or(str::is_empty) {
        return Err("several instances need PostgreSQL: set TEST_DATABASE_URL".into());
    }
    setup.share_secrets();
    let folder = tempfile::tempdir()?;
    let first = setup.serve().await?;
    let second = setup.serve_second(folder.path()).await?;
    let (mut texts, mut answers) = (Vec::new(), Vec::new());
    for number in 0..messages {
        let mut browser = visitor(setup).await?;
        let mut thread = browser.say(&setup.sites, "Say fifty words").await?;
        thread.until(&browser, "the end", 20, over).await?;
        let mut reader = stream(setup, SECOND, &browser, &thread, number).await?;
        let words = format!("Say {number} words");
        let began = Instant::now();
        browser.say_in(&setup.sites, &thread, &words).await?;
        heard(&mut reader, &words).await?;
        texts.push(began.elapsed());
        heard(&mut reader, "word0 ").await?;
        answers.push(began.elapsed());
    }
    second.stop().await?;
    first.stop().await?;
    // The first ones warm up.
    Ok((texts.split_off(10), answers.split_off(10)))
}
