//! The text of an answer on its way into the thread, and beside it what the model thought and why it refused.

use std::time::Duration;

use shared::chat::Kind;
use tokio::time::Instant;

use super::running::{Running, Stopped};
use crate::markdown;

/// How long text is gathered before it is stored and sent.
pub(super) const BATCH: Duration = Duration::from_millis(30);

/// How much of an answer is taken, in bytes; as much of its reasoning is shown.
pub(super) const LONGEST: usize = 100_000;

#[derive(Default)]
pub(super) struct Text {
    pub(super) whole: String,
    /// How much of it is from an answer before, that this one goes on with.
    kept: usize,
    /// What was sent and is not yet a finished block.
    tail: String,
    /// What came since the last batch was sent.
    pub(super) waiting: String,
    /// When that was.
    pub(super) since: Option<Instant>,
    /// Where it is shown, once it is.
    pub(super) part: Option<u32>,
    /// What the model thought and was not shown yet.
    reasoning: String,
    pub(super) refusal: String,
}

impl Text {
    /// Goes on with an answer that was cut off: its part is shown as it was then, whatever came after it.
    pub(super) fn resume(running: &Running<'_>, said: String, part: u32) -> (Self, Kind) {
        let finished = markdown::finished(&said);
        let (html, tail) = (markdown::html(&said[..finished]), said[finished..].to_owned());
        let shown = Kind::Text { turn: running.turn.id.clone(), part, html, tail: tail.clone() };
        (Self { kept: said.len(), whole: said, tail, part: Some(part), ..Self::default() }, shown)
    }

    /// What this answer said itself.
    pub(super) fn added(&self) -> &str {
        &self.whole[self.kept..]
    }

    pub(super) fn push(&mut self, more: &str) {
        self.whole.push_str(more);
        self.waiting.push_str(more);
    }

    /// Takes as much reasoning as is shown.
    pub(super) fn think(&mut self, more: &str) {
        if self.reasoning.len() + more.len() <= LONGEST {
            self.reasoning.push_str(more);
        }
    }

    /// What was said so far was reasoning: it is no text any more.
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

    /// What the model thought, folded up, in a part of its own.
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

    /// Why the model refused, marked as that, in a part of its own.
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

    /// Sends what waits; a block that it finishes goes out as HTML.
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

    /// The last block, and what stands beside the text; the parts are closed.
    pub(super) fn rest(&mut self, running: &mut Running<'_>) -> Vec<Kind> {
        self.tail.push_str(&std::mem::take(&mut self.waiting));
        let mut kinds = Vec::new();
        if !self.tail.trim().is_empty() {
            let (turn, part) = (running.turn.id.clone(), self.place(running));
            let tail = std::mem::take(&mut self.tail);
            kinds.push(if markdown::defines_links(&self.whole) {
                // A block may refer to a link that is defined in another.
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
