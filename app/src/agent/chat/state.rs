//! What a conversation shows: the transcript, an own signal for each of its items, and what the browser adds to it.

use leptos::prelude::*;
use shared::chat::{Event, Item, Transcript};

use super::{announce, opened::Opened, unsent::message::Unsent};

/// An item of the transcript. Its key stays; what it shows changes.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) item: ArcRwSignal<Item>,
}

/// A live region says its last words alone. An order's approval, its outcome and the answer come in one moment.
pub(super) const VOICES: usize = 4;

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
    /// What a screen reader is told: in several places by turns, so that what is said at once is all read.
    pub(super) said: RwSignal<[String; VOICES]>,
    /// Whether the browser's half has started: until then buttons would do nothing.
    pub(super) ready: RwSignal<bool>,
    /// Whether the event stream is broken.
    pub(super) lost: RwSignal<bool>,
    /// Notified when the site answered after it could not be reached: the stream needn't wait any longer.
    pub(super) reached: Trigger,
    /// Whether what could not be sent is about to be tried again, and how often it was.
    pub(super) retry: StoredValue<(bool, u32)>,
    /// Whether the reader is at the end of the page and stays there as it grows.
    pub(super) follows: StoredValue<bool>,
    /// Whether there is something new below what is in view.
    pub(super) below: RwSignal<bool>,
    /// By how many characters the text in the composer is too long.
    pub(super) over: RwSignal<usize>,
    /// Tells the person who was logged in when the page was loaded from every other; none for a visitor.
    pub(super) who: StoredValue<Option<String>>,
    /// Where approvals are given: `localhost:3001`.
    pub(super) approvals: StoredValue<String>,
    transcript: StoredValue<Transcript>,
    /// How often something was said.
    voice: StoredValue<usize>,
}

impl Chat {
    pub(super) fn new(opened: Opened) -> Self {
        let transcript = opened.transcript;
        Self {
            thread: RwSignal::new(opened.thread),
            title: RwSignal::new(transcript.title.clone()),
            entries: RwSignal::new(entries(&transcript.items, &[])),
            running: RwSignal::new(transcript.running.clone()),
            unsent: RwSignal::new(Vec::new()),
            now: RwSignal::new(opened.now),
            said: RwSignal::default(),
            voice: StoredValue::new(0),
            ready: RwSignal::new(false),
            lost: RwSignal::new(false),
            reached: Trigger::new(),
            retry: StoredValue::new((false, 0)),
            follows: StoredValue::new(true),
            below: RwSignal::new(false),
            over: RwSignal::new(0),
            who: StoredValue::new(opened.who),
            approvals: StoredValue::new(opened.approvals),
            transcript: StoredValue::new(transcript),
        }
    }

    /// Whether the page was loaded for a person who was logged in.
    pub(super) fn signed_in(self) -> bool {
        self.who.with_value(Option::is_some)
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
                self.say(said);
            }
        });
        true
    }

    /// Tells a screen reader. The oldest of what was said goes, so that the same words are heard again later.
    pub(super) fn say(self, text: String) {
        let voice = self.voice.get_value();
        self.voice.set_value(voice + 1);
        self.said.update(|said| {
            said[(voice + 1) % VOICES].clear();
            said[voice % VOICES] = text;
        });
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
