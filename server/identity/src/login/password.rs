//! Passwords: hashed and compared with Argon2id, off the threads that serve requests.
//!
//! They are hashed in Unicode's NFKC form (NIST SP 800-63B §3.1.1.2), so that the same password typed on another
//! keyboard or system has the same bytes.

mod argon2id;

use std::sync::LazyLock;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2id::Argon2id;
use foundation::tr;
use shared::text::is_invisible;
use unicode_normalization::UnicodeNormalization;

use crate::state::Identity;

/// Minimum length of a password, in characters.
const SHORTEST: usize = 8;
/// Maximum length of a password, in bytes. It is never truncated.
pub(crate) const LONGEST: usize = 1024;

/// The most common passwords, in lower case, one a line.
static COMMON: LazyLock<std::collections::HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().filter(|line| !line.is_empty()).collect());

/// A hash for unknown people, whose logins are compared with it, so that they take as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    Argon2id.hash_password(foundation::secret::token().as_bytes()).map(|hash| hash.to_string()).unwrap_or_default()
});

/// Makes that hash in advance: the first unknown person's login would take twice as long.
pub(crate) async fn prepare() {
    let _ = tokio::task::spawn_blocking(|| LazyLock::force(&NOBODY)).await;
}

/// Whether a new password is acceptable.
///
/// # Errors
/// An explanation for the person.
pub(crate) fn check(password: &str, email: &str) -> Result<(), &'static str> {
    if password.len() > LONGEST {
        return Err(tr!("A password has at most 1024 bytes.", "Ein Passwort hat höchstens 1024 Bytes."));
    }
    let password = normal(password);
    let lower = password.to_lowercase();
    let name = email.split('@').next().unwrap_or_default().to_lowercase();
    if password.chars().count() < SHORTEST {
        Err(tr!("A password has at least 8 characters.", "Ein Passwort hat mindestens 8 Zeichen."))
    } else if password.chars().all(|c| c.is_whitespace() || c.is_control() || is_invisible(c)) {
        Err(tr!(
            "A password needs characters that can be seen, not blanks alone.",
            "Ein Passwort braucht sichtbare Zeichen, nicht nur Leerzeichen."
        ))
    } else if COMMON.contains(lower.as_str()) || lower == email.to_lowercase() || lower == name {
        Err(tr!(
            "This password is among the first that anybody would try. Choose another.",
            "Dieses Passwort würde jeder als eines der ersten versuchen. Nimm ein anderes."
        ))
    } else {
        Ok(())
    }
}

/// The normalised form of a password, for hashing.
fn normal(password: &str) -> String {
    password.nfkc().collect()
}

/// Hashes a new password.
pub(crate) async fn hash(identity: &Identity, password: String) -> Result<String, String> {
    let _permit = identity.limits.hashing.acquire().await.map_err(|error| error.to_string())?;
    tokio::task::spawn_blocking(move || {
        let hash = Argon2id.hash_password(normal(&password).as_bytes()).map_err(|error| error.to_string())?;
        Ok(hash.to_string())
    })
    .await
    .map_err(|error| error.to_string())?
}

/// The result of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compared {
    Right,
    /// Right as typed, but the hash is from before passwords were normalised and needs to be replaced.
    RightUnnormalised,
    Wrong,
}

/// Compares a password with a hash. Without a hash (for an unknown person) it takes as long, and returns `Wrong`.
pub(crate) async fn compare(identity: &Identity, password: String, hash: Option<String>) -> Compared {
    let Ok(_permit) = identity.limits.hashing.acquire().await else { return Compared::Wrong };
    tokio::task::spawn_blocking(move || compared(&password, hash)).await.unwrap_or(Compared::Wrong)
}

fn compared(password: &str, hash: Option<String>) -> Compared {
    let known = hash.is_some();
    let hash = hash.unwrap_or_else(|| NOBODY.clone());
    let is = |text: &str| {
        PasswordHash::new(&hash).is_ok_and(|hash| Argon2id.verify_password(text.as_bytes(), &hash).is_ok()) && known
    };
    let normal = normal(password);
    if is(&normal) {
        Compared::Right
    } else if normal != password && is(password) {
        Compared::RightUnnormalised
    } else {
        Compared::Wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts hashes instead of measuring time: the same number, each of the same strength, takes as long.
    #[test]
    fn line_39_an_unknown_persons_password_is_hashed_alike() {
        let known = Argon2id.hash_password(b"mandate-demo").expect("a hash");
        let nobody = PasswordHash::new(&NOBODY).expect("a hash");
        assert_eq!((nobody.algorithm, nobody.version, &nobody.params), (known.algorithm, known.version, &known.params));
        // The second isn't in NFKC, so it is also compared as typed.
        for (password, hashes) in [("wrong password", 1), ("ｗｒｏｎｇ ｐａｓｓｗｏｒｄ", 2)] {
            for hash in [Some(known.to_string()), None] {
                let before = argon2id::hashed();
                assert_eq!(compared(password, hash.clone()), Compared::Wrong);
                assert_eq!(argon2id::hashed() - before, hashes, "{password} {hash:?}");
            }
        }
    }

    #[test]
    fn line_39_weak_passwords_are_refused() {
        let blanks =
            ["        ", "\u{a0}\u{3000}\u{2003}     ", "\u{200b}\u{200b}\u{200b}\u{200b}    ", "\t\t\t\t\n\n\n\n"];
        let common = ["password", "Password1", "12345678", "ｐａｓｓｗｏｒｄ", "alice@example.com"];
        for wrong in ["", "short7!", &"x".repeat(1025)].into_iter().chain(blanks).chain(common) {
            assert!(check(wrong, "alice@example.com").is_err(), "{wrong:?}");
        }
        for right in ["mandate-demo", "correct horse", "  a      ", "äöüäöüäö", &"x".repeat(1024)] {
            assert_eq!(check(right, "alice@example.com"), Ok(()), "{right}");
        }
        assert!(COMMON.len() >= 150, "{}", COMMON.len());
        assert!(COMMON.iter().all(|it| it.chars().count() >= SHORTEST && *it == it.to_lowercase()));
    }
}
