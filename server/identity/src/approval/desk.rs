//! What approvals keep in memory: who waits for news, and how often an app has asked.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use foundation::{limit::Shared, parts::Parts};
use tokio::sync::{Notify, broadcast};

/// What approvals keep in memory.
#[derive(Debug)]
pub struct Desk {
    /// The outbox has something that is due.
    pub due: Notify,
    /// The person whose requests changed.
    changed: broadcast::Sender<String>,
    open: Open,
    /// Requests of one app for one person (THREATS.md line 32): five, then one every twelve seconds.
    pub(super) limit: Shared,
}

impl Desk {
    pub fn new(parts: &Parts) -> Self {
        let (changed, _) = broadcast::channel(256);
        Self { due: Notify::new(), changed, open: Open::default(), limit: parts.limit("approval", 5, 12_000) }
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
    pub(super) fn place(&self, person: &str) -> Option<Place> {
        self.open.place(person)
    }
}

/// How many streams a person may have open at once: each looks at the database now and then.
const MOST: usize = 20;

/// How many streams each person has open.
#[derive(Clone, Debug, Default)]
struct Open(Arc<Mutex<HashMap<String, usize>>>);

/// One of them, until it is dropped.
pub(super) struct Place {
    open: Open,
    person: String,
}

impl Open {
    fn place(&self, person: &str) -> Option<Place> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(person.to_owned()).or_default();
        if *count >= MOST {
            return None;
        }
        *count += 1;
        Some(Place { open: self.clone(), person: person.to_owned() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.open.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.person) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.person);
            }
        }
    }
}
