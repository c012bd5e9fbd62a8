//! Wakes a worker for due rows of a table: at the start, once a second, when the next row is due, and when notified.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use foundation::{CancellationToken, clock::Clock};
use tokio::sync::Notify;

/// Maximum delay until a due row is noticed.
const LOOK: Duration = Duration::from_secs(1);

/// Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    due: Notify,
    /// Whether claiming a due row failed.
    failed: AtomicBool,
    busy: AtomicUsize,
}

/// A row being worked on here, until this is dropped.
#[derive(Debug)]
pub(crate) struct Busy(Queue);

impl Queue {
    /// Announces that a row may have become due.
    pub(crate) fn notify(&self) {
        self.0.due.notify_one();
    }

    /// After the database failed while a row was claimed: check again in a second, not at once.
    pub(crate) fn failed(&self) {
        self.0.failed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn begin(&self) -> Busy {
        self.0.busy.fetch_add(1, Ordering::Relaxed);
        Busy(self.clone())
    }

    /// Waits until no row is being worked on here, for at most three seconds.
    pub(crate) async fn all_ended(&self) {
        for _ in 0..150 {
            if self.0.busy.load(Ordering::Relaxed) == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Runs until the program stops. `look` starts what is due, and returns when the next row is due, if known.
    pub(crate) async fn watch<F: Future<Output = Option<i64>>>(
        &self,
        clock: &Clock,
        shutdown: &CancellationToken,
        look: impl Fn() -> F,
    ) {
        loop {
            let next = look().await.filter(|_| !self.0.failed.swap(false, Ordering::Relaxed));
            let left = next.map(|at| u64::try_from(at.saturating_sub(clock.now())).unwrap_or(0));
            // Rows that are due were just claimed: give that a moment before checking again.
            let pause = left.map_or(LOOK, Duration::from_millis).clamp(Duration::from_millis(20), LOOK);
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = self.0.due.notified() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.0.busy.fetch_sub(1, Ordering::Relaxed);
        self.0.notify();
    }
}
