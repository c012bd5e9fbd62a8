//! Splits a message into clauses, at full stops, commas, and words such as "and".

use crate::phrase::Phrase;

/// Words that start a new clause.
const JOINS: &[&str] =
    &["and", "then", "plus", "also", "but", "afterwards", "und", "dann", "danach", "sowie", "außerdem", "aber"];

/// Words that continue the previous clause: "…, at 105 each", "… but for no more than 500".
const CONTINUES: &[&str] = &[
    "at", "for", "with", "limit", "max", "maximum", "up", "only", "below", "under", "above", "over", "in", "each", "@",
    "if", "per", "a",
];

/// Words of courtesy and others that ask for nothing.
const NOTHING: &[&str] = &[
    "please",
    "hello",
    "hi",
    "hey",
    "thanks",
    "thank",
    "you",
    "good",
    "morning",
    "afternoon",
    "evening",
    "ok",
    "okay",
    "yes",
    "now",
    "today",
    "so",
    "well",
    "just",
    "very",
    "much",
    "kindly",
    "it",
    "do",
    "there",
    "right",
    "away",
    "immediately",
    "asap",
    "mandate",
    "agent",
    "cheers",
    "great",
    "sure",
    "go",
    "ahead",
    "me",
    "my",
];

/// The clauses, as written.
pub(crate) fn split(text: &str) -> Vec<String> {
    let mut parts: Vec<Vec<&str>> = vec![vec![]];
    let words: Vec<&str> = text.split_whitespace().collect();
    for (at, word) in words.iter().copied().enumerate() {
        // "Sell 3 STARK to buy 5 WAYNE", but not "I want to buy 5 WAYNE".
        let is_order = |word: &&str| matches!(word.to_lowercase().as_str(), "buy" | "sell");
        if at > 0 && word.eq_ignore_ascii_case("to") && words.get(at + 1).is_some_and(is_order) {
            let before = Phrase::new(&words[..at].join(" "));
            if before.position(&["buy", "sell"]).is_some() {
                parts.push(vec![]);
                continue;
            }
        }
        let plain = word.to_lowercase();
        if JOINS.contains(&plain.trim_matches(|c: char| !c.is_alphanumeric())) {
            parts.push(vec![]);
            continue;
        }
        if let Some(part) = parts.last_mut() {
            part.push(word);
        }
        // A mark within a number isn't followed by a space.
        if word.ends_with([',', ';', '.', '!', '?']) {
            parts.push(vec![]);
        }
    }
    let trim = |part: Vec<&str>| part.join(" ").trim_end_matches([',', ';', '.', '!', '?']).to_owned();
    parts.into_iter().map(trim).filter(|part| !part.is_empty()).collect()
}

/// Whether this clause continues the previous one.
pub(crate) fn continues(part: &str) -> bool {
    let phrase = Phrase::new(part);
    let money = part.starts_with(['$', '@', '€']) || (phrase.symbols().is_empty() && phrase.word(0).ends_with("usd"));
    phrase.symbols().is_empty() && (money || CONTINUES.contains(&phrase.word(0)))
}

/// Whether this clause asks for nothing: courtesy, or only the names of ordered stocks.
pub(crate) fn says_nothing(part: &str, ordered: &[&str]) -> bool {
    let phrase = Phrase::new(part);
    let named = |at: usize| phrase.is_symbol(at) && phrase.symbols().iter().all(|named| ordered.contains(&&**named));
    (0..phrase.len()).all(|at| NOTHING.contains(&phrase.word(at)) || named(at))
}
