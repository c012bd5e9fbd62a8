//! Configured tools, which the rehearsal model calls if a message matches one of their phrases.

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::slot::{self, Slot};

/// A tool, with the phrases that ask for it.
#[derive(Clone, Debug)]
pub struct Tool {
    pub name: String,
    /// `book the {room} on {from}`: words, and members in braces.
    pub phrases: Vec<String>,
    /// The members that phrases name, each with its kind of value.
    pub members: Vec<(String, Slot)>,
}

/// Words of courtesy, which may come before and after a phrase.
const COURTESY: &[&str] =
    &["please", "can", "could", "would", "you", "hi", "hello", "hey", "now", "thanks", "me", "for"];

/// The tool that a message asks for, and its arguments. If several phrases match, the one with the most words counts.
pub(crate) fn asked<'a>(text: &str, tools: &'a [Tool], today: Date) -> Option<(&'a str, Value)> {
    let words: Vec<&str> = text.split_whitespace().map(plain).filter(|word| !word.is_empty()).collect();
    let mut best: Option<(usize, &Tool, Map<String, Value>)> = None;
    for tool in tools {
        for phrase in &tool.phrases {
            let pieces: Vec<&str> = phrase.split_whitespace().map(plain).collect();
            let longer = |(length, ..): &(usize, &Tool, Map<String, Value>)| pieces.len() > *length;
            if best.as_ref().is_none_or(longer)
                && let Some(arguments) = read(&words, &pieces, &tool.members, today)
            {
                best = Some((pieces.len(), tool, arguments));
            }
        }
    }
    best.map(|(_, tool, arguments)| (tool.name.as_str(), Value::Object(arguments)))
}

/// A word without the marks around it.
fn plain(word: &str) -> &str {
    word.trim_matches(|c: char| matches!(c, ',' | '.' | '!' | '?' | ';' | '"' | '“' | '”'))
}

fn is_courtesy(word: &str) -> bool {
    COURTESY.iter().any(|known| known.eq_ignore_ascii_case(word))
}

fn read(words: &[&str], pieces: &[&str], members: &[(String, Slot)], today: Date) -> Option<Map<String, Value>> {
    let start = words.iter().take_while(|word| is_courtesy(word)).count();
    (0..=start).rev().find_map(|start| fits(&words[start..], pieces, members, today))
}

/// The members' values if the words match the phrase, with nothing but courtesy after it.
fn fits(words: &[&str], pieces: &[&str], members: &[(String, Slot)], today: Date) -> Option<Map<String, Value>> {
    let Some((piece, pieces)) = pieces.split_first() else {
        return words.iter().all(|word| is_courtesy(word)).then(Map::new);
    };
    let Some(name) = piece.strip_prefix('{').and_then(|piece| piece.strip_suffix('}')) else {
        let (word, words) = words.split_first()?;
        return if word.eq_ignore_ascii_case(piece) { fits(words, pieces, members, today) } else { None };
    };
    let (_, kind) = members.iter().find(|(member, _)| member == name)?;
    // Tries the fewest words first.
    (1..=words.len().min(6)).find_map(|length| {
        let (value, words) = words.split_at(length);
        let value = slot::read(kind, value, today)?;
        let mut arguments = fits(words, pieces, members, today)?;
        arguments.insert(name.to_owned(), value);
        Some(arguments)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn phrases_are_read_by_their_members() {
        let today: Date = "2026-11-29".parse().expect("a Sunday");
        let words = [("blue", "Blue table"), ("round", "Big round table")];
        let words = words.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
        let members = [
            ("table", Slot::Choice(words)),
            ("day", Slot::Date),
            ("guests", Slot::Integer),
            ("name", Slot::Text),
            ("price", Slot::Decimal(2)),
            ("hour", Slot::Time),
        ];
        let members = members.map(|(name, slot)| (name.to_owned(), slot)).to_vec();
        let tool = |name: &str, phrases: &[&str]| Tool {
            name: name.into(),
            phrases: phrases.iter().map(|phrase| (*phrase).to_owned()).collect(),
            members: members.clone(),
        };
        let tools = [
            tool("reserve", &["reserve the {table} on {day}", "reserve the {table} on {day} for {guests} guests"]),
            tool("list", &["which tables are free", "which tables are free on {day}"]),
            tool("pay", &["pay {price} to {name} at {hour}"]),
        ];
        let read = |text: &str| asked(text, &tools, today).map(|(name, arguments)| (name.to_owned(), arguments));
        for (text, name, arguments) in [
            ("Reserve the blue table on Friday", "reserve", json!({ "table": "blue", "day": "2026-12-04" })),
            (
                "please reserve the big round table on 24 December for four guests!",
                "reserve",
                json!({ "table": "round", "day": "2026-12-24", "guests": 4 }),
            ),
            ("Which tables are free?", "list", json!({})),
            ("Which tables are free on tomorrow, please?", "list", json!({ "day": "2026-11-30" })),
            ("Which tables are free on 2026-12-04", "list", json!({ "day": "2026-12-04" })),
            (
                "Pay 80 to Ada Lovelace at 2pm",
                "pay",
                json!({ "price": "80.00", "name": "Ada Lovelace", "hour": "14:00" }),
            ),
        ] {
            assert_eq!(read(text), Some((name.to_owned(), arguments)), "{text}");
        }
        for text in [
            "Reserve the green table on Friday",
            "reserve the blue table",
            "Don't reserve the blue table on Friday",
            "Reserve the blue table on Friday and buy 5 WAYNE",
            "",
            "list",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
