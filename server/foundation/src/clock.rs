//! The clock. Every time in the program comes from here, so that tests can set it.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Instant, SystemTime, UNIX_EPOCH},
};

/// The system's time, except that it never runs backwards. Clones share everything.
///
/// When the system's clock is set back, this one runs at about half speed until the two meet. A duration until a stored
/// time (a lease, an approval, a pause) then takes up to three times as long, instead of an hour longer.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    began: Instant,
    /// When [`Clock::now`] last returned a later time, and that time.
    latest: Mutex<(Instant, i64)>,
    /// Milliseconds by which a test moved this clock.
    moved: AtomicI64,
    /// Milliseconds by which a test moved the system's clock.
    system: AtomicI64,
}

impl Clock {
    pub fn system() -> Self {
        let (moved, system) = (AtomicI64::new(0), AtomicI64::new(0));
        let began = Instant::now();
        Self(Arc::new(Inner { began, latest: Mutex::new((began, 0)), moved, system }))
    }

    /// Milliseconds since 1970 (UTC).
    pub fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let system = milliseconds(since) + self.0.system.load(Ordering::SeqCst);
        let mut latest = self.0.latest.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, before) = *latest;
        let now = system.max(before + milliseconds(at.elapsed()) / 2);
        if now > before {
            *latest = (Instant::now(), now);
        }
        now + self.0.moved.load(Ordering::SeqCst)
    }

    /// Seconds since 1970 (UTC), as JWTs count.
    pub fn seconds(&self) -> i64 {
        self.now().div_euclid(1000)
    }

    /// Milliseconds since this clock was made, unaffected by changes to the system's clock. For durations that no other
    /// process needs to know, such as rate limits.
    pub fn steady(&self) -> i64 {
        milliseconds(self.0.began.elapsed()) + self.0.moved.load(Ordering::SeqCst)
    }

    /// Moves this clock and its clones forward by this many milliseconds. For tests only.
    pub fn advance(&self, ms: i64) {
        self.0.moved.fetch_add(ms, Ordering::SeqCst);
    }

    /// Moves the system's clock, as this one sees it, by this many milliseconds. For tests only.
    pub fn set_system(&self, ms: i64) {
        self.0.system.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

fn milliseconds(duration: std::time::Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// THREATS.md line 66.
    #[test]
    fn line_66_clock_set_back_goes_on() {
        let clock = Clock::system();
        let before = clock.now();
        clock.set_system(-3_600_000);
        let after = clock.now();
        // Far more than a busy machine needs, and less than the steps.
        let soon = before + 1_800_000;
        assert!((before..soon).contains(&after), "{before} {after}");
        while clock.now() == after {
            // It keeps running.
            std::thread::yield_now();
        }
        clock.set_system(3_600_000);
        assert!((before..soon).contains(&clock.now()), "follows the system's clock when the two agree");
        clock.set_system(3_600_000);
        assert!(clock.now() >= before + 3_600_000, "follows a step forward");
        assert!(clock.steady() < 1_800_000, "durations are unaffected");
    }
}
