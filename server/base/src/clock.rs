//! The clock. Every time in the program comes from here, so that tests can set it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

/// The system's time, moved by what a test set. Clones share the same movement.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    offset: Arc<AtomicI64>,
}

impl Clock {
    pub fn system() -> Self {
        Self::default()
    }

    /// Milliseconds since 1970 (UTC).
    pub fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX) + self.offset.load(Ordering::SeqCst)
    }

    /// Seconds since 1970 (UTC), as JWTs count.
    pub fn seconds(&self) -> i64 {
        self.now().div_euclid(1000)
    }

    /// Moves this clock and its clones on by so many milliseconds (tests only).
    pub fn advance(&self, ms: i64) {
        self.offset.fetch_add(ms, Ordering::SeqCst);
    }
}
