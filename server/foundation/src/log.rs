//! Log lines that would repeat: the first at once, then one a minute that says how many were left out.

use std::{
    collections::BTreeMap,
    error::Error,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How often a line is written again.
const EVERY: Duration = Duration::from_secs(60);
/// Lines of one place in the code that are remembered at most.
const MOST: usize = 1000;

/// Logs as `tracing` does at this level, at most once a minute from this place: `foundation::sparsely!(warn, %error, "…")`.
/// For what a loop or every request may repeat while something is away. With `for: (&a, &b),` after the level, at most
/// once a minute for each pair of texts.
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

/// When one place in the code wrote its last lines, by what they were about, and how many it has left out since.
#[derive(Debug)]
pub struct Lines(Mutex<BTreeMap<(String, String), (Instant, u64)>>);

impl Lines {
    #[allow(clippy::new_without_default, reason = "it is made in statics alone")]
    pub const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// Whether the line is to be written now; then how many were left out before it (`Some(None)`: none).
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

/// An error with all that caused it, in one line: what TLS or DNS says is several causes deep.
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
