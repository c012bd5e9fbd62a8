//! What an instance is made of, handed to it by the program.

use tokio_util::sync::CancellationToken;

use crate::{clock::Clock, db::Db, http::Http, limit::Shared, once::Once, seal::Sealer, session::Sessions};

/// Clones share everything.
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
    /// Values taken once, on this instance's database key.
    pub fn once(&self) -> Once {
        Once { clock: self.clock.clone(), sealer: self.sealer.clone() }
    }

    /// A limit that counts together for all processes on this database. Its name is its own.
    pub fn limit(&self, name: &'static str, burst: u32, every_ms: i64) -> Shared {
        Shared::new(&self.db, self.clock.clone(), name, burst, every_ms)
    }

    /// This instance's sessions, under a cookie of their own. Times in hours.
    pub fn sessions(&self, cookie: &'static str, secure: bool, idle_hours: i64, total_hours: i64) -> Sessions {
        const HOUR: i64 = 3_600_000;
        // Made once at the start, and needed until the end.
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
        }
    }
}
