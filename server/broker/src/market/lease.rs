//! The lease that decides which of several processes on one database moves the market. Its holder renews it with every
//! tick. The others measure the time since the last renewal with their own steady clocks, so clocks that differ neither
//! take the lease from its holder nor keep it with a dead one.

use foundation::{clock::Clock, db::Db, secret};

use crate::store::lease::{self, Held};

/// The name of the lease's row.
const NAME: &str = "market";

/// Number of ticks without a renewal after which another process takes the lease.
const TICKS: u64 = 3;

#[derive(Debug)]
pub(super) struct Lease {
    db: Db,
    clock: Clock,
    /// A unique name for this process.
    owner: String,
    /// How long the lease lasts without a renewal, in milliseconds.
    lasts: i64,
    /// The other process's lease as last seen, and since when, by the steady clock.
    seen: Option<(Held, i64)>,
}

impl Lease {
    pub(super) fn new(db: &Db, clock: &Clock, tick_ms: u64) -> Self {
        let lasts = i64::try_from(tick_ms.saturating_mul(TICKS)).unwrap_or(i64::MAX / 2);
        Self { db: db.clone(), clock: clock.clone(), owner: secret::id(""), lasts, seen: None }
    }

    /// Takes or renews the lease. `false` if another process holds it.
    pub(super) async fn hold(&mut self) -> Result<bool, sqlx::Error> {
        let (now, steady) = (self.clock.now(), self.clock.steady());
        let ended = self.seen.as_ref().filter(|(_, since)| steady - since >= self.lasts).map(|(held, _)| held);
        if lease::hold(self.db.pool(), NAME, &self.owner, now, ended).await? {
            self.seen = None;
            return Ok(true);
        }
        let held = lease::find(self.db.pool(), NAME).await?;
        if self.seen.as_ref().map(|(held, _)| held) != held.as_ref() {
            self.seen = held.map(|held| (held, steady));
        }
        Ok(false)
    }

    /// Ends the lease if this process holds it.
    pub(super) async fn release(&self) -> Result<(), sqlx::Error> {
        lease::release(self.db.pool(), NAME, &self.owner).await
    }
}
