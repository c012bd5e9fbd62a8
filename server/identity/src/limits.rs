//! Rate limits: rows that strangers can create, registrations, sign-ups, logins.

use foundation::{
    limit::{Limit, Peer, Shared},
    parts::Parts,
};
use tokio::sync::Semaphore;

use crate::{error::PageError, login::throttle::Throttle};

#[derive(Debug)]
pub struct Limits {
    /// Rows that anyone can create (authorization requests, logins, logouts), by address (THREATS.md line 47). Allows
    /// sixty people of a workshop behind one address to start five logins each at once.
    pub visits: Limit,
    /// Client registrations, by address (THREATS.md line 36).
    pub registration: Shared,
    /// Client registrations in total.
    pub registrations: Shared,
    /// New accounts, by address.
    pub signup: Shared,
    /// Failed logins, by account and by address (THREATS.md line 39).
    pub login: Throttle,
    /// Number of passwords hashed at the same time, since each takes 19 MB.
    pub hashing: Semaphore,
}

impl Limits {
    pub(crate) fn new(parts: &Parts) -> Self {
        Self {
            visits: Limit::new(parts.clock.clone(), 600, 1_000),
            registration: parts.limit("registration", 120, 30_000),
            registrations: parts.limit("registrations", 500, 2_000),
            signup: parts.limit("signup", 80, 60_000),
            login: Throttle::new(parts.db.clone(), parts.clock.clone()),
            hashing: Semaphore::new(4),
        }
    }

    /// Counts a visit before something is stored for it.
    ///
    /// # Errors
    /// The page that says when to retry.
    pub(crate) fn visit(&self, peer: &Peer) -> Result<(), PageError> {
        self.visits.take(peer.as_str()).map_err(PageError::too_many)
    }
}
