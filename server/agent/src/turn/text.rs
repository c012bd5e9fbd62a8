//! Streams an answer's text into the thread, with the model's reasoning or refusal.

use std::time::Duration;

use foundation::tr;
use shared::chat::{Kind, Open};
use tokio::time::Instant;

use super::running::{Running, Stopped};
use crate::markdown;

/// How long text is collected before it is sent.
pub(super) const BATCH: Duration = Duration::from_millis(30);

/// Interval at which the open end is stored, for readers who come later. It is first stored at once: many come then.
const STORE: Duration = Duration::from_secs(1);

/// Maximum length of an answer in bytes, and of its displayed reasoning.
pub(super) const LONGEST: usize = 100_000;

#[derive(Default)]
pub(super) struct Text {
    pub(super) whole: String,
    /// Length of the part that belongs to an earlier answer, which this one continues.
    kept: usize,
    /// Length of the finished blocks, and their number.
    done: usize,
    blocks: u32,
    /// Length of the text that was sent.
    sent: usize,
    /// Grows each time that the text starts again.
    attempt: i64,
    /// When the last batch was sent.
    pub(super) since: Option<Instant>,
    /// When to store the open end, if it changed.
    pub(super) store_at: Option<Instant>,
    stored: Option<Instant>,
    /// The part in which the text is shown, after its first output.
    pub(super) part: Option<u32>,
    /// Reasoning that isn't shown yet.
    reasoning: String,
    pub(super) refusal: String,
}

impl Text {
    /// The text of a new attempt.
    pub(super) fn new(running: &Running<'_>) -> Self {
        Self { attempt: running.turn.asked * 1_000, ..Self::default() }
    }

    /// Continues an answer that was cut off: shows its part as it was then, without later output.
    pub(super) async fn resume(
        running: &mut Running<'_>,
        said: String,
        part: u32,
    ) -> Result<(Self, Vec<Kind>), Stopped> {
        let mut text = Self::new(running);
        let shown = text.show_again(running, said, part).await?;
        Ok((text, shown))
    }

    async fn show_again(&mut self, running: &mut Running<'_>, said: String, part: u32) -> Result<Vec<Kind>, Stopped> {
        let turn = running.turn.id.clone();
        let done = markdown::finished(&said);
        (self.kept, self.sent, self.done, self.blocks) = (said.len(), said.len(), done, u32::from(done > 0));
        (self.whole, self.part) = (said, Some(part));
        let mut shown = vec![Kind::Drop { turn: turn.clone(), part, block: self.blocks }];
        if done > 0 {
            shown.push(Kind::Block {
                turn,
                part,
                block: 0,
                html: markdown::rendered(self.whole[..done].to_owned()).await,
            });
        }
        running.set_open(self.open(running, part))?;
        Ok(shown)
    }

    /// The whole open end.
    fn open(&self, running: &Running<'_>, part: u32) -> Open {
        let (turn, text) = (running.turn.id.clone(), self.whole[self.done..].to_owned());
        Open { turn, attempt: self.attempt, part, from: self.done, at: self.done, text }
    }

    /// The text of this answer itself.
    pub(super) fn added(&self) -> &str {
        &self.whole[self.kept..]
    }

    /// Whether some text wasn't sent yet.
    pub(super) fn waits(&self) -> bool {
        self.sent < self.whole.len()
    }

    pub(super) fn push(&mut self, more: &str) {
        self.whole.push_str(more);
    }

    /// Adds reasoning, up to the displayed maximum.
    pub(super) fn think(&mut self, more: &str) {
        if self.reasoning.len() + more.len() <= LONGEST {
            self.reasoning.push_str(more);
        }
    }

    /// Turns the text so far into reasoning.
    pub(super) async fn rethink(&mut self, running: &mut Running<'_>) -> Result<Vec<Kind>, Stopped> {
        let thought = self.whole.split_off(self.kept);
        self.think(&thought);
        let Some(part) = self.part else { return Ok(Vec::new()) };
        self.attempt += 1;
        let said = std::mem::take(&mut self.whole);
        self.show_again(running, said, part).await
    }

