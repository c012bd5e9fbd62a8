//! Words from outside that stand on Mandate identity's pages: the binding code and what the agent says.

/// The longest binding message, in characters (Auth0's limit).
const CODE_MOST: usize = 64;
/// The longest message of an agent, in characters.
const MESSAGE_MOST: usize = 300;

/// Whether a binding message is plain: letters, digits, spaces and `+-_.,:#` (WIRE.md §4), all of ASCII, so that
/// nothing in it looks like something else.
pub(super) fn is_plain_code(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || " +-_.,:#".contains(c);
    !text.trim().is_empty() && text.len() <= CODE_MOST && text.chars().all(plain)
}

/// What an agent says, made inert: line breaks and other controls become spaces; characters that turn the
/// direction of writing or can't be seen are left out (THREATS.md line 31). `None`: it is too long.
pub(super) fn inert(text: &str) -> Option<String> {
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
    let inert = inert.trim().to_owned();
    (inert.chars().count() <= MESSAGE_MOST).then_some(inert)
}

/// Unicode's default-ignorable and bidirectional formatting characters, as far as they can mislead.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_31_a_code_is_plain() {
        for good in ["K7 QD", "order-42", "a:b,c.d#1+2_3"] {
            assert!(is_plain_code(good), "{good}");
        }
        for bad in ["", "  ", "<b>", "K7\u{202e}QD", "Κ7", "a\nb", "50 %", &"a".repeat(65)] {
            assert!(!is_plain_code(bad), "{bad:?}");
        }
    }

    #[test]
    fn line_31_what_an_agent_says_is_made_inert() {
        assert_eq!(inert("Buy 5 WAYNE\nnow").as_deref(), Some("Buy 5 WAYNE now"));
        assert_eq!(inert("a\u{202e}b\u{200b}c\u{0007}d").as_deref(), Some("abc d"));
        assert_eq!(inert("<b>bold</b>").as_deref(), Some("<b>bold</b>"));
        assert_eq!(inert("Größe 5 € 日本").as_deref(), Some("Größe 5 € 日本"));
        assert_eq!(inert(&"é".repeat(300)).map(|text| text.chars().count()), Some(300));
        assert_eq!(inert(&"x".repeat(301)), None);
        assert_eq!(inert(&"\u{202e}".repeat(301)).as_deref(), Some(""));
    }
}
