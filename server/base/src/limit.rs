//! Rate limits: so many at once, then one every so often, for each key. Kept in memory.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::clock::Clock;

/// A limit by the generic cell rate algorithm: `burst` at once, then one every `every` milliseconds.
#[derive(Debug)]
pub struct Limit {
    clock: Clock,
    burst: i64,
    every: i64,
    /// For each key the time at which it is back to a full burst.
    full_at: Mutex<HashMap<String, i64>>,
}

impl Limit {
    pub fn new(clock: Clock, burst: u32, every_ms: i64) -> Self {
        Self { clock, burst: i64::from(burst), every: every_ms, full_at: Mutex::default() }
    }

    /// Takes one for this key.
    ///
    /// # Errors
    /// The milliseconds until the next one is free.
    pub fn take(&self, key: &str) -> Result<(), i64> {
        let now = self.clock.now();
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        if full_at.len() > 10_000 {
            full_at.retain(|_, at| *at > now);
        }
        let at = full_at.get(key).copied().unwrap_or(now).max(now) + self.every;
        let wait = at - now - self.burst * self.every;
        if wait > 0 {
            return Err(wait);
        }
        full_at.insert(key.to_owned(), at);
        Ok(())
    }

    /// Forgets what this key took (after a success, say).
    pub fn forget(&self, key: &str) {
        self.full_at.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_one_every_so_often() {
        let clock = Clock::system();
        let limit = Limit::new(clock.clone(), 3, 60_000);
        for _ in 0..3 {
            assert!(limit.take("a").is_ok());
        }
        let wait = limit.take("a");
        assert!(matches!(wait, Err(1..=60_000)), "{wait:?}");
        assert!(limit.take("b").is_ok());
        clock.advance(60_000);
        assert!(limit.take("a").is_ok());
        assert!(limit.take("a").is_err());
        limit.forget("a");
        assert!(limit.take("a").is_ok());
    }
}
