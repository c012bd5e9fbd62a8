//! The turns that run in this process.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use foundation::CancellationToken;

use crate::queue::Queue;

/// Clones share them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turns {
    running: Arc<Mutex<HashMap<String, CancellationToken>>>,
    pub(crate) queue: Queue,
}

impl Turns {
    /// Interrupts a turn that runs here, so that it checks for a cancellation.
    pub(crate) fn stop(&self, turn: &str) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stop) = running.get(turn) {
            stop.cancel();
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
    }
}
