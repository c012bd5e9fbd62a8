//! Remembers the calls that this process stored lately (`seen.rs`), so that a busy app doesn't cause a write each time.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// Minimum time between two writes for the same call, in milliseconds.
const AGAIN: i64 = 5_000;

/// The times of the last writes, by person, client, tool and name.
#[derive(Debug, Default)]
pub(crate) struct Kept(Mutex<HashMap<String, i64>>);

impl Kept {
    /// Maximum number of entries. When it is reached, all are forgotten.
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
