//! What happens in a thread, as it reaches its readers: stored first, then broadcast within this process.

pub(crate) mod fold;
pub(crate) mod stream;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::broadcast;
use wire::chat::Event;

/// The readers of this process. Clones share them.
#[derive(Clone, Debug)]
pub(crate) struct Streams {
    threads: Arc<Mutex<HashMap<String, broadcast::Sender<Event>>>>,
    /// How many streams each reader has open.
    open: Arc<Mutex<HashMap<String, usize>>>,
    /// Sessions as they end.
    ended: broadcast::Sender<String>,
}

impl Default for Streams {
    fn default() -> Self {
        Self { threads: Arc::default(), open: Arc::default(), ended: broadcast::channel(64).0 }
    }
}

impl Streams {
    /// How many events a slow reader may be behind before it reads them from the database.
    const BEHIND: usize = 256;

    /// How many streams a person, or a visitor's session, may have open at once: a page that nobody looks at has none.
    pub(crate) const MOST: usize = 20;

    /// One more stream of this reader, until it is dropped; none where it has [`Self::MOST`].
    pub(crate) fn open(&self, reader: &str) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(reader.to_owned()).or_default();
        if *count >= Self::MOST {
            return None;
        }
        *count += 1;
        Some(Place { open: self.open.clone(), reader: reader.to_owned() })
    }

    /// Tells the readers of a thread. An event may overtake one before it: readers go by its number.
    pub(crate) fn tell(&self, thread: &str, events: Vec<Event>) {
        let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(readers) = threads.get(thread) {
            for event in events {
                // No reader left: the next look clears the entry.
                let _ = readers.send(event);
            }
        }
    }

    pub(crate) fn listen(&self, thread: &str) -> broadcast::Receiver<Event> {
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        if threads.len() > 64 {
            threads.retain(|_, readers| readers.receiver_count() > 0);
        }
        threads.entry(thread.to_owned()).or_insert_with(|| broadcast::channel(Self::BEHIND).0).subscribe()
    }

    /// A session ended: its streams close.
    pub(crate) fn end(&self, session: &str) {
        // Nobody listens: nothing to close.
        let _ = self.ended.send(session.to_owned());
    }

    pub(crate) fn ended(&self) -> broadcast::Receiver<String> {
        self.ended.subscribe()
    }
}

/// An open stream, as it counts.
#[derive(Debug)]
pub(crate) struct Place {
    open: Arc<Mutex<HashMap<String, usize>>>,
    reader: String,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.reader) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.reader);
            }
        }
    }
}
