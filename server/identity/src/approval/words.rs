//! Text from clients on Mandate identity's pages: the binding code and the agent's message.

/// The longest binding message, in characters (Auth0's limit).
const CODE_MOST: usize = 64;
/// The longest agent's message, in characters.
const MESSAGE_MOST: usize = 300;

/// Whether a binding message is plain: ASCII letters, digits, spaces and `+-_.,:#` only (WIRE.md §4), so it contains no
/// lookalikes.
pub(super) fn is_plain_code(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || " +-_.,:#".contains(c);
    !text.trim().is_empty() && text.len() <= CODE_MOST && text.chars().all(plain)
}

/// Whether the message of a request without details can't be mistaken for another one: 1 to 64 visible characters.
pub(super) fn is_plain_message(text: &str) -> bool {
    text.chars().count() <= CODE_MOST && details::is_plain(text)
}

/// Makes an agent's message inert (THREATS.md line 31). `None` if it is too long.
pub(super) fn inert(text: &str) -> Option<String> {
    Some(shared::text::inert(text)).filter(|inert| inert.chars().count() <= MESSAGE_MOST)
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
    fn line_31_an_agents_message_has_300_characters() {
        assert_eq!(inert("a\u{202e}b\nc").as_deref(), Some("ab c"));
        assert_eq!(inert(&"é".repeat(300)).map(|text| text.chars().count()), Some(300));
        assert_eq!(inert(&"x".repeat(301)), None);
        assert_eq!(inert(&"\u{202e}".repeat(301)).as_deref(), Some(""));
    }
}
