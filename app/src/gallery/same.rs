//! Finds untranslated parts of a page: texts that are the same in both languages and aren't names, and numbers and
//! dates in the other language's format.

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

/// The texts and labels of a document, without its code.
fn pieces(html: &str) -> BTreeSet<String> {
    let body = html.split_once("<body>").map_or(html, |(_, body)| body);
    let (mut found, mut in_code) = (BTreeSet::new(), false);
    for piece in body.split('<').skip(1) {
        let Some((tag, text)) = piece.split_once('>') else { continue };
        in_code = (in_code || tag.split(' ').next() == Some("code")) && tag != "/code";
        if in_code {
            continue;
        }
        found.insert(text.trim().to_owned());
        for name in ["aria-label", "title", "placeholder", "data-announcement", "data-say"] {
            let value = tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split('"').next());
            found.extend(value.map(|value| value.trim().to_owned()));
        }
    }
    found
}

/// The texts that have words. A single letter is a key, and `ms` a unit.
fn texts(html: &str) -> BTreeSet<String> {
    let mut found = pieces(html);
    found.retain(|text| {
        text.chars().nth(1).is_some()
            && text.split(|c: char| !c.is_alphabetic()).any(|word| word != "ms" && word.chars().any(char::is_lowercase))
    });
    found
}

/// Whether a text has a number with the other language's separators: in English a comma before one or two digits or a
/// point before three, in German the other way round. A date like 4.12.2026 and a paragraph like §4.1 are no numbers.
fn has_foreign_number(text: &str, is_german: bool) -> bool {
    let (decimal, thousands) = if is_german { ('.', ',') } else { (',', '.') };
    let characters: Vec<char> = text.chars().collect();
    (1..characters.len()).any(|at| {
        if !characters[at - 1].is_ascii_digit() {
            return false;
        }
        let digits = |of: &mut dyn Iterator<Item = &char>| of.take_while(|c| c.is_ascii_digit()).count();
        let after = digits(&mut characters[at + 1..].iter());
        let (before, end) = (digits(&mut characters[..at].iter().rev()), at + 1 + after);
        // Part of a date, an address or a paragraph number.
        let goes_on = characters[at] == '.'
            && (characters.get(end) == Some(&'.') && characters.get(end + 1).is_some_and(char::is_ascii_digit)
                || at > before && matches!(characters[at - before - 1], '.' | '§'));
        !goes_on && (characters[at] == decimal && matches!(after, 1 | 2) || characters[at] == thousands && after == 3)
    })
}

/// Whether a text has a date with a month's name in the other language's format.
fn has_foreign_date(text: &str, is_german: bool) -> bool {
    let months: [&str; 12] = if is_german {
        [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ]
    } else {
        [
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ]
    };
    let day = if is_german { " " } else { ". " };
    (0..10).any(|digit| months.iter().any(|month| text.contains(&format!("{digit}{day}{month} 2"))))
}

/// Numbers and dates in the other language's format, except in names and texts of the made-up data.
pub(crate) fn foreign_numbers(html: &str, is_german: bool, names: &[&str]) -> Vec<String> {
    let is_foreign = |text: &String| has_foreign_number(text, is_german) || has_foreign_date(text, is_german);
    pieces(html).into_iter().filter(|text| is_foreign(text) && !names.contains(&text.as_str())).collect()
}

/// The texts that both languages have, except names and texts of the made-up data.
pub(crate) fn untranslated(english: &str, german: &str, names: &[&str]) -> Vec<String> {
    let german = texts(german);
    let is_name = |text: &String| {
        // `OpenID Connect Core §2`
        text.starts_with("OpenID ") && text.contains('§') || SAME.iter().chain(names).any(|name| text == name)
    };
    texts(english).into_iter().filter(|text| german.contains(text) && !is_name(text)).collect()
}