    /// The model's reasoning, collapsed, in a part of its own.
    pub(super) async fn thoughts(&mut self, running: &mut Running<'_>) -> Option<Kind> {
        let reasoning = std::mem::take(&mut self.reasoning);
        if reasoning.trim().is_empty() {
            return None;
        }
        let html = format!(
            "<details class=\"reasoning\"><summary>{}</summary>{}</details>",
            tr!("Reasoning", "Überlegung"),
            markdown::rendered(reasoning).await
        );
        Some(Kind::Block { turn: running.turn.id.clone(), part: open_part(running), block: 0, html })
    }

    /// The model's refusal, marked as such, in a part of its own.
    async fn refused(&self, running: &mut Running<'_>) -> Option<Kind> {
        if self.refusal.trim().is_empty() {
            return None;
        }
        let html = format!(
            "<div class=\"refusal\"><p><strong>{}</strong></p>{}</div>",
            tr!("The model refused to answer.", "Das Modell hat die Antwort verweigert."),
            markdown::rendered(self.refusal.clone()).await
        );
        Some(Kind::Block { turn: running.turn.id.clone(), part: open_part(running), block: 0, html })
    }

    /// Sends the collected text. A block that it finishes is stored and sent as HTML.
    pub(super) async fn flush(&mut self, running: &mut Running<'_>) -> Result<(), Stopped> {
        self.since = Some(Instant::now());
        if !self.waits() {
            return Ok(());
        }
        let part = self.place(running);
        if let Some(block) = self.finish(running, part).await {
            return self.save(running, part, vec![block]).await;
        }
        let open = Open { at: self.sent, text: self.whole[self.sent..].to_owned(), ..self.open(running, part) };
        running.tell(open);
        self.sent = self.whole.len();
        if self.store_at.is_none() {
            self.store_at = Some(self.stored.map_or_else(Instant::now, |stored| stored + STORE));
        }
        Ok(())
    }

    /// Stores the open end for readers who come later. It also closes the gaps of readers who missed some of it.
    pub(super) async fn store(&mut self, running: &mut Running<'_>) -> Result<(), Stopped> {
        match self.part {
            Some(part) => self.save(running, part, Vec::new()).await,
            None => Ok(()),
        }
    }

    async fn save(&mut self, running: &mut Running<'_>, part: u32, kinds: Vec<Kind>) -> Result<(), Stopped> {
        running.set_open(self.open(running, part))?;
        self.sent = self.whole.len();
        (self.stored, self.store_at) = (Some(Instant::now()), None);
        let db = running.begin().await?;
        running.say(db, kinds).await
    }

    /// The blocks at the open end that are finished.
    async fn finish(&mut self, running: &Running<'_>, part: u32) -> Option<Kind> {
        let finished = markdown::finished(&self.whole[self.done..]);
        if finished == 0 {
            return None;
        }
        Some(self.block(running, part, self.done + finished).await)
    }

    /// The text up to `end` as a block.
    async fn block(&mut self, running: &Running<'_>, part: u32, end: usize) -> Kind {
        let html = markdown::rendered(self.whole[self.done..end].to_owned()).await;
        let block = self.blocks;
        (self.done, self.blocks) = (end, block + 1);
        Kind::Block { turn: running.turn.id.clone(), part, block, html }
    }

    /// The last block.
    pub(super) async fn last(&mut self, running: &mut Running<'_>) -> Result<Vec<Kind>, Stopped> {
        let mut kinds = Vec::new();
        if !self.whole[self.done..].trim().is_empty() {
            let part = self.place(running);
            if self.blocks > 0 && markdown::defines_links(&self.whole) {
                // A block may use a link that another one defines, so all become one block.
                let turn = running.turn.id.clone();
                kinds.push(Kind::Drop { turn, part, block: 1 });
                (self.done, self.blocks) = (0, 0);
            }
            kinds.push(self.block(running, part, self.whole.len()).await);
        }
        if let Some(part) = self.part {
            self.done = self.whole.len();
            running.set_open(self.open(running, part))?;
        }
        Ok(kinds)
    }

    /// The last block, and the reasoning or refusal. Closes the parts.
    pub(super) async fn rest(&mut self, running: &mut Running<'_>) -> Result<Vec<Kind>, Stopped> {
        let mut kinds = self.last(running).await?;
        kinds.extend(self.thoughts(running).await);
        kinds.extend(self.refused(running).await);
        running.turn.part += running.turn.open;
        running.turn.open = 0;
        Ok(kinds)
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
