//! The parts that the program hands to each instance.

use tokio_util::sync::CancellationToken;

use crate::{clock::Clock, db::Db, http::Http, limit::Shared, one_time::OneTime, seal::Sealer, session::Sessions};

/// The parts of an instance. Clones share everything.
#[derive(Clone, Debug)]
pub struct Parts {
    pub db: Db,
    pub clock: Clock,
    pub sealer: Sealer,
    pub http: Http,
    /// Cancelled when the program stops: background work and open streams end.
    pub shutdown: CancellationToken,
}

impl Parts {
    /// One-time values, sealed with this instance's key.
    pub fn one_time(&self) -> OneTime {
        OneTime { clock: self.clock.clone(), sealer: self.sealer.clone() }
    }

    /// A rate limit shared by all processes on this database. Each limit needs its own name.
    pub fn limit(&self, name: &'static str, burst: u32, every_ms: i64) -> Shared {
        Shared::new(&self.db, self.clock.clone(), name, burst, every_ms)
    }

    /// This instance's sessions, under the given cookie. Times are in hours.
    pub fn sessions(&self, cookie: &'static str, secure: bool, idle_hours: i64, total_hours: i64) -> Sessions {
        const HOUR: i64 = 3_600_000;
        // Leaked because it is made once, at the start, and needed until the end.
        let cookie = if secure { Box::leak(format!("__Host-{cookie}").into_boxed_str()) } else { cookie };
        Sessions {
            pool: self.db.pool().clone(),
            clock: self.clock.clone(),
            sealer: self.sealer.clone(),
            cookie,
            secure,
            idle_ms: idle_hours * HOUR,
            total_ms: total_hours * HOUR,
            visitor_ms: idle_hours * HOUR,
            recorded: false,
        }
    }
}
