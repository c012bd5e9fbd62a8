//! Waiting for what other tasks do. The limit is far beyond what a busy machine needs: only a test that would hang meets
//! it.

use std::time::Duration;

/// How often to look.
const PAUSE: Duration = Duration::from_millis(20);

/// How often to look at most: at least a minute in all.
const MOST: usize = 3_000;

/// Waits until this returns something.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..MOST {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("never: {what}");
}
