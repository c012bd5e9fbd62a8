//! Waiting for what other tasks and processes do. The limit is far beyond what a busy machine needs: only a test that
//! would hang meets it.

use std::{convert::Infallible, time::Duration};

use crate::{Outcome, Trouble};

/// How often to look.
const PAUSE: Duration = Duration::from_millis(20);

/// How often to look at most: at least a minute in all.
const MOST: usize = 3_000;

/// Waits until this returns something.
///
/// # Panics
/// When it never does.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let found = first(async || Ok::<_, Infallible>(look().await)).await;
    found.unwrap_or_else(|never| match never {}).unwrap_or_else(|| panic!("never: {what}"))
}

/// As [`until`], where looking can fail.
///
/// # Errors
/// At its first error, or when it never returns something.
pub async fn until_ok<T>(what: &str, look: impl AsyncFnMut() -> Outcome<Option<T>>) -> Outcome<T> {
    first(look).await?.ok_or_else(|| Trouble::from(format!("never: {what}")))
}

async fn first<T, E>(mut look: impl AsyncFnMut() -> Result<Option<T>, E>) -> Result<Option<T>, E> {
    for _ in 0..MOST {
        if let Some(found) = look().await? {
            return Ok(Some(found));
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(None)
}
