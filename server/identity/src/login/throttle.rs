//! Failed logins, by account and by address: each failure makes the next attempt wait longer (THREATS.md line 39). Kept
//! in memory, or if several processes share the database, in its table `login_failure`, so that they count together.
//!
//! Attempts from an address where the person has logged in before count for that address and account together, not for
//! the account alone, so that a stranger elsewhere can't lock the person out.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use foundation::{clock::Clock, db::Db, secret};

use crate::store::login_failure::{self, Failures};

/// Number of free failures for an account.
const FREE_ACCOUNT: i64 = 5;
/// Number of free failures for an address, which a workshop of sixty people may share.
const FREE_ADDRESS: i64 = 100;
/// Maximum wait in milliseconds, so that nobody is locked out permanently.
const LONGEST_MS: i64 = 15 * 60_000;
/// Time without failures after which they are forgotten, in milliseconds.
const MEMORY_MS: i64 = 24 * 3_600_000;

impl Failures {
    /// Adds a failure. The first `free` failures cause no wait.
    fn add(&mut self, now: i64, free: i64) {
        if now - self.last > MEMORY_MS {
            *self = Self::default();
        }
        self.count += 1;
        self.last = now;
        let over = self.count - free;
        self.free_at = if over <= 0 { now } else { now + LONGEST_MS.min(1000 << (over - 1).min(20)) };
    }

    /// Undoes `add`.
    fn undo(&mut self, now: i64) {
        self.count = (self.count - 1).max(0);
        self.free_at = self.free_at.min(now);
    }

    /// If the latest failure is in the future, another process's clock is ahead. Keeps the length of the wait, but
    /// measures it with this clock.
    fn by_clock(self, now: i64) -> Self {
        let ahead = (self.last - now).max(0);
        Self { free_at: self.free_at - ahead, last: self.last - ahead, ..self }
    }
}

/// The account and address of a login attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct From<'a> {
    pub(crate) account: &'a str,
    pub(crate) address: &'a str,
    /// Whether the account's person has logged in from this address before.
    pub(crate) known: bool,
}

impl From<'_> {
    /// The keys that the attempt counts for, with the number of free failures.
    fn keys(&self) -> [(String, i64); 2] {
        // Hashed, so that a long input takes no more space than a short one.
        let (account, address) = (secret::hash(self.account), self.address);
        let account = if self.known { format!("account {account} at {address}") } else { format!("account {account}") };
        [(account, FREE_ACCOUNT), (format!("address {address}"), FREE_ADDRESS)]
    }
}

#[derive(Debug)]
pub struct Throttle {
    clock: Clock,
    failures: Mutex<HashMap<String, Failures>>,
    /// Set if other processes count together with this one.
    shared: Option<Db>,
}

impl Throttle {
    pub(crate) fn new(db: Db, clock: Clock) -> Self {
        Self { clock, failures: Mutex::default(), shared: Some(db).filter(Db::is_shared) }
    }

    /// Counts an attempt as failed until [`Self::succeeded`], so that concurrent attempts don't slip through. The inner
    /// error is the milliseconds to wait, in which case the attempt must not be made.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn attempt(&self, from: From<'_>) -> Result<Result<(), i64>, sqlx::Error> {
        match &self.shared {
            None => Ok(self.attempt_in_memory(from)),
            Some(db) => self.attempt_in_table(db, from).await,
        }
    }

    fn attempt_in_memory(&self, from: From<'_>) -> Result<(), i64> {
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
            failures.entry(key).or_default().add(now, free);
        }
        Ok(())
    }

    async fn attempt_in_table(&self, db: &Db, from: From<'_>) -> Result<Result<(), i64>, sqlx::Error> {
        let now = self.clock.now();
        let keys = from.keys().map(|(key, free)| (secret::hash(&key), free));
        let mut tx = db.begin().await?;
        let mut wait = 0;
        let mut found = Vec::new();
        // Always the account's key first, so that two attempts can't deadlock.
        for (key, free) in &keys {
            let failures = login_failure::lock(&mut tx, key).await?.by_clock(now);
            wait = wait.max(failures.free_at - now);
            found.push((key, *free, failures));
        }
        for (key, free, mut failures) in found {
            if wait <= 0 {
                failures.add(now, free);
            }
            login_failure::store(&mut tx, key, failures).await?;
        }
        tx.commit().await?;
        Ok(if wait > 0 { Err(wait) } else { Ok(()) })
    }

    /// Records a correct password: forgets the account's failures (from a known address, only those made there), and
    /// uncounts this attempt for the address.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn succeeded(&self, from: From<'_>) -> Result<(), sqlx::Error> {
        let [(account, _), (address, _)] = from.keys();
        let Some(db) = &self.shared else {
            let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
            failures.remove(&account);
            if let Some(entry) = failures.get_mut(&address) {
                entry.undo(self.clock.steady());
            }
            return Ok(());
        };
        let mut tx = db.begin().await?;
        login_failure::remove(&mut tx, &secret::hash(&account)).await?;
        let address = secret::hash(&address);
        let mut failures = login_failure::lock(&mut tx, &address).await?;
        failures.undo(self.clock.now());
        login_failure::store(&mut tx, &address, failures).await?;
        tx.commit().await
    }
}

/// Deletes entries without a failure for a day.
pub(crate) async fn clean_up(db: &mut sqlx::AnyConnection, now: i64) -> Result<(), sqlx::Error> {
    login_failure::clean_up(db, now - MEMORY_MS).await
}

#[cfg(test)]
mod tests {
    use foundation::db::Place;
    use tempfile::TempDir;

    use super::*;

    fn from<'a>(account: &'a str, address: &'a str) -> From<'a> {
        From { account, address, known: false }
    }

