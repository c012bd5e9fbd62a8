//! Sanitising of untrusted text for display (THREATS.md line 31).

/// Whether a character is invisible or changes the direction of writing: Unicode's default-ignorable and bidirectional
/// formatting characters, as far as they can mislead.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Removes invisible characters, turns line breaks and other controls into spaces, and collapses spaces.
pub fn inert(text: &str) -> String {
    let mut inert = String::new();
    for c in text.chars() {
        if c.is_control() || c.is_whitespace() {
            if !inert.ends_with(' ') {
                inert.push(' ');
            }
        } else if !is_invisible(c) {
            inert.push(c);
        }
    }
    inert.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_31_inert_text_hides_and_turns_nothing() {
        assert_eq!(inert("Buy 5 WAYNE\nnow"), "Buy 5 WAYNE now");
        assert_eq!(inert("a\u{202e}b\u{200b}c\u{0007}d"), "abc d");
        assert_eq!(inert("a\u{2028}b \u{2066} c"), "a b c");
        assert_eq!(inert("<b>bold</b>"), "<b>bold</b>");
        assert_eq!(inert("Größe 5 € 日本"), "Größe 5 € 日本");
        assert_eq!(inert(&"\u{202e}".repeat(301)), "");
    }

    #[test]
    fn line_31_invisible_characters_are_known() {
        for c in "\u{ad}\u{34f}\u{61c}\u{180e}\u{200b}\u{200d}\u{202e}\u{2066}\u{3164}\u{fe0f}\u{feff}\u{e0041}".chars()
        {
            assert!(is_invisible(c), "{c:?}");
        }
        for c in "aÄ日ש -€\n".chars() {
            assert!(!is_invisible(c), "{c:?}");
        }
    }
}
