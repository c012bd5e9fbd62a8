//! The open end of an answer: text that isn't a finished block yet. It has no number and isn't stored. Readers
//! recognise new text by its turn, attempt and offset.

use serde::{Deserialize, Serialize};

/// More text at the open end of a part. Offsets count bytes (UTF-8) from the start of the part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    pub turn: String,
    /// Increases each time that the turn's text restarts.
    pub attempt: i64,
    pub part: u32,
    /// The start of the open end, which is the end of the finished blocks.
    pub from: usize,
    /// The start of `text`. If it equals `from`, `text` is the whole open end.
    pub at: usize,
    pub text: String,
}

impl Open {
    /// The end of `text`.
    pub fn end(&self) -> usize {
        self.at + self.text.len()
    }

    /// Adds this text to the open ends. Text that is already known, or that comes from an earlier attempt,
    /// changes nothing. After a gap, the next whole open end continues. Returns whether anything changed.
    pub fn merge(self, known: &mut Vec<Self>) -> bool {
        let Some(open) = known.iter_mut().find(|open| open.turn == self.turn) else {
            if self.at == self.from && !self.text.is_empty() {
                known.push(self);
                return true;
            }
            return false;
        };
        let (old, new) = ((open.attempt, open.part), (self.attempt, self.part));
        if new < old {
            return false;
        }
        if new > old {
            if self.at == self.from {
                *open = self;
                return true;
            }
            return false;
        }
        let before = (open.from, open.end());
        if self.from > open.from {
            let gone = (self.from - open.from).min(open.text.len());
            open.text = open.text.get(gone..).unwrap_or_default().to_owned();
            (open.from, open.at) = (self.from, self.from);
        }
        if let Some(more) = open.end().checked_sub(self.at).and_then(|known| self.text.get(known..)) {
            open.text.push_str(more);
        }
        before != (open.from, open.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(attempt: i64, from: usize, at: usize, text: &str) -> Open {
        Open { turn: "t".into(), attempt, part: 0, from, at, text: text.into() }
    }

    fn after(all: impl IntoIterator<Item = Open>) -> String {
        let mut known = Vec::new();
        for open in all {
            open.merge(&mut known);
        }
        known.pop().map(|open| open.text).unwrap_or_default()
    }

    #[test]
    fn text_is_joined_once_at_its_offset() {
        let parts = [open(1, 0, 0, "Hel"), open(1, 0, 3, "lo, "), open(1, 0, 3, "lo, "), open(1, 0, 0, "Hello, wörld")];
        assert_eq!(after(parts), "Hello, wörld");
        // The block up to 6 is finished. A stored copy from before comes late.
        let parts = [open(1, 0, 0, "Hello\nMo"), open(1, 6, 6, "More"), open(1, 0, 0, "Hello"), open(1, 6, 10, "!")];
        assert_eq!(after(parts), "More!");
        let parts = [open(1, 0, 0, "Hello\n"), open(1, 6, 6, "")];
        assert_eq!(after(parts), "");
    }

    #[test]
    fn gap_is_closed_by_the_next_whole_open_end() {
        assert_eq!(after([open(1, 0, 4, "lost")]), "");
        let parts = [open(1, 0, 0, "one "), open(1, 0, 8, "three ")];
        assert_eq!(after(parts.clone()), "one ");
        assert_eq!(after(parts.into_iter().chain([open(1, 0, 0, "one two three ")])), "one two three ");
    }

    #[test]
    fn new_attempt_replaces_the_earlier_one() {
        let parts = [open(1, 0, 0, "half an ans"), open(2, 0, 0, "Wh"), open(1, 0, 11, "wer"), open(2, 0, 2, "ole")];
        assert_eq!(after(parts), "Whole");
        assert_eq!(after([open(1, 0, 0, "half"), open(2, 0, 0, "")]), "");
    }
}
