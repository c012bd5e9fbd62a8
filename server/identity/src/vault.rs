//! The token vault: grants at other providers (PROTOCOL.md, "Tokens"), and its in-memory state.

pub(crate) mod client;
pub(crate) mod error;
mod provider;
pub(crate) mod stored;
pub(crate) mod token;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use foundation::parts::Parts;

use crate::config::Connection;
pub use provider::{Answer, Provider};

/// After a provider failed for an account, it isn't asked again for this long, in milliseconds, so that callers that
/// retry at once don't cause a storm (THREATS.md line 28).
pub(crate) const PAUSE: i64 = 2_000;

/// The vault's in-memory state. Everything durable is in the database.
#[derive(Debug)]
pub struct Vault {
    providers: HashMap<String, Provider>,
    /// Allows one refresh at a time for each account.
    busy: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// When the provider last failed for an account.
    failed: Mutex<HashMap<String, i64>>,
}

impl Vault {
    pub fn new(connections: &[Connection], parts: &Parts) -> Self {
        let providers = connections
            .iter()
            .map(|connection| (connection.name.clone(), Provider::new(connection.clone(), parts)))
            .collect();
        Self { providers, busy: Mutex::default(), failed: Mutex::default() }
    }

    /// The provider of a connection.
    pub fn provider(&self, connection: &str) -> Option<&Provider> {
        self.providers.get(connection)
    }

    pub(crate) fn is_pausing(&self, account: &str, now: i64) -> bool {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.get(account).is_some_and(|at| now < at + PAUSE)
    }

    pub(crate) fn note(&self, account: &str, failed_at: Option<i64>) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        match failed_at {
            Some(at) => {
                failed.retain(|_, former| *former + PAUSE > at);
                failed.insert(account.to_owned(), at);
            }
            None => {
                failed.remove(account);
            }
        }
    }

    pub(crate) fn turn_of(&self, account: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.retain(|_, turn| Arc::strong_count(turn) > 1);
        busy.entry(account.to_owned()).or_default().clone()
    }
}

/// The associated data that binds a vault's sealed grant to its account.
pub fn place(account: &str) -> String {
    format!("connected_account.refresh_token:{account}")
}
