//! Chooses the language of an answer: German for a reader of German, and for a message in German.

use foundation::lang::Lang;

use crate::{conversation::Request, german};

/// The agent's instruction to the model for a reader of German.
const READS_GERMAN: &str = "answer in German";

/// Words that are both German and English, and don't show the language.
const BOTH: [&str; 10] = ["am", "was", "die", "will", "info", "so", "all", "bin", "wie", "an"];

pub(crate) fn of(request: &Request) -> Lang {
    let text = |role: &str| {
        let last = request.messages.iter().rfind(|message| message.role == role);
        last.and_then(|message| message.content.as_deref()).unwrap_or_default()
    };
    if text("system").contains(READS_GERMAN) || is_german(text("user")) { Lang::De } else { Lang::En }
}

fn is_german(text: &str) -> bool {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphabetic()).filter(|word| !BOTH.contains(word));
    words.filter(|word| german::english(word).is_some_and(|english| english != *word)).count() > 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn german_messages_are_told_from_english_ones() {
        for text in ["Kauf 5 WAYNE", "Was kostet WAYNE?", "Zeig mir mein Depot", "wie steht STARK", "Danke!"] {
            assert!(is_german(text), "{text}");
        }
        for text in
            ["Buy 5 WAYNE", "What was my last order?", "Will you die?", "I am so happy", "all info", "", "WAYNE"]
        {
            assert!(!is_german(text), "{text}");
        }
    }
}
