//! Which of several processes on one database moves the market: the one that holds a lease, for as long as it renews
//! it with every tick. The others measure by their own steady clocks for how long it wasn't renewed, so clocks that
//! differ neither take the lease from its holder nor keep it with a holder that is gone.

use foundation::{clock::Clock, db::Db, secret};

use crate::store::lease::{self, Held};

/// The lease's row.
const NAME: &str = "market";

/// So many ticks without a renewal, and another process takes the lease.
const TICKS: u64 = 3;

#[derive(Debug)]
pub(super) struct Lease {
    db: Db,
    clock: Clock,
    /// This process, by a name that no other has.
    owner: String,
    /// How long it lasts without a renewal, in milliseconds.
    lasts: i64,
    /// The other process's lease as it was seen last, and since when, by the steady clock.
    seen: Option<(Held, i64)>,
}

impl Lease {
    pub(super) fn new(db: &Db, clock: &Clock, tick_ms: u64) -> Self {
        let lasts = i64::try_from(tick_ms.saturating_mul(TICKS)).unwrap_or(i64::MAX / 2);
        Self { db: db.clone(), clock: clock.clone(), owner: secret::id(""), lasts, seen: None }
    }

    /// Takes or renews the lease. `false`: another process holds it.
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

    /// Ends the lease, where this process holds it.
    pub(super) async fn release(&self) -> Result<(), sqlx::Error> {
        lease::release(self.db.pool(), NAME, &self.owner).await
    }
}
