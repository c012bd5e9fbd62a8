//! The rate limits of the agent's site.

pub(crate) mod day;

use std::net::SocketAddr;

use axum::{extract::ConnectInfo, http::Extensions};
use foundation::{
    limit::{Limit, Peer, Shared},
    parts::Parts,
};

/// The limits of the site.
#[derive(Debug)]
pub(crate) struct Limits {
    /// Messages, by person or visitor.
    pub(crate) messages: Shared,
    /// Requests at `/mcp`, by person and client.
    pub(crate) mcp: Shared,
    /// New visitors, by address.
    pub(crate) visitors: Limit,
    /// Logins, by address.
    pub(crate) logins: Limit,
    /// Visitors' event streams, by address.
    pub(crate) streams: Limit,
}

impl Limits {
    pub(crate) fn new(parts: &Parts) -> Self {
        let clock = &parts.clock;
        Self {
            messages: parts.limit("messages", 30, 2_000),
            mcp: parts.limit("mcp", 60, 500),
            visitors: Limit::new(clock.clone(), 60, 1_000),
            logins: Limit::new(clock.clone(), 60, 1_000),
            streams: Limit::new(clock.clone(), 120, 500),
        }
    }
}

/// The address of a request, as limits count it. None for this machine itself, which all local users share.
pub(crate) fn address(extensions: &Extensions) -> Option<String> {
    let ConnectInfo(peer) = extensions.get::<ConnectInfo<SocketAddr>>()?;
    (!peer.ip().to_canonical().is_loopback()).then(|| Peer::of(extensions).as_str().to_owned())
}
