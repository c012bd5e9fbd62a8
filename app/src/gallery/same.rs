//! Finds the texts that a page has in both languages, which nobody translated unless they are names.

use std::collections::BTreeSet;

/// Names, addresses, and words that both languages have.
const SAME: &[&str] = &[
    "English",
    "Deutsch",
    "StockTrade",
    "Mandate identity",
    "Mandate chat",
    "Mandate",
    "Limit",
    "Code",
    "Name",
    "USD",
];

/// The texts and labels of a document that have letters.
fn texts(html: &str) -> BTreeSet<String> {
    let body = html.split_once("<body>").map_or(html, |(_, body)| body);
    let mut found = BTreeSet::new();
    for piece in body.split('<').skip(1) {
        let Some((tag, text)) = piece.split_once('>') else { continue };
        found.insert(text.trim().to_owned());
        for name in ["aria-label", "title", "placeholder", "data-announcement"] {
            let value = tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split('"').next());
            found.extend(value.map(|value| value.trim().to_owned()));
        }
    }
    found.retain(|text| text.split(|c: char| !c.is_alphabetic()).any(|word| word.chars().any(char::is_lowercase)));
    found
}

/// The texts that both have, except names and what the made-up data says.
pub(crate) fn untranslated(english: &str, german: &str, names: &[&str]) -> Vec<String> {
    let german = texts(german);
    let is_name = |text: &String| SAME.iter().chain(names).any(|name| text == name);
    texts(english).into_iter().filter(|text| german.contains(text) && !is_name(text)).collect()
}
