//! Limits on the connections of a site.

use std::time::Duration;

/// Limits on the connections of a site.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// From the connection, or from a request's first byte, to the end of its header.
    pub header: Duration,
    /// For a request's body, plus the time that its bytes take at [`Self::RATE`].
    pub body: Duration,
    /// Between two requests. Longer than the 60 s for which proxies keep a connection, so that they close it first.
    pub idle: Duration,
    /// How long a client may read nothing of an answer.
    pub stalled: Duration,
    /// Connections of one address. Through a configured proxy: requests of one client at once.
    pub per_address: usize,
    /// Connections of all addresses.
    pub total: usize,
    /// How often overdue connections are looked for.
    pub check: Duration,
}

impl Bounds {
    /// Lowest rate of a request's body once [`Self::body`] is over, in bytes a second.
    pub(super) const RATE: u64 = 1024;
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            header: Duration::from_secs(10),
            body: Duration::from_secs(30),
            idle: Duration::from_secs(75),
            stalled: Duration::from_secs(30),
            per_address: 512,
            total: 10_000,
            check: Duration::from_secs(1),
        }
    }
}
