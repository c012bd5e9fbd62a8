//! The words of a text: how it is split and folded for the index, and where a query's words are in it. Both databases
//! get words from here, so both find the same.

use std::{collections::BTreeSet, ops::Range};

use unicode_normalization::UnicodeNormalization;

/// Maximum length of a word in the index, in characters. Longer ones are found by their start.
const LONGEST: usize = 64;

/// Maximum size of an entry of the index, in bytes. PostgreSQL allows a megabyte.
const MOST: usize = 400_000;

/// Maximum length of a query, in characters.
pub const QUERY_CHARACTERS: usize = 200;

/// Number of characters of an excerpt, and of those before its first hit.
const EXCERPT: usize = 220;
const BEFORE: usize = 60;

/// A part of a text, and whether the query found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    pub is_hit: bool,
}

/// The words of a search. All of them have to be in a text, the last one also as the start of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Query {
    pub(crate) whole: BTreeSet<String>,
    pub(crate) prefix: String,
}

impl Query {
    /// `None` without any words.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let text: String = text.chars().take(QUERY_CHARACTERS).collect();
        let mut words: Vec<String> = split(&text).into_iter().map(|(_, word)| word).collect();
        let prefix = words.pop()?;
        Some(Self { whole: words.into_iter().collect(), prefix })
    }

    fn finds(&self, word: &str) -> bool {
        self.whole.contains(word) || word.starts_with(&self.prefix)
    }

    fn hits(&self, text: &str) -> Vec<Range<usize>> {
        split(text).into_iter().filter(|(_, word)| self.finds(word)).map(|(at, _)| at).collect()
    }

    /// The whole text, with its hits.
    pub(crate) fn mark(&self, text: &str) -> Vec<Piece> {
        pieces(text, &self.hits(text))
    }

    /// The surroundings of the first hit in a text, with all hits there.
    pub(crate) fn excerpt(&self, text: &str) -> Vec<Piece> {
        let first = self.hits(text).first().map_or(0, |at| at.start);
        let before = text[..first].char_indices().rev().nth(BEFORE - 1).map(|(at, _)| at);
        // From a word's start to a word's end.
        let from = before.map_or(0, |at| text[at..first].find(char::is_whitespace).map_or(at, |space| at + space));
        let after = text[from..].char_indices().nth(EXCERPT).map(|(at, _)| from + at);
        let to = after.map_or(text.len(), |at| {
            text[first..at].rfind(char::is_whitespace).filter(|space| *space > 0).map_or(at, |space| first + space)
        });
        let cut = |is_cut: bool| if is_cut { "…" } else { "" };
        let excerpt = format!("{}{}{}", cut(from > 0), text[from..to].trim(), cut(to < text.len()));
        self.mark(&excerpt)
    }
}

fn pieces(text: &str, hits: &[Range<usize>]) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut add = |text: &str, is_hit| {
        if !text.is_empty() {
            pieces.push(Piece { text: text.to_owned(), is_hit });
        }
    };
    let mut end = 0;
    for hit in hits {
        add(&text[end..hit.start], false);
        add(&text[hit.clone()], true);
        end = hit.end;
    }
    add(&text[end..], false);
    pieces
}

/// A text's words as the index keeps them: each once, separated by spaces. They consist of letters and digits.
pub(crate) fn index(text: &str) -> String {
    let words: BTreeSet<String> = split(text).into_iter().map(|(_, word)| word).collect();
    let mut index = String::new();
    for word in words {
        if index.len() + 1 + word.len() > MOST {
            break;
        }
        if !index.is_empty() {
            index.push(' ');
        }
        index += &word;
    }
    index
}

/// An id as a word that no text contains.
pub(crate) fn of_id(id: &str) -> String {
    let id: String = id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '§' }).collect();
    format!("§{id}")
}

/// The words of a text, folded, with their places in it.
fn split(text: &str) -> Vec<(Range<usize>, String)> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let is_alone = stands_alone(c);
        if let Some(from) = start.filter(|_| is_alone || !is_of_word(c)) {
            add(&mut words, text, from..at);
            start = None;
        }
        if is_alone {
            add(&mut words, text, at..at + c.len_utf8());
        } else if start.is_none() && c.is_alphanumeric() {
            start = Some(at);
        }
    }
    words
}

