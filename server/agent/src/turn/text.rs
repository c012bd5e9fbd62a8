//! The text of an answer on its way into the thread, with the model's reasoning or refusal.

use std::time::Duration;

use shared::chat::Kind;
use tokio::time::Instant;

use super::running::{Running, Stopped};
use crate::markdown;

/// How long text is collected before it is stored and sent.
pub(super) const BATCH: Duration = Duration::from_millis(30);

/// Maximum length of an answer in bytes, and of its displayed reasoning.
pub(super) const LONGEST: usize = 100_000;

#[derive(Default)]
pub(super) struct Text {
    pub(super) whole: String,
    /// Length of the part that belongs to an earlier answer, which this one continues.
    kept: usize,
    /// Sent text that isn't a finished block yet.
    tail: String,
    /// Text that arrived since the last batch.
    pub(super) waiting: String,
    /// When the last batch was sent.
    pub(super) since: Option<Instant>,
    /// The part in which the text is shown, after its first output.
    pub(super) part: Option<u32>,
    /// Reasoning that isn't shown yet.
    reasoning: String,
    pub(super) refusal: String,
}

impl Text {
    /// Continues an answer that was cut off: shows its part as it was then, whatever followed.
    pub(super) fn resume(running: &Running<'_>, said: String, part: u32) -> (Self, Kind) {
        let finished = markdown::finished(&said);
        let (html, tail) = (markdown::html(&said[..finished]), said[finished..].to_owned());
        let shown = Kind::Text { turn: running.turn.id.clone(), part, html, tail: tail.clone() };
        (Self { kept: said.len(), whole: said, tail, part: Some(part), ..Self::default() }, shown)
    }

    /// The text of this answer itself.
    pub(super) fn added(&self) -> &str {
        &self.whole[self.kept..]
    }

    pub(super) fn push(&mut self, more: &str) {
        self.whole.push_str(more);
        self.waiting.push_str(more);
    }

    /// Adds reasoning, up to the displayed maximum.
    pub(super) fn think(&mut self, more: &str) {
        if self.reasoning.len() + more.len() <= LONGEST {
            self.reasoning.push_str(more);
        }
    }

    /// Turns the text so far into reasoning.
    pub(super) fn rethink(&mut self, running: &Running<'_>) -> Vec<Kind> {
        let thought = self.whole.split_off(self.kept);
        self.think(&thought);
        self.waiting.clear();
        let Some(part) = self.part else { return Vec::new() };
        let (resumed, shown) = Self::resume(running, std::mem::take(&mut self.whole), part);
        let is_new = resumed.kept == 0;
        let (reasoning, refusal) = (std::mem::take(&mut self.reasoning), std::mem::take(&mut self.refusal));
        *self = Self { reasoning, refusal, ..resumed };
        if is_new { vec![Kind::Drop { turn: running.turn.id.clone(), part }] } else { vec![shown] }
    }

    /// The model's reasoning, collapsed, in a part of its own.
    pub(super) fn thoughts(&mut self, running: &mut Running<'_>) -> Option<Kind> {
        let reasoning = std::mem::take(&mut self.reasoning);
        if reasoning.trim().is_empty() {
            return None;
        }
        let html = format!(
            "<details class=\"reasoning\"><summary>Reasoning</summary>{}</details>",
            markdown::html(&reasoning)
        );
        Some(Kind::Block { turn: running.turn.id.clone(), part: open_part(running), html })
    }

    /// The model's refusal, marked as such, in a part of its own.
    fn refused(&self, running: &mut Running<'_>) -> Option<Kind> {
        if self.refusal.trim().is_empty() {
            return None;
        }
        let html = format!(
            "<div class=\"refusal\"><p><strong>The model refused to answer.</strong></p>{}</div>",
            markdown::html(&self.refusal)
        );
        Some(Kind::Block { turn: running.turn.id.clone(), part: open_part(running), html })
    }

    /// Sends the collected text. A block that it finishes is sent as HTML.
    pub(super) async fn flush(&mut self, running: &mut Running<'_>) -> Result<(), Stopped> {
        self.since = Some(Instant::now());
        let more = std::mem::take(&mut self.waiting);
        if more.is_empty() {
            return Ok(());
        }
        self.tail.push_str(&more);
        let (turn, part) = (running.turn.id.clone(), self.place(running));
        let finished = markdown::finished(&self.tail);
        let kinds = if finished == 0 {
            vec![Kind::Delta { turn, part, text: more }]
        } else {
            let rest = self.tail.split_off(finished);
            let done = std::mem::replace(&mut self.tail, rest);
            let mut kinds = vec![Kind::Block { turn: turn.clone(), part, html: markdown::html(&done) }];
            if !self.tail.is_empty() {
                kinds.push(Kind::Delta { turn, part, text: self.tail.clone() });
            }
            kinds
        };
        let db = running.begin().await?;
        running.say(db, kinds).await
    }

    /// The last block, and the reasoning or refusal. Closes the parts.
    pub(super) fn rest(&mut self, running: &mut Running<'_>) -> Vec<Kind> {
        self.tail.push_str(&std::mem::take(&mut self.waiting));
        let mut kinds = Vec::new();
        if !self.tail.trim().is_empty() {
            let (turn, part) = (running.turn.id.clone(), self.place(running));
            let tail = std::mem::take(&mut self.tail);
            kinds.push(if markdown::defines_links(&self.whole) {
                // A block may refer to a link that another one defines.
                Kind::Text { turn, part, html: markdown::html(&self.whole), tail: String::new() }
            } else {
                Kind::Block { turn, part, html: markdown::html(&tail) }
            });
        }
        kinds.extend(self.thoughts(running));
        kinds.extend(self.refused(running));
        running.turn.part += running.turn.open;
        running.turn.open = 0;
        kinds
    }

    fn place(&mut self, running: &mut Running<'_>) -> u32 {
        *self.part.get_or_insert_with(|| open_part(running))
    }
}

/// The next part of this turn. Until the answer is stored, all parts that it opened count as open.
fn open_part(running: &mut Running<'_>) -> u32 {
    running.turn.open += 1;
    u32::try_from(running.turn.part + running.turn.open - 1).unwrap_or(0)
}
