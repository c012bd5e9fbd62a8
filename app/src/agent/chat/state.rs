//! The state of a conversation: the transcript, a signal for each of its items, and what the browser adds.

use leptos::prelude::*;
use shared::chat::{Event, Item, Open, Transcript};

use super::{announce, opened::Opened, unsent::message::Unsent};

/// An item of the transcript. Its key is fixed, its content may change.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) item: ArcRwSignal<Item>,
}

/// The number of live regions. Each speaks only its last text, and an approval, its outcome and the answer can arrive
/// together.
pub(super) const VOICES: usize = 4;

/// The state of the conversation. Copies share it.
#[derive(Clone, Copy)]
pub(super) struct Chat {
    /// None until the first message is accepted.
    pub(super) thread: RwSignal<Option<String>>,
    pub(super) title: RwSignal<String>,
    pub(super) entries: RwSignal<Vec<Entry>>,
    pub(super) running: RwSignal<Vec<String>>,
    /// Messages written here that aren't in the transcript yet.
    pub(super) unsent: RwSignal<Vec<Unsent>>,
    /// The server's time, in milliseconds since 1970 (UTC). Advances while something counts down.
    pub(super) now: RwSignal<i64>,
    /// Texts for screen readers, in rotating live regions, so that texts that arrive together are all read.
    pub(super) said: RwSignal<[String; VOICES]>,
    /// Whether the browser's half has started. Before that, buttons don't work.
    pub(super) ready: RwSignal<bool>,
    /// Whether the event stream is broken.
    pub(super) lost: RwSignal<bool>,
    /// Notified when the site answers again, so that the stream reconnects at once.
    pub(super) reached: Trigger,
    /// Whether a retry of unsent messages is scheduled, and the number of retries so far.
    pub(super) retry: StoredValue<(bool, u32)>,
    /// Whether the reader is at the end of the page and follows it as it grows.
    pub(super) follows: StoredValue<bool>,
    /// Whether there is something new below the visible part.
    pub(super) below: RwSignal<bool>,
    /// The number of characters by which the text in the composer is too long.
    pub(super) over: RwSignal<usize>,
    /// Distinguishes the person who was logged in when the page loaded from all others. None for a visitor.
    pub(super) who: StoredValue<Option<String>>,
    /// The site where the person approves: `localhost:3001`.
    pub(super) approvals: StoredValue<String>,
    transcript: StoredValue<Transcript>,
    /// The number of announcements so far.
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

    /// Whether the page was loaded for a logged-in person.
    pub(super) fn signed_in(self) -> bool {
        self.who.with_value(Option::is_some)
    }

    /// The last event applied.
    pub(super) fn seq(self) -> i64 {
        self.transcript.with_value(|transcript| transcript.seq)
    }

    /// Applies an event and shows its changes. Returns whether it was new.
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

    /// Applies open text. Returns whether it was new.
    pub(super) fn hear(self, open: Open) -> bool {
        let is_new = self.transcript.try_update_value(|transcript| transcript.hear(open)) == Some(true);
        if is_new {
            self.transcript.with_value(|transcript| self.show(transcript));
        }
        is_new
    }

    /// Announces a text to screen readers. Clears the oldest one, so that the same text can be announced again later.
    pub(super) fn say(self, text: String) {
        let voice = self.voice.get_value();
        self.voice.set_value(voice + 1);
        self.said.update(|said| {
            said[(voice + 1) % VOICES].clear();
            said[voice % VOICES] = text;
        });
    }

    /// Whether the transcript contains this message.
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

/// The entries for these items. Reuses the known ones.
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
