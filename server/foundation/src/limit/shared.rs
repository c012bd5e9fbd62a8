//! A rate limit shared by all processes on one database, in the table `rate_limit`. An SQLite database belongs to one
//! process, which keeps the limit in memory.

use sqlx::{AnyConnection, AnyPool};

use super::Limit;
use crate::{clock::Clock, db::Db, secret, store::rate_limit};

/// Uses the algorithm of [`Limit`], with the processes' own clocks. If one of these is wrong or steps, a key waits at
/// most as long as its whole burst takes.
#[derive(Debug)]
pub struct Shared {
    name: &'static str,
    memory: Limit,
    /// Set if the database is shared.
    pool: Option<AnyPool>,
}

impl Shared {
    pub fn new(db: &Db, clock: Clock, name: &'static str, burst: u32, every_ms: i64) -> Self {
        let pool = db.is_shared().then(|| db.pool().clone());
        Self { name, memory: Limit::new(clock, burst, every_ms), pool }
    }

    /// Takes one unit for this key. The inner error is the milliseconds until the next unit is free. Don't call this
    /// while holding another connection: use [`Self::take_in`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take(&self, key: &str) -> Result<Result<(), i64>, sqlx::Error> {
        match &self.pool {
            None => Ok(self.memory.take(key)),
            Some(pool) => self.take_stored(&mut *pool.acquire().await?, key).await,
        }
    }

    /// As [`Self::take`], in the caller's transaction: a rollback returns the unit.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn take_in(&self, db: &mut AnyConnection, key: &str) -> Result<Result<(), i64>, sqlx::Error> {
        if self.pool.is_some() { self.take_stored(db, key).await } else { Ok(self.memory.take(key)) }
    }

    async fn take_stored(&self, db: &mut AnyConnection, key: &str) -> Result<Result<(), i64>, sqlx::Error> {
        let Limit { burst, every, .. } = self.memory;
        let now = self.memory.clock.now();
        let latest = now + burst * every;
        let id = secret::hash(&format!("{} {key}", self.name));
        if rate_limit::take(db, &id, now, every, latest).await? {
            return Ok(Ok(()));
        }
        rate_limit::cap(db, &id, latest).await?;
        let full_at = rate_limit::full_at(db, &id).await?;
        Ok(Err((full_at.unwrap_or(now) + every - latest).max(1)))
    }
}

/// Deletes the keys that have their full burst again.
///
/// # Errors
/// When the database fails.
pub async fn clean_up(pool: &AnyPool, now: i64) -> Result<(), sqlx::Error> {
    rate_limit::remove_full(pool, now).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::Place;

    /// Two processes on one database. SQLite stands in for PostgreSQL, since the SQL is the same.
    async fn two(folder: &tempfile::TempDir, clock: &Clock) -> [Shared; 2] {
        let migrator = sqlx::migrate!("../../migrations/tenant");
        let place = Place::Sqlite(folder.path().to_owned());
        let db = Db::open(&place, "site", &migrator).await.expect("a database");
        [(); 2].map(|()| Shared { pool: Some(db.pool().clone()), ..Shared::new(&db, clock.clone(), "test", 3, 60_000) })
    }

    async fn take(limit: &Shared, key: &str) -> Result<(), i64> {
        limit.take(key).await.expect("the database")
    }

    #[tokio::test]
    async fn line_36_two_processes_count_together() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Clock::system();
        let [one, two] = two(&folder, &clock).await;
        for limit in [&one, &two, &one] {
            assert_eq!(take(limit, "a").await, Ok(()));
        }
        for limit in [&one, &two] {
            let wait = take(limit, "a").await;
            assert!(matches!(wait, Err(50_000..=60_000)), "{wait:?}");
        }
        assert_eq!(take(&two, "b").await, Ok(()));
        clock.advance(60_000);
        assert_eq!(take(&two, "a").await, Ok(()));
        assert!(take(&one, "a").await.is_err());
        // Concurrent calls take exactly as many units as are free.
        let wanted = (0..20).map(|n| take(if n % 2 == 0 { &one } else { &two }, "c"));
        let taken = futures::future::join_all(wanted).await.iter().filter(|taken| taken.is_ok()).count();
        assert_eq!(taken, 3);
    }

    #[tokio::test]
    async fn line_66_shared_limit_survives_a_wrong_clock() {
        let folder = tempfile::tempdir().expect("a folder");
        let (right, wrong) = (Clock::system(), Clock::system());
        wrong.set_system(3_600_000);
        let ([one, _], [ahead, _]) = (two(&folder, &right).await, two(&folder, &wrong).await);
        while take(&ahead, "a").await.is_ok() {}
        let wait = take(&one, "a").await;
        assert!(matches!(wait, Err(1..=60_000)), "an hour ahead locks nobody out for an hour: {wait:?}");
        right.advance(60_000);
        assert_eq!(take(&one, "a").await, Ok(()));
        assert!(take(&one, "a").await.is_err(), "it frees nothing early, either");
    }

    #[tokio::test]
    async fn line_47_shared_keys_are_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Clock::system();
        let [one, _] = two(&folder, &clock).await;
        let pool = one.pool.clone().expect("a database");
        let rows = async || -> i64 {
            sqlx::query_scalar("SELECT COUNT(*) FROM rate_limit").fetch_one(&pool).await.expect("the database")
        };
        assert_eq!(take(&one, "a").await, Ok(()));
        clean_up(&pool, clock.now()).await.expect("the database");
        assert_eq!(rows().await, 1);
        clean_up(&pool, clock.now() + 60_000).await.expect("the database");
        assert_eq!(rows().await, 0);
    }
}