fn add(words: &mut Vec<(Range<usize>, String)>, text: &str, at: Range<usize>) {
    let word = fold(&text[at.clone()]);
    if !word.is_empty() {
        words.push((at, word));
    }
}

/// Removes case, accents and forms: `Käufe` and `KAUFE` are one word, as are `ﬁve` and `five`, `Straße` and `strasse`.
fn fold(word: &str) -> String {
    let plain = word.nfkd().filter(|c| !is_accent(*c)).flat_map(char::to_uppercase).flat_map(char::to_lowercase);
    plain.filter(|c| c.is_alphanumeric()).take(LONGEST).collect()
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || is_accent(c)
}

/// The combining accents of Latin, Greek and Cyrillic.
fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Scripts without spaces between words: each character counts as a word.
fn stands_alone(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        && c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(pieces: &[Piece]) -> String {
        pieces.iter().map(|it| if it.is_hit { format!("[{}]", it.text) } else { it.text.clone() }).collect()
    }

    fn query(text: &str) -> Query {
        Query::of(text).expect("it has words")
    }

    #[test]
    fn case_accents_and_forms_are_folded() {
        assert_eq!(index("Käufe KAUFE ka\u{308}ufe"), "kaufe");
        assert_eq!(index("Straße STRASSE ﬁve Ⅳ Ёлка"), "five iv strasse елка");
        assert_eq!(index("don't <b>sell</b> 50% of it's"), "50 b don it of s sell t");
        assert_eq!(index("  -- \" ' ؟ 🙂"), "");
        assert_eq!(index("東京の天気 ok"), "ok の 京 天 東 気");
        assert_eq!(index(&"x".repeat(500)).len(), LONGEST);
    }

    #[test]
    fn index_fits_into_the_database() {
        let many = (0..200_000).map(|word| format!("{word:06} ")).collect::<String>();
        let index = index(&many);
        assert!((MOST - 10..=MOST).contains(&index.len()) && !index.ends_with(' '), "{}", index.len());
    }

    #[test]
    fn the_last_word_is_also_a_prefix() {
        let query = query("BUY \"shar\"");
        assert_eq!((query.whole.len(), query.prefix.as_str()), (1, "shar"));
        assert_eq!(marked(&query.mark("Buy or buyback: Shares, sharing")), "[Buy] or buyback: [Shares], [sharing]");
        assert!(["", "  ", "\" OR *", "'--"].iter().all(|none| Query::of(none).is_none_or(|it| it.prefix == "or")));
        assert_eq!(Query::of("% _ * \" ' -- ( )"), None);
    }

    #[test]
    fn hits_are_marked_where_they_are() {
        assert_eq!(marked(&query("kaufe").mark("Ich ka\u{308}ufe Käufe.")), "Ich [ka\u{308}ufe] [Käufe].");
        assert_eq!(marked(&query("京").mark("東京の")), "東[京]の");
        assert_eq!(marked(&query("strasse").mark("STRAßE 5")), "[STRAßE] 5");
        assert_eq!(marked(&query("none").mark("<b>")), "<b>");
    }

    #[test]
    fn excerpt_is_around_the_first_hit() {
        let far = format!("{}needle {}", "hay ".repeat(100), "straw ".repeat(100));
        let excerpt = marked(&query("needle").excerpt(&far));
        assert!(excerpt.starts_with("…hay hay") && excerpt.ends_with("straw…"), "{excerpt}");
        assert!(excerpt.contains(" [needle] ") && excerpt.chars().count() <= EXCERPT + 4, "{excerpt}");
        assert_eq!(marked(&query("needle").excerpt("a needle")), "a [needle]");
        // Without spaces to cut at.
        let packed = format!("{}needle{}", "ä-".repeat(300), "-ö".repeat(300));
        let excerpt = marked(&query("needle").excerpt(&packed));
        assert!(excerpt.contains("-[needle]-") && excerpt.chars().count() <= EXCERPT + 4, "{excerpt}");
        let packed = "n".repeat(1_000);
        assert!(marked(&query("n").excerpt(&packed)).starts_with("[n"));
    }

    #[test]
    fn no_text_contains_the_word_of_an_id() {
        assert_eq!(of_id("vis_aB-3"), "§vis§aB§3");
        assert_eq!(index("§vis§aB§3"), "3 ab vis");
    }
}
