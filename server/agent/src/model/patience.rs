//! Waits for the model as long as is reasonable, by the program's own clock.

use std::time::Duration;

use base::clock::Clock;

/// The first byte, or the next one, must come within so many milliseconds.
const PATIENCE: i64 = 30_000;

/// What the future gives; `None` where it takes too long.
pub(super) async fn within<T>(clock: &Clock, future: impl Future<Output = T>) -> Option<T> {
    let end = clock.now() + PATIENCE;
    let mut tick = tokio::time::interval(Duration::from_millis(250));
    tokio::pin!(future);
    loop {
        tokio::select! {
            biased;
            value = &mut future => return Some(value),
            _ = tick.tick() => if clock.now() >= end { return None },
        }
    }
}
