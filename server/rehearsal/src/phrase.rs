//! A sentence split into words for the rehearsal model: lower-case words in English, numbers, prices and symbols.

use crate::german;

/// The demo's stocks, by symbol and name.
const STOCKS: &[(&str, &[&str])] = &[
    ("ACME", &["acme"]),
    ("CYBER", &["cyberdyne"]),
    ("GLOBEX", &["globex"]),
    ("HOOLI", &["hooli"]),
    ("INITECH", &["initech"]),
    ("LEX", &["lexcorp", "luthor"]),
    ("OSC", &["oscorp"]),
    ("SOYLENT", &["soylent"]),
    ("STARK", &["stark"]),
    ("TYRELL", &["tyrell"]),
    ("WAYNE", &["wayne"]),
    ("WONKA", &["wonka"]),
];

/// Words that are understood although they are misspelled.
const KEYWORDS: &[&str] = &[
    "portfolio",
    "price",
    "prices",
    "shares",
    "share",
    "stocks",
    "orders",
    "order",
    "balance",
    "connect",
    "account",
    "history",
    "cancel",
    "please",
    "purchase",
    "quote",
    "status",
    "dollars",
    "tokens",
];

/// Words in capitals that aren't symbols.
const NO_SYMBOLS: &[&str] = &[
    "A", "I", "USD", "MCP", "API", "OK", "PLEASE", "BUY", "SELL", "ALL", "MY", "THE", "AND", "OF", "FAQ", "ID", "AI",
    "NOT", "NO", "YES", "KAUFE", "KAUF", "BITTE", "UND", "ALLE", "DIE", "DER", "DAS", "ICH",
];

#[derive(Debug)]
pub(crate) struct Phrase {
    /// As written, without surrounding punctuation.
    raw: Vec<String>,
    /// As written, with signs and marks within numbers: `-5`, `$1,050.00`, `5%`.
    written: Vec<String>,
    /// In lower case and in English, without surrounding punctuation.
    words: Vec<String>,
    /// All words, with a space before, between and after them.
    joined: String,
}

impl Phrase {
    pub(crate) fn new(text: &str) -> Self {
        let plain = text.replace(['’', '‘'], "'");
        let trim = |word: &str| {
            let around = |c: char| !c.is_alphanumeric() && c != '$' && c != '_';
            word.trim_matches(around).to_owned()
        };
        let ends =
            |c: char| matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '(' | ')' | '[' | ']' | '"' | '\'' | '“' | '”');
        let starts = |c: char| c != '.' && ends(c);
        let (raw, written): (Vec<String>, Vec<String>) = plain
            .replace("/share", " a share")
            .replace(" @ ", " at ")
            .replace("bis zu ", "bis ")
            .split_whitespace()
            .flat_map(|word| word.split('/'))
            .map(|word| (trim(word), word.trim_end_matches(ends).trim_start_matches(starts).to_owned()))
            .filter(|(raw, _)| !raw.is_empty())
            .unzip();
        let words: Vec<String> = raw.iter().map(|word| plain_word(&word.to_lowercase())).collect();
        let joined = format!(" {} ", words.join(" "));
        Self { raw, written, words, joined }
    }

    pub(crate) fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether one of these phrases occurs, as whole words.
    pub(crate) fn has(&self, any: &[&str]) -> bool {
        any.iter().any(|words| self.joined.contains(&format!(" {words} ")))
    }

    /// The same for a list separated by `|`.
    pub(crate) fn has_one_of(&self, list: &str) -> bool {
        list.split('|').any(|words| self.has(&[words.trim()]))
    }

    /// The position of the first of these words.
    pub(crate) fn position(&self, any: &[&str]) -> Option<usize> {
        self.words.iter().position(|word| any.contains(&word.as_str()))
    }

    /// The symbols mentioned, without duplicates, in order.
    pub(crate) fn symbols(&self) -> Vec<String> {
        let mut found = Vec::new();
        for raw in &self.raw {
            if let Some(symbol) = symbol(raw)
                && !found.contains(&symbol)
            {
                found.push(symbol);
            }
        }
        found
    }

    /// The word at this position, in lower case. Empty if there is none.
    pub(crate) fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }

    /// The word at this position, as written.
    pub(crate) fn written(&self, at: usize) -> &str {
        self.written.get(at).map_or("", String::as_str)
    }

    /// Whether the word at this position names a stock.
    pub(crate) fn is_symbol(&self, at: usize) -> bool {
        self.raw.get(at).is_some_and(|raw| symbol(raw).is_some())
    }

    /// The symbols of the demo's stocks, without duplicates, in order.
    pub(crate) fn stocks(&self) -> Vec<String> {
        self.symbols().into_iter().filter(|symbol| STOCKS.iter().any(|(known, _)| known == symbol)).collect()
    }

    /// The words after this one, joined by spaces.
    pub(crate) fn after(&self, at: usize) -> String {
        self.words.get(at + 1..).unwrap_or_default().join(" ")
    }

    /// The id of an order.
    pub(crate) fn order(&self) -> Option<&str> {
        self.raw.iter().map(String::as_str).find(|word| word.starts_with("ord_"))
    }
}

/// A word as the rules know it: in English, and spelled right.
fn plain_word(lower: &str) -> String {
    let known = KEYWORDS.contains(&lower).then_some(lower);
    let meant = || KEYWORDS.iter().copied().find(|keyword| is_typo_of(lower, keyword));
    known.or_else(|| german::english(lower)).or_else(meant).unwrap_or(lower).to_owned()
}

/// Whether two neighbouring letters are exchanged, or one letter is missing or too many. A letter replaced by another
/// is another word too often: "start" isn't STARK. Short words are left as they are.
fn is_typo_of(word: &str, meant: &str) -> bool {
    let letters = |word: &str| {
        let mut letters: Vec<char> = word.chars().collect();
        letters.sort_unstable();
        letters
    };
    word.len() > 4
        && strsim::osa_distance(word, meant) == 1
        && (word.len() != meant.len() || letters(word) == letters(meant))
}

/// A known stock in any case, also misspelled, or a word in capitals.
fn symbol(raw: &str) -> Option<String> {
    let word = raw.trim_start_matches('$');
    let word = word.strip_suffix("'s").unwrap_or(word);
    let lower = word.to_lowercase();
    let is_named = |(symbol, names): &&(&str, &[&str])| {
        symbol.eq_ignore_ascii_case(word)
            || names.contains(&lower.as_str())
            || is_typo_of(&lower, &symbol.to_lowercase())
            || names.iter().any(|name| is_typo_of(&lower, name))
    };
    if let Some((symbol, _)) = STOCKS.iter().find(is_named) {
        return Some((*symbol).to_owned());
    }
    let capitals = (2..=8).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase());
    (capitals && !NO_SYMBOLS.contains(&word)).then(|| word.to_owned())
}
