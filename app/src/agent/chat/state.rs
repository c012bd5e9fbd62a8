//! What a conversation shows: the transcript, an own signal for each of its items, and what the browser adds to it.

use leptos::prelude::*;
use wire::chat::{Event, Item, Transcript};

use super::{announce, unsent::Unsent};

/// An item of the transcript. Its key stays; what it shows changes.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) item: ArcRwSignal<Item>,
}

/// The conversation. Copies share it.
#[derive(Clone, Copy)]
pub(super) struct Chat {
    /// None until the first message is accepted.
    pub(super) thread: RwSignal<Option<String>>,
    pub(super) title: RwSignal<String>,
    pub(super) entries: RwSignal<Vec<Entry>>,
    pub(super) running: RwSignal<Vec<String>>,
    /// What was written here and is not in the transcript yet.
    pub(super) unsent: RwSignal<Vec<Unsent>>,
    /// The server's time, in milliseconds since 1970 (UTC); moves on while something counts down.
    pub(super) now: RwSignal<i64>,
    /// What a screen reader is told.
    pub(super) said: RwSignal<String>,
    /// Whether the browser's half has started: until then buttons would do nothing.
    pub(super) ready: RwSignal<bool>,
    /// Whether the event stream is broken.
    pub(super) lost: RwSignal<bool>,
    /// Whether something new stands below what is in view.
    pub(super) below: RwSignal<bool>,
    /// The name of the person who was logged in when the page was loaded.
    pub(super) person: StoredValue<Option<String>>,
    /// Where approvals are given: `localhost:3001`.
    pub(super) approvals: StoredValue<String>,
    /// The address of the person's orders.
    pub(super) orders: StoredValue<String>,
    transcript: StoredValue<Transcript>,
}

impl Chat {
    pub(super) fn new(opened: super::conversation::Opened) -> Self {
        let transcript = opened.transcript;
        Self {
            thread: RwSignal::new(opened.thread),
            title: RwSignal::new(transcript.title.clone()),
            entries: RwSignal::new(entries(&transcript.items, &[])),
            running: RwSignal::new(transcript.running.clone()),
            unsent: RwSignal::new(Vec::new()),
            now: RwSignal::new(opened.now),
            said: RwSignal::new(String::new()),
            ready: RwSignal::new(false),
            lost: RwSignal::new(false),
            below: RwSignal::new(false),
            person: StoredValue::new(opened.person),
            approvals: StoredValue::new(opened.approvals),
            orders: StoredValue::new(opened.orders),
            transcript: StoredValue::new(transcript),
        }
    }

    /// The last event folded in.
    pub(super) fn seq(self) -> i64 {
        self.transcript.with_value(|transcript| transcript.seq)
    }

    /// Folds an event in and shows what it changed. Returns whether it was new.
    pub(super) fn fold(self, event: Event) -> bool {
        let kind = event.kind.clone();
        if self.transcript.try_update_value(|transcript| transcript.apply(event)) != Some(true) {
            return false;
        }
        self.transcript.with_value(|transcript| {
            self.show(transcript);
            if let Some(said) = announce::said(&kind, transcript) {
                self.said.set(said);
            }
        });
        true
    }

    /// Whether a message of this id has arrived in the transcript.
    pub(super) fn holds(self, message: &str) -> bool {
        self.transcript.with_value(|transcript| {
            transcript.items.iter().any(|item| matches!(item, Item::Message { id, .. } if id == message))
        })
    }

    fn show(self, transcript: &Transcript) {
        let same = self.entries.with_untracked(|known| {
            known.len() == transcript.items.len()
                && known.iter().zip(&transcript.items).all(|(known, item)| known.key == item.key())
        });
        if same {
            self.entries.with_untracked(|known| {
                for (entry, item) in known.iter().zip(&transcript.items) {
                    refresh(entry, item);
                }
            });
        } else {
            self.entries.update(|known| *known = entries(&transcript.items, known));
        }
        if self.running.with_untracked(|known| *known != transcript.running) {
            self.running.set(transcript.running.clone());
        }
        if self.title.with_untracked(|known| *known != transcript.title) {
            self.title.set(transcript.title.clone());
        }
    }
}

/// Entries for these items, the known ones among them kept.
fn entries(items: &[Item], known: &[Entry]) -> Vec<Entry> {
    items
        .iter()
        .map(|item| {
            let key = item.key();
            match known.iter().find(|entry| entry.key == key) {
                Some(entry) => {
                    refresh(entry, item);
                    entry.clone()
                }
                None => Entry { key, item: ArcRwSignal::new(item.clone()) },
            }
        })
        .collect()
}

fn refresh(entry: &Entry, item: &Item) {
    if entry.item.with_untracked(|known| known != item) {
        entry.item.set(item.clone());
    }
}
