//! The broker's configuration.

use foundation::{login, site::Site};

#[derive(Clone, Debug)]
pub struct Config {
    pub site: Site,
    /// The client `stocktrade` at the broker's own provider. Its redirect URI is `B/auth/callback`.
    pub login: login::Settings,
    /// Clients whose orders need no approval. An operator's setting, for agents that can't carry one.
    pub trade_without_approval: Vec<String>,
    /// Milliseconds between two prices.
    pub tick_ms: u64,
    /// Price streams that one address may have open at once.
    pub streams_per_address: usize,
    /// Seeds the market's random walk.
    pub seed: u64,
}
