//! References to secrets: the file says where a secret is, and never holds the secret itself.

use std::fmt;

use serde::{Deserialize, Deserializer, de::Error};

/// Where to find a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecretRef {
    /// `env:NAME`: the environment variable with this name.
    Env(String),
    /// `file:PATH`: the content of a file, without the line break at its end.
    File(String),
    /// `kept:NAME`: the environment variable with this name, or, if it is unset, a secret generated and kept in
    /// `DATA_DIR`.
    Kept(String),
}

impl SecretRef {
    fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        let is_name =
            !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
        match kind {
            "env" if is_name => Some(Self::Env(rest.to_owned())),
            "kept" if is_name => Some(Self::Kept(rest.to_owned())),
            "file" if !rest.trim().is_empty() => Some(Self::File(rest.to_owned())),
            _ => None,
        }
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{path}"),
            Self::Kept(name) => write!(f, "kept:{name}"),
        }
    }
}

impl<'de> Deserialize<'de> for SecretRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // The text may be a secret, so no message repeats it.
        let value = toml::Value::deserialize(deserializer)?;
        value.as_str().and_then(Self::parse).ok_or_else(|| {
            D::Error::custom(
                "a secret doesn't belong into this file: write \"env:NAME\" for an environment variable (capital \
                 letters), or \"file:PATH\"",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::SecretRef;

    #[test]
    fn secret_is_a_reference() {
        for text in ["env:ROOMS_SECRET", "file:/run/secrets/rooms", "file:rooms.secret", "kept:AGENT_CLIENT_SECRET"] {
            assert_eq!(SecretRef::parse(text).expect(text).to_string(), text);
        }
        for text in ["", "hunter2", "env:", "env:rooms", "env:A B", "file:", "file: ", "kept:", "ENV:A", "https://a"] {
            assert_eq!(SecretRef::parse(text), None, "{text}");
        }
    }
}
