//! Finds the name that a person gives as their own.

use crate::conversation::Message;

/// Beginnings of a sentence that gives one's name, in lower case.
const BEGINNINGS: [&str; 8] =
    ["i am ", "i'm ", "i’m ", "my name is ", "ich bin ", "ich heiße ", "ich heisse ", "mein name ist "];

/// Maximum number of words of a name.
const WORDS: usize = 4;

/// The last name that the person said in these messages.
pub(crate) fn name(messages: &[Message]) -> Option<String> {
    let said = messages.iter().rev().filter(|message| message.role == "user");
    said.filter_map(|message| message.content.as_deref()).find_map(named)
}

/// The name in a text: capitalised words after one of the beginnings.
fn named(text: &str) -> Option<String> {
    let mut starts = text
        .char_indices()
        .map(|(at, _)| at)
        .filter(|at| !text[..*at].chars().next_back().is_some_and(char::is_alphanumeric));
    starts.find_map(|at| {
        let rest = BEGINNINGS.iter().find_map(|beginning| after(&text[at..], beginning))?;
        let sentence = rest.split(['.', ',', '!', '?', ';', ':', '\n', '"', '“', '”']).next()?;
        let words = sentence.split_whitespace().take_while(|word| word.chars().next().is_some_and(char::is_uppercase));
        let name: Vec<&str> = words.take(WORDS).collect();
        (!name.is_empty()).then(|| name.join(" "))
    })
}

/// The text after this beginning, in upper or lower case.
fn after<'a>(text: &'a str, beginning: &str) -> Option<&'a str> {
    let end = text.char_indices().nth(beginning.chars().count()).map(|(end, _)| end)?;
    (text[..end].to_lowercase() == beginning).then(|| &text[end..])
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_name_is_what_follows_i_am() {
        for (text, name) in [
            ("I am Bob. Who am I?", Some("Bob")),
            ("Who am I? My name is Marta Rossi", Some("Marta Rossi")),
            ("hi, i'm Priya, what is WAYNE worth?", Some("Priya")),
            ("Ich heiße Jürgen. Wer bin ich?", Some("Jürgen")),
            ("Wer bin ich? Ich bin Ayşe!", Some("Ayşe")),
            ("Who am I? What is WAYNE worth?", None),
            ("I am the owner", None),
            ("Wer bin ich?", None),
            ("Miriam is my friend", None),
            ("I am ", None),
        ] {
            assert_eq!(named(text).as_deref(), name, "{text}");
        }
    }
}
