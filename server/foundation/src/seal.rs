//! Sealing: encryption of stored secrets under the master key, each bound to its row by associated data.

use std::sync::Arc;

use aws_lc_rs::{hkdf, hmac};
use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_STANDARD_NO_PAD, prelude::BASE64_URL_SAFE_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};

/// A master key in base64, as `MASTER_KEY` holds it.
pub fn encode_key(key: &[u8; 32]) -> String {
    BASE64_STANDARD.encode(key)
}

/// The reverse of [`encode_key`]. `None` unless the text is 32 bytes in base64.
pub fn decode_key(text: &str) -> Option<[u8; 32]> {
    BASE64_STANDARD.decode(text).ok()?.try_into().ok()
}

/// Seals and opens texts. Clones share the key.
#[derive(Clone)]
pub struct Sealer {
    cipher: Arc<XChaCha20Poly1305>,
    mac: Arc<hmac::Key>,
}

/// A sealed text can't be opened: the key or the associated data differ, or it was changed.
#[derive(Debug, thiserror::Error)]
#[error("a sealed value does not open: was MASTER_KEY changed?")]
pub struct Unsealable;

impl std::fmt::Debug for Sealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sealer([redacted])")
    }
}

impl Sealer {
    /// Derives the keys of an instance from the master key. Instances that share a master key share no derived key.
    pub fn new(master: &[u8; 32], instance: &str) -> Self {
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, b"mandate").extract(master);
        let derive = |purpose: &str| {
            let mut key = [0; 32];
            prk.expand(&[instance.as_bytes(), b"\0", purpose.as_bytes()], hkdf::HKDF_SHA256)
                .and_then(|okm| okm.fill(&mut key))
                .expect("32 bytes are within what HKDF-SHA256 gives");
            key
        };
        Self {
            cipher: Arc::new(XChaCha20Poly1305::new(&derive("seal").into())),
            mac: Arc::new(hmac::Key::new(hmac::HMAC_SHA256, &derive("mac"))),
        }
    }

    /// Encrypts a text for one row. `place` (`table.column:row id`) is the associated data, so it doesn't open in
    /// another.
    pub fn seal(&self, place: &str, text: &str) -> String {
        let nonce = crate::secret::bytes::<24>();
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: text.as_bytes(), aad: place.as_bytes() })
            .expect("a text in memory is shorter than the cipher's limit");
        BASE64_STANDARD_NO_PAD.encode([&nonce[..], &sealed].concat())
    }

    /// Opens what [`Self::seal`] made for the same row.
    ///
    /// # Errors
    /// When the key, the row or the text differs.
    pub fn open(&self, place: &str, sealed: &str) -> Result<String, Unsealable> {
        let bytes = BASE64_STANDARD_NO_PAD.decode(sealed).map_err(|_| Unsealable)?;
        let (nonce, text) = bytes.split_first_chunk::<24>().ok_or(Unsealable)?;
        let opened = self
            .cipher
            .decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: place.as_bytes() })
            .map_err(|_| Unsealable)?;
        String::from_utf8(opened).map_err(|_| Unsealable)
    }

    /// A sealer whose keys come from this one's and from a secret that isn't stored. What it seals opens only when
    /// someone presents that secret again.
    pub fn under(&self, secret: &str) -> Self {
        let mut context = hmac::Context::with_key(&self.mac);
        context.update(b"seal under\0");
        context.update(secret.as_bytes());
        let key = context.sign();
        let key = key.as_ref().first_chunk().expect("HMAC-SHA256 gives 32 bytes");
        Self::new(key, "under")
    }

    /// HMAC-SHA256 of an input for one purpose, base64url: a value that can be derived again but not guessed.
    pub fn mac(&self, purpose: &str, input: &str) -> String {
        let mut context = hmac::Context::with_key(&self.mac);
        context.update(purpose.as_bytes());
        context.update(b"\0");
        context.update(input.as_bytes());
        BASE64_URL_SAFE_NO_PAD.encode(context.sign())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// THREATS.md line 27: a ciphertext moved to another row doesn't decrypt.
    #[test]
    fn line_27_sealed_text_opens_only_with_its_key_and_row() {
        let sealer = Sealer::new(&[7; 32], "tenant");
        let sealed = sealer.seal("vault.token:1", "secret");
        assert!(!sealed.contains("secret"));
        assert_eq!(sealer.open("vault.token:1", &sealed).ok().as_deref(), Some("secret"));
        assert!(sealer.open("vault.token:2", &sealed).is_err());
        assert!(Sealer::new(&[7; 32], "agent").open("vault.token:1", &sealed).is_err());
        assert!(Sealer::new(&[8; 32], "tenant").open("vault.token:1", &sealed).is_err());
        assert!(sealer.open("vault.token:1", &sealed[1..]).is_err());
        assert_ne!(sealed, sealer.seal("vault.token:1", "secret"));
    }

    /// THREATS.md line 27: a value sealed under a token opens only with both the token and the master key.
    #[test]
    fn line_27_sealed_value_opens_only_with_its_token() {
        let sealer = Sealer::new(&[7; 32], "tenant");
        let sealed = sealer.under("token").seal("refresh_token.successor:1", "secret");
        assert_eq!(sealer.under("token").open("refresh_token.successor:1", &sealed).ok().as_deref(), Some("secret"));
        let other_master = Sealer::new(&[8; 32], "tenant");
        for wrong in [sealer.clone(), sealer.under("tokem"), sealer.under(""), other_master.under("token")] {
            assert!(wrong.open("refresh_token.successor:1", &sealed).is_err());
        }
    }
}
