//! The key of StockTrade's own provider, with which tests sign any claims.

use std::sync::OnceLock;

use foundation::jwt::SigningKey;
use serde_json::{Value, value::RawValue};

#[derive(Clone, Debug)]
pub(crate) struct Issuer {
    /// With a trailing slash.
    pub(crate) url: String,
    key: SigningKey,
}

/// A key that nobody publishes. Shared by all tests, because generating one is slow.
fn unknown_key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate().unwrap().0)
}

impl Issuer {
    pub(crate) fn new(url: &str, key: &str) -> Self {
        Self { url: url.to_owned(), key: SigningKey::from_pkcs8(key).unwrap() }
    }

    /// Signs claims verbatim, duplicate keys included.
    pub(crate) fn sign(&self, typ: &str, claims: &str) -> String {
        let claims: Box<RawValue> = serde_json::from_str(claims).unwrap();
        self.key.sign(typ, &claims).unwrap()
    }

    /// Signs with a key that isn't published.
    pub(crate) fn forge(&self, typ: &str, claims: &Value) -> String {
        unknown_key().sign(typ, claims).unwrap()
    }
}
