//! A status line under a turn. It is a part of the answer like any other, and is removed before the next output.

use foundation::{lang, tr};
use shared::chat::Kind;

use super::running::{Running, Stopped};
use crate::model;

/// The part of a turn that holds its notice.
const PART: u32 = u32::MAX;

/// Times of the notice that the model hasn't answered yet, in milliseconds since the request; then every minute.
const WAITS: [i64; 2] = [10_000, 60_000];

pub(super) struct Notice {
    is_shown: bool,
    /// When the model was asked, in milliseconds since 1970.
    began: i64,
    /// How often the notice was shown.
    said: usize,
}

impl Notice {
    pub(super) fn new(running: &Running<'_>) -> Self {
        Self { is_shown: false, began: running.agent.clock.now(), said: 0 }
    }

    /// Shows this line instead of the previous one. `words` are our own, without markup.
    pub(super) async fn show(&mut self, running: &mut Running<'_>, words: &str) -> Result<(), Stopped> {
        self.is_shown = true;
        let html = format!("<p class=\"muted small\">{words}</p>");
        let shown = Kind::Block { turn: running.turn.id.clone(), part: PART, block: 0, html };
        // A process that resumes after a crash drops it with the open parts.
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

    /// Waits until the next notice is due. Returns the seconds since the request. Cancel-safe.
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
        let long = if seconds < 60 {
            lang::count(seconds, tr!("second", "Sekunde"), tr!("seconds", "Sekunden"))
        } else {
            format!("{} min", seconds / 60)
        };
        let words = tr!(
            format!("Still waiting for the model ({long}). You can stop it, or go on waiting."),
            format!("Das Modell hat noch nicht geantwortet ({long}). Du kannst anhalten oder weiter warten.")
        );
        self.show(running, &words).await
    }
}

/// The event that removes a turn's notice.
pub(super) fn dropped(running: &Running<'_>) -> Kind {
    Kind::Drop { turn: running.turn.id.clone(), part: PART, block: 0 }
}

pub(super) fn went_on() -> &'static str {
    tr!(
        "The model went on calling tools without an answer, so it was stopped. What was done is kept.",
        "Das Modell rief immer weiter Werkzeuge auf, ohne zu antworten, deshalb wurde es angehalten. Was getan ist, bleibt."
    )
}

pub(super) fn broke_off() -> &'static str {
    tr!(
        "The model’s provider broke off in the middle of the answer.",
        "Der Anbieter des Modells brach mitten in der Antwort ab."
    )
}

pub(super) fn cut_off() -> &'static str {
    tr!("The answer was cut off at the model’s limit.", "Die Antwort wurde an der Grenze des Modells abgeschnitten.")
}
