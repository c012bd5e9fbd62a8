//! The turns that run in this process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicBool},
    time::Duration,
};

use foundation::CancellationToken;
use tokio::sync::Notify;

/// Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turns {
    running: Arc<Mutex<HashMap<String, CancellationToken>>>,
    /// A turn became due.
    pub(super) due: Arc<Notify>,
    /// A turn that was due could not be taken.
    pub(super) failed: Arc<AtomicBool>,
    /// A turn ran, and may be over.
    pub(crate) ran: Arc<Notify>,
}

impl Turns {
    /// Interrupts a turn that runs here, so that it looks at what was asked of it.
    pub(crate) fn stop(&self, turn: &str) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stop) = running.get(turn) {
            stop.cancel();
        }
    }

    /// Waits until none runs, three seconds at most.
    pub(crate) async fn all_ended(&self) {
        for _ in 0..150 {
            if self.running.lock().unwrap_or_else(PoisonError::into_inner).is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(super) fn started(&self, turn: &str) -> CancellationToken {
        let stop = CancellationToken::new();
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.insert(turn.to_owned(), stop.clone());
        stop
    }

    pub(super) fn ended(&self, turn: &str) {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(turn);
        self.due.notify_one();
        self.ran.notify_one();
    }
}
