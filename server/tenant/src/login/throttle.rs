//! Failed logins, by account and by address: each further failure waits longer than the one before (THREATS 39).
//! Kept in memory.
//!
//! Where the person has logged in before from an address, attempts from there count for that address and account
//! together, not for the account alone: a stranger elsewhere can't lock the person out.

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

/// Who tries to log in, and from where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct From<'a> {
    pub(crate) account: &'a str,
    pub(crate) address: &'a str,
    /// Whether the account's person has logged in from this address before.
    pub(crate) known: bool,
}

impl From<'_> {
    /// What the attempt counts for, with the failures that cost nothing.
    fn keys(&self) -> [(String, u32); 2] {
        // Hashed, so that a long text in the form takes no more room than a short one.
        let (account, address) = (base::secret::hash(self.account), self.address);
        let account = if self.known { format!("account {account} at {address}") } else { format!("account {account}") };
        [(account, FREE_ACCOUNT), (format!("address {address}"), FREE_ADDRESS)]
    }
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
    pub(crate) fn attempt(&self, from: From<'_>) -> Result<(), i64> {
        let now = self.clock.steady();
        let keys = from.keys();
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

    /// After a right password: the account's failures are forgotten (from a known address those made there), and this
    /// attempt is not the address's.
    pub(crate) fn succeeded(&self, from: From<'_>) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        let [(account, _), (address, _)] = from.keys();
        failures.remove(&account);
        if let Some(entry) = failures.get_mut(&address) {
            entry.count = entry.count.saturating_sub(1);
            entry.free_at = entry.free_at.min(self.clock.steady());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from<'a>(account: &'a str, address: &'a str) -> From<'a> {
        From { account, address, known: false }
    }

    #[test]
    fn line_39_each_failure_waits_longer() {
        let clock = Clock::system();
        let throttle = Throttle::new(clock.clone());
        let mut waits = Vec::new();
        for _ in 0..9 {
            loop {
                match throttle.attempt(from("alice@example.com", "1.2.3.4")) {
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
        assert!(throttle.attempt(from("bob@example.com", "5.6.7.8")).is_ok());
        clock.advance(LONGEST_MS);
        assert!(throttle.attempt(from("alice@example.com", "1.2.3.4")).is_ok());
        throttle.succeeded(from("alice@example.com", "1.2.3.4"));
        assert!(throttle.attempt(from("alice@example.com", "1.2.3.4")).is_ok());
    }

    #[test]
    fn line_39_an_address_is_throttled_over_all_accounts() {
        let throttle = Throttle::new(Clock::system());
        let allowed =
            (0..200).filter(|n| throttle.attempt(from(&format!("{n}@example.com"), "1.2.3.4")).is_ok()).count();
        assert!((100..=105).contains(&allowed), "{allowed}");
    }

    #[test]
    fn line_39_a_stranger_locks_nobody_out() {
        let throttle = Throttle::new(Clock::system());
        let home = From { known: true, ..from("alice@example.com", "1.2.3.4") };
        while throttle.attempt(from("alice@example.com", "5.6.7.8")).is_ok() {}
        assert!(throttle.attempt(from("alice@example.com", "9.9.9.9")).is_err(), "the account is held up elsewhere");
        assert!(throttle.attempt(home).is_ok());
        throttle.succeeded(home);
        assert!(throttle.attempt(from("alice@example.com", "5.6.7.8")).is_err(), "her login frees the stranger");
        // At a known address attempts are held up too.
        assert!((0..FREE_ACCOUNT * 2).any(|_| throttle.attempt(home).is_err()));
    }

    #[test]
    fn line_66_a_login_waits_by_no_clock_that_steps() {
        let clock = Clock::system();
        let throttle = Throttle::new(clock.clone());
        while throttle.attempt(from("alice@example.com", "1.2.3.4")).is_ok() {}
        for step in [3_600_000, -7_200_000] {
            clock.set_system(step);
            let wait = throttle.attempt(from("alice@example.com", "1.2.3.4"));
            assert!(matches!(wait, Err(1..=60_000)), "{wait:?}");
        }
    }
}
