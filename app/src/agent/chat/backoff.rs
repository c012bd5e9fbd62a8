//! Backoff between retries of the event stream and of a message.

use std::time::Duration;

/// The pause after this many failures in a row: a quarter of a second, doubled each time, up to half a minute.
pub(super) fn pause(broken: u32) -> Duration {
    Duration::from_millis((250_u64 << broken.min(7)).min(30_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_half_a_minute_and_never_overflow() {
        let pauses: Vec<u128> = [0, 1, 2, 6, 7, 8, u32::MAX].map(|broken| pause(broken).as_millis()).into();
        assert_eq!(pauses, [250, 500, 1_000, 16_000, 30_000, 30_000, 30_000]);
    }
}
