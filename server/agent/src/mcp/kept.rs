//! Which calls of apps this process kept lately (`seen.rs`).

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// A call that was kept is kept again after this time, in milliseconds.
const AGAIN: i64 = 5_000;

/// What this process kept lately, so that a busy app doesn't write with each call.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<HashMap<String, i64>>);

impl Kept {
    /// The most entries; then all are forgotten.
    const MOST: usize = 10_000;

    pub(super) fn is_due(&self, key: String, now: i64) -> bool {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.get(&key).is_some_and(|at| now - at < AGAIN) {
            return false;
        }
        if kept.len() >= Self::MOST {
            kept.clear();
        }
        kept.insert(key, now);
        true
    }
}
