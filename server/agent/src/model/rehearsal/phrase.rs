//! A sentence as the rehearsal model reads it: words in lower case, numbers, prices and symbols.

/// The stocks of the demo, by symbol and by name.
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

/// Words in capitals that are no symbols.
const NO_SYMBOLS: &[&str] = &[
    "A", "I", "USD", "MCP", "API", "OK", "PLEASE", "BUY", "SELL", "ALL", "MY", "THE", "AND", "OF", "FAQ", "ID", "AI",
    "NOT", "NO", "YES",
];

#[derive(Debug)]
pub(super) struct Phrase {
    /// As written, without punctuation around.
    raw: Vec<String>,
    /// The same in lower case.
    words: Vec<String>,
    /// All words, with a blank before, between and after.
    joined: String,
}

impl Phrase {
    pub(super) fn new(text: &str) -> Self {
        let plain = text.replace(['’', '‘'], "'");
        let trim = |word: &str| {
            let around = |c: char| !c.is_alphanumeric() && c != '$' && c != '_';
            word.trim_matches(around).to_owned()
        };
        let raw: Vec<String> = plain
            .split_whitespace()
            .flat_map(|word| word.split('/'))
            .map(trim)
            .filter(|word| !word.is_empty())
            .collect();
        let words: Vec<String> = raw.iter().map(|word| word.to_lowercase()).collect();
        let joined = format!(" {} ", words.join(" "));
        Self { raw, words, joined }
    }

    pub(super) fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether one of these is there, as whole words.
    pub(super) fn has(&self, any: &[&str]) -> bool {
        any.iter().any(|words| self.joined.contains(&format!(" {words} ")))
    }

    /// The same for a list parted by `|`.
    pub(super) fn has_one_of(&self, list: &str) -> bool {
        list.split('|').any(|words| self.has(&[words.trim()]))
    }

    /// Where the first of these words is.
    pub(super) fn position(&self, any: &[&str]) -> Option<usize> {
        self.words.iter().position(|word| any.contains(&word.as_str()))
    }

    /// The symbols named, each once, in order.
    pub(super) fn symbols(&self) -> Vec<String> {
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

    /// The first whole number at or after this word, as digits or in words.
    pub(super) fn number_from(&self, from: usize) -> Option<(usize, i64)> {
        self.words.iter().enumerate().skip(from).find_map(|(at, word)| Some((at, number(word)?)))
    }

    /// The first price after one of these words.
    pub(super) fn price_after(&self, any: &[&str]) -> Option<String> {
        let from = self.position(any)?;
        self.words.iter().skip(from + 1).find_map(|word| price(word))
    }

    /// The words after this one, in a line.
    pub(super) fn after(&self, at: usize) -> String {
        self.words.get(at + 1..).unwrap_or_default().join(" ")
    }

    /// An order's id.
    pub(super) fn order(&self) -> Option<&str> {
        self.raw.iter().map(String::as_str).find(|word| word.starts_with("ord_"))
    }
}

/// A known stock in any case, or a word in capitals.
fn symbol(raw: &str) -> Option<String> {
    let word = raw.trim_start_matches('$');
    let word = word.strip_suffix("'s").unwrap_or(word);
    let lower = word.to_lowercase();
    let known =
        STOCKS.iter().find(|(symbol, names)| symbol.eq_ignore_ascii_case(word) || names.contains(&lower.as_str()));
    if let Some((symbol, _)) = known {
        return Some((*symbol).to_owned());
    }
    let capitals = (2..=8).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_uppercase());
    (capitals && !NO_SYMBOLS.contains(&word)).then(|| word.to_owned())
}

fn number(word: &str) -> Option<i64> {
    const WORDS: [(&str, i64); 16] = [
        ("a", 1),
        ("an", 1),
        ("one", 1),
        ("two", 2),
        ("three", 3),
        ("four", 4),
        ("five", 5),
        ("six", 6),
        ("seven", 7),
        ("eight", 8),
        ("nine", 9),
        ("ten", 10),
        ("twelve", 12),
        ("twenty", 20),
        ("fifty", 50),
        ("hundred", 100),
    ];
    let digits = word.replace(',', "");
    if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
        return digits.parse().ok();
    }
    WORDS.iter().find(|(name, _)| *name == word).map(|(_, number)| *number)
}

/// A price: `105`, `$105.5`, `105.49`.
fn price(word: &str) -> Option<String> {
    let word = word.trim_start_matches('$').trim_end_matches("usd").replace(',', "");
    let (whole, places) = word.split_once('.').unwrap_or((&word, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    (!whole.is_empty() && digits(whole) && digits(places) && places.len() <= 2).then(|| format!("{whole}.{places:0<2}"))
}