    async fn db() -> (TempDir, Db) {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place::Sqlite(folder.path().to_owned());
        let db = Db::open(&place, "tenant", &crate::migrator()).await.expect("a database");
        (folder, db)
    }

    /// In memory, and in the table.
    async fn both(clock: &Clock) -> (TempDir, [Throttle; 2]) {
        let (folder, db) = db().await;
        let shared = Throttle { shared: Some(db.clone()), ..Throttle::new(db.clone(), clock.clone()) };
        (folder, [Throttle::new(db, clock.clone()), shared])
    }

    async fn attempt(throttle: &Throttle, from: From<'_>) -> Result<(), i64> {
        throttle.attempt(from).await.expect("the database")
    }

    async fn succeeded(throttle: &Throttle, from: From<'_>) {
        throttle.succeeded(from).await.expect("the database");
    }

    #[tokio::test]
    async fn line_39_each_failure_waits_longer() {
        let clock = Clock::system();
        for throttle in both(&clock).await.1 {
            let mut waits = Vec::new();
            for _ in 0..9 {
                loop {
                    match attempt(&throttle, from("alice@example.com", "1.2.3.4")).await {
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
            // Another account at another address doesn't wait. After a success, nobody waits.
            assert!(attempt(&throttle, from("bob@example.com", "5.6.7.8")).await.is_ok());
            clock.advance(LONGEST_MS);
            assert!(attempt(&throttle, from("alice@example.com", "1.2.3.4")).await.is_ok());
            succeeded(&throttle, from("alice@example.com", "1.2.3.4")).await;
            assert!(attempt(&throttle, from("alice@example.com", "1.2.3.4")).await.is_ok());
        }
    }

    #[tokio::test]
    async fn line_39_an_address_is_throttled_over_all_accounts() {
        for throttle in both(&Clock::system()).await.1 {
            let mut allowed = 0;
            for n in 0..200 {
                let tried = attempt(&throttle, from(&format!("{n}@example.com"), "1.2.3.4")).await;
                allowed += i32::from(tried.is_ok());
            }
            assert!((100..=105).contains(&allowed), "{allowed}");
        }
    }

    #[tokio::test]
    async fn line_39_stranger_cant_lock_anyone_out() {
        for throttle in both(&Clock::system()).await.1 {
            let home = From { known: true, ..from("alice@example.com", "1.2.3.4") };
            while attempt(&throttle, from("alice@example.com", "5.6.7.8")).await.is_ok() {}
            let elsewhere = attempt(&throttle, from("alice@example.com", "9.9.9.9")).await;
            assert!(elsewhere.is_err(), "the account is held up elsewhere");
            assert!(attempt(&throttle, home).await.is_ok());
            succeeded(&throttle, home).await;
            let stranger = attempt(&throttle, from("alice@example.com", "5.6.7.8")).await;
            assert!(stranger.is_err(), "her login frees the stranger");
            // A known address is throttled, too.
            let mut held = false;
            for _ in 0..FREE_ACCOUNT * 2 {
                held |= attempt(&throttle, home).await.is_err();
            }
            assert!(held);
        }
    }

    #[tokio::test]
    async fn line_39_two_processes_count_failures_together() {
        let clock = Clock::system();
        let (_folder, db) = db().await;
        let [one, two] =
            [(); 2].map(|()| Throttle { shared: Some(db.clone()), ..Throttle::new(db.clone(), clock.clone()) });
        let wanted =
            (0..20).map(|n| attempt(if n % 2 == 0 { &one } else { &two }, from("alice@example.com", "1.2.3.4")));
        let tried = futures::future::join_all(wanted).await.iter().filter(|tried| tried.is_ok()).count();
        assert_eq!(tried, 6, "five free failures, and the one that starts the first wait");
        clock.advance(1_000);
        assert!(attempt(&two, from("alice@example.com", "1.2.3.4")).await.is_ok());
        succeeded(&two, from("alice@example.com", "1.2.3.4")).await;
        assert!(attempt(&one, from("alice@example.com", "1.2.3.4")).await.is_ok(), "a login frees her everywhere");
        // Failures are kept for at most a day.
        let mut db = db.pool().acquire().await.expect("the database");
        clean_up(&mut db, clock.now() + MEMORY_MS + 1).await.expect("the database");
        let kept: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM login_failure").fetch_one(&mut *db).await.expect("the database");
        assert_eq!(kept, 0);
    }

    #[tokio::test]
    async fn line_66_a_login_waits_by_no_clock_that_steps() {
        let clock = Clock::system();
        let (_folder, [throttle, _]) = both(&clock).await;
        while attempt(&throttle, from("alice@example.com", "1.2.3.4")).await.is_ok() {}
        for step in [3_600_000, -7_200_000] {
            clock.set_system(step);
            let wait = attempt(&throttle, from("alice@example.com", "1.2.3.4")).await;
            assert!(matches!(wait, Err(1..=60_000)), "{wait:?}");
        }
    }

    #[tokio::test]
    async fn line_66_fast_clock_elsewhere_locks_nobody_out() {
        let (_folder, db) = db().await;
        let [right, ahead] = [0, 3_600_000].map(|ms| {
            let clock = Clock::system();
            clock.set_system(ms);
            Throttle { shared: Some(db.clone()), ..Throttle::new(db.clone(), clock) }
        });
        while attempt(&ahead, from("alice@example.com", "1.2.3.4")).await.is_ok() {}
        let wait = attempt(&right, from("alice@example.com", "1.2.3.4")).await;
        assert!(matches!(wait, Err(1..=60_000)), "{wait:?}");
        right.clock.advance(1_000);
        assert!(attempt(&right, from("alice@example.com", "1.2.3.4")).await.is_ok());
    }
}
