//! Sets of ASCII characters, as a file writes them: `A-Z0-9.`.

/// The characters that a code may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letters {
    /// In ASCII order.
    all: Vec<u8>,
}

impl Letters {
    /// Reads a set of characters and ranges. A `-` at the start or the end is a literal hyphen.
    ///
    /// # Errors
    /// A message that says what is wrong.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        // Excludes quotes, brackets and others that some format would need to escape.
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/+@#".contains(&b);
        if let Some(c) = text.chars().find(|c| !u8::try_from(*c).is_ok_and(fits)) {
            return Err(format!("`letters` can't hold {c:?}; it may have ASCII letters, digits and -._~:/+@#"));
        }
        let bytes = text.as_bytes();
        let (mut all, mut at) = (Vec::new(), 0);
        while let Some(&first) = bytes.get(at) {
            match bytes.get(at + 1..at + 3) {
                Some(&[b'-', last]) => {
                    let one_kind: [fn(&u8) -> bool; 3] =
                        [u8::is_ascii_digit, u8::is_ascii_uppercase, u8::is_ascii_lowercase];
                    if first > last || !one_kind.iter().any(|kind| kind(&first) && kind(&last)) {
                        return Err(format!(
                            "`letters` has {}, which is no range; write the smaller character first",
                            &text[at..at + 3]
                        ));
                    }
                    all.extend(first..=last);
                    at += 3;
                }
                _ => {
                    all.push(first);
                    at += 1;
                }
            }
        }
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        if all.is_empty() || all.len() < count {
            return Err("`letters` must have at least one character, and each only once".into());
        }
        Ok(Self { all })
    }

    pub(crate) fn hold(&self, text: &str) -> bool {
        text.bytes().all(|b| self.all.contains(&b))
    }

    /// As a class of a regular expression, for JSON Schema.
    pub(crate) fn class(&self) -> String {
        // Among these characters, only the hyphen has a meaning in a class.
        let all: String = self.all.iter().copied().map(char::from).collect();
        format!("[{}]", all.replace('-', "\\-"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_its_characters_and_ranges() {
        let letters = Letters::read("A-Z0-9.").expect("a set");
        assert!(letters.hold("WAYNE.9") && letters.hold(""));
        for text in ["w", "A B", "A-B", "WAYNΕ", "A\u{202e}"] {
            assert!(!letters.hold(text), "{text}");
        }
        assert!(Letters::read("a-z-").expect("a set").hold("a-b"));
        for wrong in ["", "Z-A", "A-z", "AA", "A-CB", "[A]", "é", "a b", "\\d"] {
            assert!(Letters::read(wrong).is_err(), "{wrong}");
        }
    }
}
