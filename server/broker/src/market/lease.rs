//! Which of several processes on one database moves the market: the one that holds a lease, for as long as it renews
//! it with every tick.

use base::{clock::Clock, db::Db, secret};

use crate::store;

/// The lease's row.
const NAME: &str = "market";

/// So many ticks without a sign of its holder, and another process takes the lease.
const TICKS: u64 = 3;

#[derive(Debug)]
pub(super) struct Lease {
    db: Db,
    clock: Clock,
    /// This process, by a name that no other has.
    owner: String,
    /// How long it lasts, in milliseconds.
    lasts: i64,
}

impl Lease {
    pub(super) fn new(db: &Db, clock: &Clock, tick_ms: u64) -> Self {
        let lasts = i64::try_from(tick_ms.saturating_mul(TICKS)).unwrap_or(i64::MAX / 2);
        Self { db: db.clone(), clock: clock.clone(), owner: secret::id(""), lasts }
    }

    /// Takes or renews the lease. `false`: another process holds it.
    pub(super) async fn hold(&self) -> Result<bool, sqlx::Error> {
        let now = self.clock.now();
        store::lease::hold(self.db.pool(), NAME, &self.owner, now, now.saturating_add(self.lasts)).await
    }

    /// Lets go of it, where this process holds it.
    pub(super) async fn release(&self) -> Result<(), sqlx::Error> {
        store::lease::release(self.db.pool(), NAME, &self.owner).await
    }
}
