//! Waiting for what other tasks and processes do. The limit is far beyond what a busy machine needs: only a test that
//! would hang meets it.

use std::time::Duration;

use crate::Outcome;

/// How often to look.
const PAUSE: Duration = Duration::from_millis(20);

/// How often to look at most: at least a minute in all.
const MOST: usize = 3_000;

/// Waits until this returns something.
///
/// # Panics
/// When it never does.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..MOST {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("never: {what}");
}

/// As [`until`], where looking can fail.
///
/// # Errors
/// At its first error.
pub async fn until_ok<T>(what: &str, mut look: impl AsyncFnMut() -> Outcome<Option<T>>) -> Outcome<T> {
    until(what, async || look().await.transpose()).await
}
