//! Throttling of repeated log lines: the first is written at once, then one a minute with the number left out.

use std::{
    collections::BTreeMap,
    error::Error,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Minimum time between two lines.
const EVERY: Duration = Duration::from_secs(60);
/// Maximum number of lines remembered for one place in the code.
const MOST: usize = 1000;

/// Logs like the `tracing` macro of this level, but at most once a minute from this place: `foundation::sparsely!(warn,
/// %error, "…")`. Use it where a loop or every request would repeat the line. With `for: (&a, &b),` after the level,
/// the limit applies to each pair of texts.
#[macro_export]
macro_rules! sparsely {
    ($level:ident, for: $key:expr, $($line:tt)*) => {{
        static LINES: $crate::log::Lines = $crate::log::Lines::new();
        if let Some(left_out) = LINES.due($key, std::time::Instant::now()) {
            tracing::$level!(left_out, $($line)*);
        }
    }};
    ($level:ident, $($line:tt)*) => { $crate::sparsely!($level, for: ("", ""), $($line)*) };
}

/// The times of one place's last lines, by subject, with the number left out since.
#[derive(Debug)]
pub struct Lines(Mutex<BTreeMap<(String, String), (Instant, u64)>>);

impl Lines {
    #[allow(clippy::new_without_default, reason = "it is made in statics alone")]
    pub const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// Whether to write the line now. If so, the inner value is the number of lines left out before it.
    pub fn due(&self, (about, cause): (&str, &str), now: Instant) -> Option<Option<u64>> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (about.to_owned(), cause.to_owned());
        if let Some((last, left_out)) = lines.get_mut(&key) {
            if now.saturating_duration_since(*last) < EVERY {
                *left_out += 1;
                return None;
            }
            *last = now;
            let before = std::mem::take(left_out);
            return Some((before > 0).then_some(before));
        }
        if lines.len() >= MOST {
            lines.clear();
        }
        lines.insert(key, (now, 0));
        Some(None)
    }
}

/// An error with its chain of causes in one line. A TLS or DNS error is several causes deep.
pub fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let more = cause.to_string();
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        next = cause.source();
    }
    text.chars().take(1000).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_loop_writes_one_line_a_minute() {
        let (lines, start) = (Lines::new(), Instant::now());
        let due = |ms| lines.due(("", ""), start + Duration::from_millis(ms));
        let written: Vec<_> = (0..150_000).filter_map(due).collect();
        assert_eq!(written, [None, Some(59_999), Some(59_999)]);
    }

    #[test]
    fn a_failure_is_logged_once_a_minute_for_each_cause() {
        let (lines, start) = (Lines::new(), Instant::now());
        let is_written =
            |about, cause, seconds| lines.due((about, cause), start + Duration::from_secs(seconds)).is_some();
        assert!(is_written("https://a.example", "refused", 0));
        assert!(!is_written("https://a.example", "refused", 59));
        assert!(is_written("https://b.example", "refused", 0));
        assert!(is_written("https://a.example", "bad certificate", 0));
        assert!(is_written("https://a.example", "bad certificate", 60));
    }
}
