//! Timeouts of the model, by the program's own clock.

use std::time::Duration;

use foundation::clock::Clock;

/// Interval of checking the clock.
const TICK: Duration = Duration::from_millis(250);

/// The result of the future, or `None` at the deadline (milliseconds since 1970).
pub(super) async fn until<T>(clock: &Clock, end: i64, future: impl Future<Output = T>) -> Option<T> {
    let mut tick = tokio::time::interval(TICK);
    tokio::pin!(future);
    loop {
        tokio::select! {
            biased;
            value = &mut future => return Some(value),
            _ = tick.tick() => if clock.now() >= end { return None },
        }
    }
}

/// Waits until a time (milliseconds since 1970).
pub(crate) async fn sleep_until(clock: &Clock, end: i64) {
    while clock.now() < end {
        tokio::time::sleep(TICK).await;
    }
}
