//! A line under a turn that says what it waits for at the moment. It is a part of the answer like any other, dropped as
//! soon as there is something else to show.

use shared::chat::Kind;

use super::running::{Running, Stopped};
use crate::model;

/// The part of a turn that holds its notice.
const PART: u32 = u32::MAX;

/// When it is said that a model is still waited for, in milliseconds since it was asked; later every minute.
const WAITS: [i64; 2] = [10_000, 60_000];

pub(super) struct Notice {
    is_shown: bool,
    /// When the model was asked, in milliseconds since 1970.
    began: i64,
    /// How often it was said that it is waited for.
    said: usize,
}

impl Notice {
    pub(super) fn new(running: &Running<'_>) -> Self {
        Self { is_shown: false, began: running.agent.clock.now(), said: 0 }
    }

    /// Shows this line in place of the one before. `words` are ours, without markup.
    pub(super) async fn show(&mut self, running: &mut Running<'_>, words: &str) -> Result<(), Stopped> {
        self.is_shown = true;
        let html = format!("<p class=\"muted small\" role=\"status\">{words}</p>");
        let shown = Kind::Text { turn: running.turn.id.clone(), part: PART, html, tail: String::new() };
        // Whoever goes on after a crash drops it with the open parts.
        running.turn.open = running.turn.open.max(1);
        let db = running.begin().await?;
        running.say(db, vec![shown]).await
    }

    pub(super) async fn clear(&mut self, running: &mut Running<'_>) -> Result<(), Stopped> {
        if !std::mem::take(&mut self.is_shown) {
            return Ok(());
        }
        let db = running.begin().await?;
        running.say(db, vec![dropped(running)]).await
    }

    /// Waits until it is time to say that the model is still waited for; returns in how many seconds since it was
    /// asked. Dropped while it waits, it loses nothing.
    pub(super) async fn is_due(&self, running: &Running<'_>) -> i64 {
        let after = WAITS.get(self.said).copied().unwrap_or_else(|| {
            let minutes = i64::try_from(self.said + 2 - WAITS.len()).unwrap_or(i64::MAX / 60_000);
            minutes * 60_000
        });
        model::sleep_until(&running.agent.clock, self.began + after).await;
        (running.agent.clock.now() - self.began) / 1000
    }

    pub(super) async fn still_waiting(&mut self, running: &mut Running<'_>, seconds: i64) -> Result<(), Stopped> {
        self.said += 1;
        let long = if seconds < 60 { format!("{seconds} seconds") } else { format!("{} min", seconds / 60) };
        self.show(running, &format!("Still waiting for the model ({long}). You can stop it, or go on waiting.")).await
    }
}

/// What takes a turn's notice away, if there is one.
pub(super) fn dropped(running: &Running<'_>) -> Kind {
    Kind::Drop { turn: running.turn.id.clone(), part: PART }
}
