//! Limits of rate: what strangers can have stored, registrations, sign-ups, logins.

use foundation::{
    limit::{Limit, Peer, Shared},
    parts::Parts,
};
use tokio::sync::Semaphore;

use crate::{error::PageError, login::throttle::Throttle};

#[derive(Debug)]
pub struct Limits {
    /// What is stored for whoever asks: authorization requests, logins begun, ways back from a logout; for each
    /// address (THREATS.md line 47). Sixty people of a workshop, who share one, begin five logins each at once.
    pub visits: Limit,
    /// Registrations of clients, for each address (THREATS.md line 36),
    pub registration: Shared,
    /// and from everywhere.
    pub registrations: Shared,
    /// New accounts, for each address.
    pub signup: Shared,
    /// Failed logins, by account and by address (THREATS.md line 39).
    pub login: Throttle,
    /// How many passwords are hashed at once: each takes 19 MB.
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

    /// Before something is stored for whoever asks.
    ///
    /// # Errors
    /// The page that says when to try again.
    pub(crate) fn visit(&self, peer: &Peer) -> Result<(), PageError> {
        self.visits.take(peer.as_str()).map_err(PageError::too_many)
    }
}
