//! Notifies the worker when an approval is due, and waiting callers in this process when one changes.

use tokio::sync::broadcast;

use crate::queue::Queue;

/// Clones share the queue and the channel.
#[derive(Clone, Debug)]
pub(crate) struct Approvals {
    pub(crate) queue: Queue,
    /// The ids of approvals that changed in this process.
    changed: broadcast::Sender<String>,
}

impl Approvals {
    pub(crate) fn new() -> Self {
        Self { queue: Queue::default(), changed: broadcast::Sender::new(64) }
    }

    pub(crate) fn changed(&self, id: &str) {
        // An error only means that nobody is waiting.
        let _ = self.changed.send(id.to_owned());
    }

    /// Changes of this approval from now on.
    pub(crate) fn listen(&self, id: &str) -> Changes {
        Changes { id: id.to_owned(), changes: self.changed.subscribe() }
    }
}

/// The changes of one approval in this process.
#[derive(Debug)]
pub(crate) struct Changes {
    id: String,
    changes: broadcast::Receiver<String>,
}

impl Changes {
    /// Waits for the next change. May return once too often, but misses none.
    pub(crate) async fn heard(&mut self) {
        loop {
            match self.changes.recv().await {
                Ok(id) if id != self.id => {}
                Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return,
                Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}
