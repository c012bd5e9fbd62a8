//! Rows of a table that wait for a worker: looked for at the start, once a second, when the next is due, and whenever
//! somebody says that there may be one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use foundation::{CancellationToken, clock::Clock};
use tokio::sync::Notify;

/// How long what is due may stay unnoticed.
const LOOK: Duration = Duration::from_secs(1);

/// Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Queue(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    due: Notify,
    /// One that was due could not be taken.
    failed: AtomicBool,
    busy: AtomicUsize,
}

/// One that is worked on here. Dropped, it is over.
#[derive(Debug)]
pub(crate) struct Busy(Queue);

impl Queue {
    /// Something may have become due.
    pub(crate) fn notify(&self) {
        self.0.due.notify_one();
    }

    /// The database failed while one was taken: look again in a second, not at once.
    pub(crate) fn failed(&self) {
        self.0.failed.store(true, Ordering::Relaxed);
    }

    pub(crate) fn begin(&self) -> Busy {
        self.0.busy.fetch_add(1, Ordering::Relaxed);
        Busy(self.clone())
    }

    /// Waits until none is worked on here, three seconds at most.
    pub(crate) async fn all_ended(&self) {
        for _ in 0..150 {
            if self.0.busy.load(Ordering::Relaxed) == 0 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Works until the program stops. `look` starts what is due, and returns when the next is, if that is known.
    pub(crate) async fn watch<F: Future<Output = Option<i64>>>(
        &self,
        clock: &Clock,
        shutdown: &CancellationToken,
        look: impl Fn() -> F,
    ) {
        loop {
            let next = look().await.filter(|_| !self.0.failed.swap(false, Ordering::Relaxed));
            let left = next.map(|at| u64::try_from(at.saturating_sub(clock.now())).unwrap_or(0));
            // What is due was taken a moment ago: don't look again before that is done.
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
