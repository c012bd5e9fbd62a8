//! Plain text, without invisible characters and lookalikes (THREATS.md line 31).

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark, is_nfc};
use unicode_security::{GeneralSecurityProfile, MixedScript, skeleton};

/// Whether nobody can mistake the text for another: in normalization form C, visible characters and single spaces, each
/// word in one script, and no word that imitates an ASCII word.
pub fn is_plain(text: &str) -> bool {
    is_nfc(text)
        && !text.is_empty()
        && text.split(' ').all(|word| !word.is_empty() && word.chars().all(is_visible) && is_itself(word))
}

/// Letters, marks and digits in common use (UTS 39), and visible ASCII. This excludes every invisible character and
/// every one that changes the direction of writing.
fn is_visible(c: char) -> bool {
    c.is_ascii_graphic() || GeneralSecurityProfile::identifier_allowed(c) || "€£¥–—’“”…·×°".contains(c)
}

fn is_itself(word: &str) -> bool {
    if word.is_ascii() {
        return true;
    }
    let letters: String = word.chars().filter(|c| c.is_alphanumeric() || is_combining_mark(*c)).collect();
    let imitates = || skeleton(&letters).collect::<String>().is_ascii();
    letters.is_single_script() && (letters.is_ascii() || !imitates())
}

/// Prepares another site's text for a page: removes control and invisible characters, collapses spaces, and cuts it to
/// `most` characters.
pub(crate) fn made_plain(text: &str, most: usize) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words = words.map(|word| word.nfc().filter(|c| is_visible(*c)).collect::<String>());
    let text = words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text[..at].trim_end()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_31_lookalike_and_invisible_text_is_refused() {
        for text in ["Blue room", "Größe 5", "日本 Room", "Café – 2nd floor", "Ελλάδα", "Room #4 (left)", "5 €", "חדר"]
        {
            assert!(is_plain(text), "{text}");
        }
        let wrong = [
            "",
            " ",
            " a",
            "a ",
            "a  b",
            "a\tb",
            "a\nb",
            "a\u{a0}b",
            "a\u{202e}b",
            "a\u{200b}b",
            "a\u{ad}b",
            "\u{feff}a",
            "pаypal",
            "ВОТ",
            "WAYNΕ",
            "１２",
            "ﬁne",
            "e\u{301}a",
            "a\u{e0041}",
            "\u{3164}",
            "a\u{115f}",
        ];
        for text in wrong {
            assert!(!is_plain(text), "{text:?}");
        }
    }

    #[test]
    fn line_31_other_sites_text_is_cleaned() {
        assert_eq!(made_plain(" Wayne\u{202e}\n Enterprises ", 40), "Wayne Enterprises");
        assert_eq!(made_plain("a\u{200b}b", 40), "ab");
        assert_eq!(made_plain("Wayne Enterprises", 6), "Wayne…");
    }
}
