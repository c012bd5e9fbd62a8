//! Who is to hear of approvals: the worker that one is due, and those who wait here that one has changed.

use tokio::sync::broadcast;

use crate::queue::Queue;

/// Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Approvals {
    pub(crate) queue: Queue,
    /// The ids of those that changed here.
    changed: broadcast::Sender<String>,
}

impl Approvals {
    pub(crate) fn new() -> Self {
        Self { queue: Queue::default(), changed: broadcast::Sender::new(64) }
    }

    pub(crate) fn changed(&self, id: &str) {
        // Nobody may be waiting.
        let _ = self.changed.send(id.to_owned());
    }

    /// Changes from now on.
    pub(crate) fn listen(&self, id: &str) -> Changes {
        Changes { id: id.to_owned(), changes: self.changed.subscribe() }
    }
}

/// The changes of one approval that are made here.
#[derive(Debug)]
pub(crate) struct Changes {
    id: String,
    changes: broadcast::Receiver<String>,
}

impl Changes {
    /// Waits for the next; one too many may be heard, none is missed.
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
