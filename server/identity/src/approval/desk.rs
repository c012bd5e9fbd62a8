//! The in-memory state of approvals: the open streams, and each app's rate limit.

use std::sync::Arc;

use foundation::{
    limit::{AtOnce, STREAMS, Shared, Slot},
    parts::Parts,
};
use tokio::sync::{Notify, broadcast};

/// The in-memory state of approvals.
#[derive(Debug)]
pub struct Desk {
    /// Wakes the outbox's sender.
    pub due: Notify,
    /// Publishes the person whose requests changed.
    changed: broadcast::Sender<String>,
    /// Counts each person's open streams.
    open: Arc<AtOnce>,
    /// Requests from one app to one person (THREATS.md line 32): five, then one every twelve seconds.
    pub(super) limit: Shared,
}

impl Desk {
    pub fn new(parts: &Parts) -> Self {
        let (changed, _) = broadcast::channel(256);
        let open = Arc::new(AtOnce::new(STREAMS));
        Self { due: Notify::new(), changed, open, limit: parts.limit("approval", 5, 12_000) }
    }

    /// Notifies this person's open inboxes.
    pub fn changed(&self, person: &str) {
        // An error only means that no inbox is open.
        let _ = self.changed.send(person.to_owned());
    }

    /// Call it after a commit that changed a person's requests: it updates their open inboxes and sends due pings.
    pub(crate) fn notify(&self, person: &str) {
        self.due.notify_one();
        self.changed(person);
    }

    /// Changes of any person's requests from now on.
    pub(super) fn changes(&self) -> broadcast::Receiver<String> {
        self.changed.subscribe()
    }

    /// A slot for one more stream of this person; `None` if they already have the most allowed.
    pub(super) fn place(&self, person: &str) -> Option<Slot> {
        self.open.take(person)
    }
}
