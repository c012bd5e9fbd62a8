//! The calls at `/mcp` that wait for a person: by whom they can be cancelled, and what wakes them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use foundation::{CancellationToken, limit::Shared, parts::Parts};
use tokio::sync::Notify;

/// The calls that wait for a person. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Calls {
    /// Requests, for each person and client.
    pub(super) limit: Arc<Shared>,
    /// By what the client calls them (person, client, request), to cancel them.
    pub(super) waiting: Arc<Mutex<HashMap<u64, (Waiting, CancellationToken)>>>,
    /// By the hash of the notification token, to wake them.
    pub(super) asleep: Arc<Mutex<HashMap<String, Arc<Notify>>>>,
}

/// A call, as its client names it. Two of a client's sessions may use the same id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) subject: String,
    pub(super) client: String,
    pub(super) request: String,
}

impl Calls {
    pub(crate) fn new(parts: &Parts) -> Self {
        Self { limit: Arc::new(parts.limit("mcp", 60, 500)), waiting: Arc::default(), asleep: Arc::default() }
    }

    /// Cancels the call that the client names, unless the name fits several.
    pub(super) fn cancel(&self, named: &Waiting) {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = waiting.values().filter(|(waiting, _)| waiting == named);
        if let (Some((_, cancel)), None) = (found.next(), found.next()) {
            cancel.cancel();
        }
    }
}
