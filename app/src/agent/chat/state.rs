//! The state of a conversation, beside the transcript that the server renders.

use leptos::prelude::*;
use shared::chat::Open;

use super::{apply, opened::Opened, unsent::message::Unsent, voice};

/// The state of the conversation. Copies share it.
#[derive(Clone, Copy)]
pub(super) struct Chat {
    /// None until the first message is accepted.
    pub(super) thread: RwSignal<Option<String>>,
    pub(super) title: RwSignal<String>,
    pub(super) running: RwSignal<Vec<String>>,
    /// Whether the agent works and the transcript's last item doesn't show it.
    pub(super) works: RwSignal<bool>,
    /// Messages written here that aren't in the transcript yet.
    pub(super) unsent: RwSignal<Vec<Unsent>>,
    /// Whether the browser's half has started. Before that, buttons don't work.
    pub(super) ready: RwSignal<bool>,
    /// Whether the event stream is interrupted.
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
    /// The rest of today's limit, if it is nearly used up.
    pub(super) notice: RwSignal<String>,
    /// Distinguishes the person who was logged in when the page loaded from all others. None for a visitor.
    pub(super) who: StoredValue<Option<String>>,
    /// The last event that the page shows.
    seq: StoredValue<i64>,
    /// The open ends of running answers.
    open: StoredValue<Vec<Open>>,
}

impl Chat {
    pub(super) fn new(opened: Opened) -> Self {
        let works = !opened.running.is_empty() && opened.open.is_empty();
        Self {
            thread: RwSignal::new(opened.thread),
            title: RwSignal::new(opened.title),
            running: RwSignal::new(opened.running),
            works: RwSignal::new(works),
            unsent: RwSignal::new(Vec::new()),
            ready: RwSignal::new(false),
            lost: RwSignal::new(false),
            reached: Trigger::new(),
            retry: StoredValue::new((false, 0)),
            follows: StoredValue::new(true),
            below: RwSignal::new(false),
            over: RwSignal::new(0),
            notice: RwSignal::new(opened.notice.unwrap_or_default()),
            who: StoredValue::new(opened.who),
            seq: StoredValue::new(opened.seq),
            open: StoredValue::new(opened.open),
        }
    }

    /// Runs only in the browser.
    pub(super) fn start(self) {
        self.look();
    }

    /// Whether the page was loaded for a logged-in person.
    pub(super) fn signed_in(self) -> bool {
        self.who.with_value(Option::is_some)
    }

    /// The last event that the page shows.
    pub(super) fn seq(self) -> i64 {
        self.seq.get_value()
    }

    /// Shows an event. Returns whether it was new.
    pub(super) fn show(self, update: shared::chat::Update) -> bool {
        if update.seq <= self.seq() {
            return false;
        }
        self.seq.set_value(update.seq);
        if let Some(running) = update.page {
            // Another branch. Its open text arrives later.
            self.open.set_value(Vec::new());
            self.running.set(running);
            if apply::replace_all(&update.html) {
                // The reader steps between versions, and stays there.
                self.follows.set_value(false);
            }
            self.look();
            return true;
        }
        apply::put(&update);
        self.say(update.say);
        if let Some((turn, runs)) = update.running {
            self.running.update(|running| {
                running.retain(|known| *known != turn);
                if runs {
                    running.push(turn.clone());
                }
            });
            if !runs {
                self.open.update_value(|open| open.retain(|open| open.turn != turn));
                self.open.with_value(|open| apply::show_open(open));
            }
        }
        if let Some(title) = update.title {
            self.title.set(title);
        }
        self.look();
        true
    }

    /// Shows open text. Returns whether it was new.
    pub(super) fn hear(self, heard: Open) -> bool {
        // Open text of another branch isn't shown.
        let runs = self.running.with_untracked(|running| running.contains(&heard.turn));
        let is_new = runs && self.open.try_update_value(|open| heard.merge(open)) == Some(true);
        if is_new {
            self.open.with_value(|open| apply::show_open(open));
            self.look();
        }
        is_new
    }

    /// Announces a text to screen readers.
    pub(super) fn say(self, text: String) {
        voice::say(&text);
    }

    fn look(self) {
        let works = self.running.with_untracked(|running| !running.is_empty()) && !apply::shows_progress();
        if self.works.get_untracked() != works {
            self.works.set(works);
        }
    }
}
