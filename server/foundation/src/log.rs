//! Log lines of loops that retry: the first at once, then one a minute that says how many were left out.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// How often one place in the code may write its line.
const EVERY: Duration = Duration::from_secs(60);

/// Logs as `tracing` does at this level, at most once a minute from this place: `foundation::sparsely!(warn, %error, "…")`.
/// For what a loop or every request may repeat while something is away.
#[macro_export]
macro_rules! sparsely {
    ($level:ident, $($line:tt)*) => {{
        static LINE: $crate::log::Line = $crate::log::Line::new();
        if let Some(left_out) = LINE.due(std::time::Instant::now()) {
            tracing::$level!(left_out, $($line)*);
        }
    }};
}

/// When one place in the code wrote its last line.
#[derive(Debug)]
pub struct Line(Mutex<(Option<Instant>, u64)>);

impl Line {
    #[allow(clippy::new_without_default, reason = "it is made in statics alone")]
    pub const fn new() -> Self {
        Self(Mutex::new((None, 0)))
    }

    /// Whether the line is to be written now; then how many were left out before it (`Some(None)`: none).
    pub fn due(&self, now: Instant) -> Option<Option<u64>> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, left_out) = &mut *state;
        if last.is_some_and(|last| now.saturating_duration_since(last) < EVERY) {
            *left_out += 1;
            return None;
        }
        *last = Some(now);
        let before = std::mem::take(left_out);
        Some((before > 0).then_some(before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_loop_writes_one_line_a_minute() {
        let (line, start) = (Line::new(), Instant::now());
        let written: Vec<_> = (0..150_000).filter_map(|ms| line.due(start + Duration::from_millis(ms))).collect();
        assert_eq!(written, [None, Some(59_999), Some(59_999)]);
    }
}
