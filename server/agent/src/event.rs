//! The events of a thread on their way to readers: stored first, then broadcast within this process.

pub(crate) mod fold;
pub(crate) mod stream;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use foundation::limit::{AtOnce, Slot};
use shared::chat::Event;
use tokio::sync::broadcast::{self, error::RecvError};

/// The threads that have readers, each with its queue. Readers share events, so a place in the queue is as small as a
/// pointer.
type Threads = Arc<Mutex<HashMap<String, broadcast::Sender<Arc<Event>>>>>;

/// The readers in this process. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Streams {
    threads: Threads,
    /// The number of open streams for each reader.
    open: Arc<AtOnce>,
    /// Broadcasts sessions that end.
    ended: broadcast::Sender<String>,
}

impl Default for Streams {
    fn default() -> Self {
        Self { threads: Arc::default(), open: Arc::new(AtOnce::new(Self::MOST)), ended: broadcast::channel(64).0 }
    }
}

impl Streams {
    /// Number of events by which a slow reader may lag before it reads them from the database.
    const BEHIND: usize = 256;

    /// Maximum number of open streams for a person or a visitor's session. A hidden page has none.
    pub(crate) const MOST: usize = 20;

    /// Counts a stream of this reader until it is dropped. `None` at [`Self::MOST`].
    pub(crate) fn open(&self, reader: &str) -> Option<Slot> {
        self.open.take(reader)
    }

    /// Sends events to the readers of a thread. Events may overtake each other, so readers go by their numbers.
    pub(crate) fn tell(&self, thread: &str, events: Vec<Event>) {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(readers) = threads.get(thread) {
            for event in events {
                // No reader left: the last one has removed the entry, or is about to.
                let _ = readers.send(Arc::new(event));
            }
        }
    }

    pub(crate) fn listen(&self, thread: &str) -> Told {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        let readers = threads.entry(thread.to_owned()).or_insert_with(|| broadcast::channel(Self::BEHIND).0);
        Told { events: Some(readers.subscribe()), threads: self.threads.clone(), thread: thread.to_owned() }
    }

    /// Ends a session's streams.
    pub(crate) fn end(&self, session: &str) {
        // An error means that nobody listens.
        let _ = self.ended.send(session.to_owned());
    }

    pub(crate) fn ended(&self) -> broadcast::Receiver<String> {
        self.ended.subscribe()
    }
}

/// A reader's subscription to a thread. The queue is removed with its last reader.
#[derive(Debug)]
pub(crate) struct Told {
    /// `Some` until this is dropped.
    events: Option<broadcast::Receiver<Arc<Event>>>,
    threads: Threads,
    thread: String,
}

impl Told {
    pub(crate) async fn next(&mut self) -> Result<Event, RecvError> {
        let events = self.events.as_mut().ok_or(RecvError::Closed)?;
        events.recv().await.map(Arc::unwrap_or_clone)
    }
}

impl Drop for Told {
    fn drop(&mut self) {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        // Within the lock, so that of two readers that leave at once, one sees that none is left.
        self.events = None;
        if threads.get(&self.thread).is_some_and(|readers| readers.receiver_count() == 0) {
            threads.remove(&self.thread);
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::chat::Kind;

    use super::*;

    fn event(seq: i64) -> Event {
        Event { seq, at: 0, kind: Kind::Title { title: format!("Title {seq}") } }
    }

    #[tokio::test]
    async fn a_queue_is_there_while_somebody_reads() {
        let streams = Streams::default();
        let queues = || streams.threads.lock().unwrap_or_else(PoisonError::into_inner).len();
        // Without readers, nothing is kept.
        streams.tell("one", vec![event(1)]);
        assert_eq!(queues(), 0);

        let (mut first, mut second, other) = (streams.listen("one"), streams.listen("one"), streams.listen("other"));
        assert_eq!(queues(), 2);
        streams.tell("one", vec![event(2), event(3)]);
        for told in [&mut first, &mut second] {
            assert_eq!((told.next().await, told.next().await), (Ok(event(2)), Ok(event(3))));
        }
        drop(first);
        drop(other);
        streams.tell("one", vec![event(4)]);
        assert_eq!((queues(), second.next().await), (1, Ok(event(4))));
        drop(second);
        assert_eq!(queues(), 0);
    }
}
