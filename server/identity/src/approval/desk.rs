//! What approvals keep in memory: who waits for news, and how often an app has asked.

use std::sync::Arc;

use foundation::{
    limit::{AtOnce, Shared, Slot},
    parts::Parts,
};
use tokio::sync::{Notify, broadcast};

/// What approvals keep in memory.
#[derive(Debug)]
pub struct Desk {
    /// The outbox has something that is due.
    pub due: Notify,
    /// The person whose requests changed.
    changed: broadcast::Sender<String>,
    /// Streams of each person.
    open: Arc<AtOnce>,
    /// Requests of one app for one person (THREATS.md line 32): five, then one every twelve seconds.
    pub(super) limit: Shared,
}

impl Desk {
    pub fn new(parts: &Parts) -> Self {
        let (changed, _) = broadcast::channel(256);
        let open = Arc::new(AtOnce::new(MOST));
        Self { due: Notify::new(), changed, open, limit: parts.limit("approval", 5, 12_000) }
    }

    /// Tells open inboxes of this person.
    pub fn changed(&self, person: &str) {
        // Nobody looks: nobody needs to know.
        let _ = self.changed.send(person.to_owned());
    }

    /// After a commit that changed a person's requests: their open inboxes show it, and pings go out.
    pub(crate) fn told(&self, person: &str) {
        self.due.notify_one();
        self.changed(person);
    }

    /// Changes of any person's requests from now on.
    pub(super) fn changes(&self) -> broadcast::Receiver<String> {
        self.changed.subscribe()
    }

    /// A place for one more stream of this person; `None`: they have as many as they may.
    pub(super) fn place(&self, person: &str) -> Option<Slot> {
        self.open.take(person)
    }
}

/// How many streams a person may have open at once: each looks at the database now and then.
const MOST: usize = 20;
