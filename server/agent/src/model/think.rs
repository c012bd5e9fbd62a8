//! Separates the reasoning that a model writes into its answer, between `<think>` and `</think>`, from the answer. The
//! opening tag may be missing, since some chat templates put it into the prompt.

use super::piece::Piece;

const OPEN: [&str; 2] = ["<think>", "<thinking>"];
const CLOSE: [&str; 2] = ["</think>", "</thinking>"];

#[derive(Debug, Default)]
pub(super) struct Splitter {
    /// Text that may be the start of a tag.
    held: String,
    is_inside: bool,
    /// Whether a tag was seen, after which a closing tag without an opening one is text.
    had_tag: bool,
    /// Whether the text so far ends at the start of a line.
    is_line_start: Option<bool>,
    /// Number of backticks so far: a tag in code is text.
    ticks: usize,
}

impl Splitter {
    pub(super) fn push(&mut self, text: &str) -> Vec<Piece> {
        self.held.push_str(text);
        self.split(false)
    }

    pub(super) fn end(&mut self) -> Vec<Piece> {
        self.split(true)
    }

    fn split(&mut self, is_end: bool) -> Vec<Piece> {
        let mut pieces = Vec::new();
        while !self.held.is_empty() {
            let at = self.held.find('<').unwrap_or(self.held.len());
            if at > 0 {
                let words: String = self.held.drain(..at).collect();
                self.say(words, &mut pieces);
                continue;
            }
            let tags = || OPEN.iter().chain(&CLOSE);
            if let Some(tag) = tags().find(|tag| self.held.starts_with(**tag)) {
                let is_open = OPEN.contains(tag);
                if self.takes(is_open) {
                    self.held.drain(..tag.len());
                    if !is_open && !self.is_inside {
                        pieces.push(Piece::Rethought);
                    }
                    (self.is_inside, self.had_tag) = (is_open, true);
                    self.is_line_start = None;
                    continue;
                }
            } else if !is_end && tags().any(|tag| tag.starts_with(self.held.as_str())) {
                break;
            }
            self.held.remove(0);
            self.say("<".into(), &mut pieces);
        }
        pieces
    }

    /// Whether a tag at this position counts.
    fn takes(&self, is_open: bool) -> bool {
        match (is_open, self.is_inside) {
            (true, inside) => !inside && self.is_line_start.unwrap_or(true) && self.ticks.is_multiple_of(2),
            (false, true) => true,
            (false, false) => !self.had_tag && self.ticks.is_multiple_of(2),
        }
    }

    fn say(&mut self, words: String, pieces: &mut Vec<Piece>) {
        if !self.is_inside {
            self.ticks += words.matches('`').count();
            if !words.trim().is_empty() || words.contains('\n') {
                let rest = words.trim_end_matches([' ', '\t']);
                self.is_line_start = Some(rest.ends_with('\n'));
            }
        }
        pieces.push(if self.is_inside { Piece::Reasoning(words) } else { Piece::Text(words) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reasoning and text, however the answer is split.
    fn split(answer: &str) -> (String, String) {
        let read = |size: usize| {
            let mut splitter = Splitter::default();
            let (mut reasoning, mut text) = (String::new(), String::new());
            let chars: Vec<char> = answer.chars().collect();
            let mut pieces = Vec::new();
            for piece in chars.chunks(size) {
                pieces.extend(splitter.push(&piece.iter().collect::<String>()));
            }
            pieces.extend(splitter.end());
            for piece in pieces {
                match piece {
                    Piece::Reasoning(more) => reasoning += &more,
                    Piece::Text(more) => text += &more,
                    Piece::Rethought => reasoning += &std::mem::take(&mut text),
                    Piece::Refusal(_) => unreachable!("it makes none"),
                }
            }
            (reasoning.trim().to_owned(), text.trim().to_owned())
        };
        let whole = read(answer.chars().count().max(1));
        assert_eq!(read(1), whole, "{answer}");
        assert_eq!(read(5), whole, "{answer}");
        whole
    }

    #[test]
    fn tags_part_reasoning_from_text() {
        for (answer, reasoning, text) in [
            ("<think>\nHm.\n</think>\n\nFive.", "Hm.", "Five."),
            ("\n <think>Hm.</think>Five.", "Hm.", "Five."),
            ("<thinking>Hm.</thinking>Five.", "Hm.", "Five."),
            ("Hm, 5 < 6.\n</think>\n\nFive.", "Hm, 5 < 6.", "Five."),
            ("Hm.</think>Five.", "Hm.", "Five."),
            ("<think></think>Five.", "", "Five."),
            ("<think>Hm. `</think>Five.", "Hm. `", "Five."),
            ("<think>cut off", "cut off", ""),
            ("a < b and <b>c</b> <", "", "a < b and <b>c</b> <"),
            (
                "The tag `</think>` ends it, `<think>` begins it.",
                "",
                "The tag `</think>` ends it, `<think>` begins it.",
            ),
            ("Five is <think> a tag", "", "Five is <think> a tag"),
            ("<think>Hm.</think>Five. </think>", "Hm.", "Five. </think>"),
        ] {
            assert_eq!(split(answer), (reasoning.to_owned(), text.to_owned()), "{answer}");
        }
    }
}
