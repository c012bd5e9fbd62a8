//! Limits of rate, kept in memory: registrations, sign-ups, logins.

use std::net::SocketAddr;

use axum::{extract::ConnectInfo, http::Extensions};
use base::{clock::Clock, limit::Limit};
use tokio::sync::Semaphore;

use crate::login::throttle::Throttle;

#[derive(Debug)]
pub struct Limits {
    /// Registrations of clients, for each address (security.md line 36),
    pub registration: Limit,
    /// and from everywhere.
    pub registrations: Limit,
    /// New accounts, for each address.
    pub signup: Limit,
    /// Failed logins, by account and by address (security.md line 39).
    pub login: Throttle,
    /// How many passwords are hashed at once: each takes 19 MB.
    pub hashing: Semaphore,
}

impl Limits {
    pub(crate) fn new(clock: &Clock) -> Self {
        Self {
            registration: Limit::new(clock.clone(), 20, 6_000),
            registrations: Limit::new(clock.clone(), 100, 1_000),
            signup: Limit::new(clock.clone(), 10, 60_000),
            login: Throttle::new(clock.clone()),
            hashing: Semaphore::new(4),
        }
    }
}

/// The peer's address, where the listener tells it. Headers that a client can write (`X-Forwarded-For`) don't
/// count (security.md line 51).
pub(crate) fn address(extensions: &Extensions) -> String {
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    peer.map(|ConnectInfo(address)| address.ip().to_string()).unwrap_or_default()
}
