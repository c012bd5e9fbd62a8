//! Failed logins, by account and by address: each further failure waits longer than the one before
//! (security.md line 39). Kept in memory.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use base::clock::Clock;

/// How many failures cost nothing, for an account
const FREE_ACCOUNT: u32 = 5;
/// and for an address, behind which a workshop may sit: sixty people who log in at the same moment have none.
const FREE_ADDRESS: u32 = 100;
/// No wait is longer than this, in milliseconds: nobody is locked out of their account for good.
const LONGEST_MS: i64 = 15 * 60_000;
/// Without failures for so long, in milliseconds, all is forgotten.
const MEMORY_MS: i64 = 24 * 3_600_000;

#[derive(Clone, Copy, Debug, Default)]
struct Failures {
    count: u32,
    /// The next attempt may come at this time.
    free_at: i64,
    last: i64,
}

#[derive(Debug)]
pub struct Throttle {
    clock: Clock,
    failures: Mutex<HashMap<String, Failures>>,
}

impl Throttle {
    pub(crate) fn new(clock: Clock) -> Self {
        Self { clock, failures: Mutex::default() }
    }

    /// Before an attempt, which counts as failed until [`Self::succeeded`]: so attempts at once don't slip
    /// through together.
    ///
    /// # Errors
    /// The milliseconds to wait; the attempt is not to be made.
    pub(crate) fn attempt(&self, account: &str, address: &str) -> Result<(), i64> {
        let now = self.clock.now();
        let keys = Self::keys(account, address);
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() > 20_000 {
            failures.retain(|_, it| it.free_at > now || now - it.last < 3_600_000);
        }
        let waits = keys.iter().filter_map(|(key, _)| failures.get(key)).map(|it| it.free_at - now);
        if let Some(wait) = waits.filter(|wait| *wait > 0).max() {
            return Err(wait);
        }
        for (key, free) in keys {
            let entry = failures.entry(key).or_default();
            if now - entry.last > MEMORY_MS {
                *entry = Failures::default();
            }
            entry.count += 1;
            entry.last = now;
            let over = entry.count.saturating_sub(free);
            entry.free_at = if over == 0 { now } else { now + LONGEST_MS.min(1000 << (over - 1).min(20)) };
        }
        Ok(())
    }

    /// After a right password: the account's failures are forgotten, and this attempt is not the address's.
    pub(crate) fn succeeded(&self, account: &str, address: &str) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let [(account, _), (address, _)] = Self::keys(account, address);
        failures.remove(&account);
        if let Some(entry) = failures.get_mut(&address) {
            entry.count = entry.count.saturating_sub(1);
            entry.free_at = entry.free_at.min(self.clock.now());
        }
    }

    fn keys(account: &str, address: &str) -> [(String, u32); 2] {
        // Hashed, so that a long text in the form takes no more room than a short one.
        let account = base::secret::hash(account);
        [(format!("account {account}"), FREE_ACCOUNT), (format!("address {address}"), FREE_ADDRESS)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// security.md line 39.
    #[test]
    fn line_39_each_failure_waits_longer() {
        let clock = Clock::system();
        let throttle = Throttle::new(clock.clone());
        let mut waits = Vec::new();
        for _ in 0..9 {
            loop {
                match throttle.attempt("alice@example.com", "1.2.3.4") {
                    Ok(()) => break,
                    Err(wait) => {
                        waits.push(wait);
                        clock.advance(wait);
                    }
                }
            }
        }
        assert_eq!(waits.len(), 3, "{waits:?}");
        assert!(waits.windows(2).all(|pair| pair[1] > pair[0] + pair[0] / 2), "{waits:?}");
        // Another account from another address doesn't wait; after a success nobody does.
        assert!(throttle.attempt("bob@example.com", "5.6.7.8").is_ok());
        clock.advance(LONGEST_MS);
        assert!(throttle.attempt("alice@example.com", "1.2.3.4").is_ok());
        throttle.succeeded("alice@example.com", "1.2.3.4");
        assert!(throttle.attempt("alice@example.com", "1.2.3.4").is_ok());
    }

    /// security.md line 39: one address that tries many accounts.
    #[test]
    fn line_39_an_address_is_throttled_over_all_accounts() {
        let throttle = Throttle::new(Clock::system());
        let allowed = (0..200).filter(|n| throttle.attempt(&format!("{n}@example.com"), "1.2.3.4").is_ok()).count();
        assert!((100..=105).contains(&allowed), "{allowed}");
    }
}
