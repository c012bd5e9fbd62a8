//! Limits on the connections of a site.

use std::time::Duration;

/// Limits on the connections of a site.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// From the connection, or a request's first byte, to the end of the request's header.
    pub header: Duration,
    /// For a request's body, plus the time that its bytes take at [`Self::RATE`].
    pub body: Duration,
    /// Between two requests. Longer than the 60 s for which proxies keep a connection, so that the proxy closes it
    /// first.
    pub idle: Duration,
    /// How long a client may leave an answer unread.
    pub stalled: Duration,
    /// Connections of one address. Behind a configured proxy, concurrent requests of one client.
    pub per_address: usize,
    /// Connections of all addresses together.
    pub total: usize,
    /// Interval between checks for overdue connections.
    pub check: Duration,
}

impl Bounds {
    /// Lowest rate of a request's body after [`Self::body`], in bytes a second.
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
