//! Ids, tokens and codes from the operating system's randomness. Values that are only compared are stored as hashes.

use aws_lc_rs::digest;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;

/// Random bytes from the operating system.
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without randomness, no secret would be safe.
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// A token of 256 random bits, 43 characters that are safe in URLs.
pub fn token() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes::<32>())
}

/// An id of 128 random bits: the prefix and 32 hexadecimal digits.
pub fn id(prefix: &str) -> String {
    bytes::<16>().iter().fold(prefix.to_owned(), |id, byte| id + &format!("{byte:02x}"))
}

/// The SHA-256 of a text, base64url. For storing secrets of at least 128 bits that are only compared.
pub fn hash(text: &str) -> String {
    hash_bytes(text.as_bytes())
}

/// The SHA-256 of bytes, base64url.
pub fn hash_bytes(bytes: &[u8]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, bytes))
}

/// Whether two texts are equal, in constant time.
pub fn equal(a: &str, b: &str) -> bool {
    a.as_bytes().ct_eq(b.as_bytes()).into()
}

/// The binding code, which the chat and the approval page both show: two pairs of unambiguous letters and digits (no
/// 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V), such as `K7 QD`.
pub fn binding_code() -> String {
    const LETTERS: &[u8] = b"ACDEFGHJKMNPQRTWXY34679";
    let mut code = String::new();
    while code.len() < 5 {
        if code.len() == 2 {
            code.push(' ');
        }
        let [byte] = bytes::<1>();
        // Rejection sampling, so that every letter is equally likely.
        let at = usize::from(byte & 31);
        if let Some(letter) = LETTERS.get(at) {
            code.push(char::from(*letter));
        }
    }
    code
}

/// The SHA-256 of a value's canonical form (RFC 8785), base64url.
///
/// # Errors
/// When the value has no canonical form.
pub fn digest_of(value: &impl serde::Serialize) -> Result<String, serde_json::Error> {
    Ok(hash(&serde_json_canonicalizer::to_string(value)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_hide_behind_their_hash() {
        let (one, other) = (token(), token());
        assert_eq!(one.len(), 43);
        assert_ne!(one, other);
        assert_ne!(hash(&one), hash(&other));
        assert!(equal(&hash(&one), &hash(&one)) && !equal(&one, &one[..42]));
    }

    #[test]
    fn binding_code_is_two_unambiguous_pairs() {
        for _ in 0..200 {
            let code = binding_code();
            assert_eq!(code.len(), 5);
            assert_eq!(code.as_bytes()[2], b' ');
            assert!(!code.contains(['0', 'O', '1', 'I', 'L', '2', 'Z', '5', 'S', '8', 'B', 'U', 'V']), "{code}");
        }
    }
}
