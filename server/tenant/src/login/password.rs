//! Passwords: Argon2id, hashed and compared away from the threads that serve requests.

mod argon2id;

use std::sync::LazyLock;

use argon2::password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash};
use argon2id::Argon2id;

use crate::Tenant;

/// The shortest password, in characters,
const SHORTEST: usize = 8;
/// and the longest, in bytes. It is never cut off.
pub(crate) const LONGEST: usize = 1024;

/// Passwords that everybody tries first, in lower case, one a line.
static COMMON: LazyLock<std::collections::HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().filter(|line| !line.is_empty()).collect());

/// The hash of a password that nobody has: compared with for unknown people, so that they take as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    Argon2id.hash_password(base::secret::token().as_bytes()).map(|hash| hash.to_string()).unwrap_or_default()
});

/// Makes that hash before the first login needs it: the first unknown person would take twice as long.
pub(crate) async fn prepare() {
    let _ = tokio::task::spawn_blocking(|| LazyLock::force(&NOBODY)).await;
}

/// Whether a new password will do.
///
/// # Errors
/// What is wrong with it, in words for whoever chose it.
pub(crate) fn check(password: &str, email: &str) -> Result<(), &'static str> {
    let lower = password.to_lowercase();
    let name = email.split('@').next().unwrap_or_default().to_lowercase();
    if password.chars().count() < SHORTEST {
        Err("A password has at least 8 characters.")
    } else if password.len() > LONGEST {
        Err("A password has at most 1024 bytes.")
    } else if COMMON.contains(lower.as_str()) || lower == email.to_lowercase() || lower == name {
        Err("This password is among the first that anybody would try. Choose another.")
    } else {
        Ok(())
    }
}

/// Hashes a new password.
pub(crate) async fn hash(tenant: &Tenant, password: String) -> Result<String, String> {
    let _permit = tenant.limits.hashing.acquire().await.map_err(|error| error.to_string())?;
    tokio::task::spawn_blocking(move || {
        let hash = Argon2id.hash_password(password.as_bytes()).map_err(|error| error.to_string())?;
        Ok(hash.to_string())
    })
    .await
    .map_err(|error| error.to_string())?
}

/// Whether a password is the one behind a hash. Without a hash (nobody has that name) it takes as long, and is
/// wrong.
pub(crate) async fn is_right(tenant: &Tenant, password: String, hash: Option<String>) -> bool {
    let Ok(_permit) = tenant.limits.hashing.acquire().await else { return false };
    let compare = move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let right =
            PasswordHash::new(&hash).is_ok_and(|hash| Argon2id.verify_password(password.as_bytes(), &hash).is_ok());
        right && known
    };
    tokio::task::spawn_blocking(compare).await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// security.md line 39.
    #[test]
    fn line_39_short_long_and_common_passwords_are_refused() {
        for wrong in ["", "short7!", "password", "Password1", "12345678", "alice@example.com", &"x".repeat(1025)] {
            assert!(check(wrong, "alice@example.com").is_err(), "{wrong}");
        }
        for right in ["mandate-demo", "correct horse", "äöüäöüäö", &"x".repeat(1024)] {
            assert_eq!(check(right, "alice@example.com"), Ok(()), "{right}");
        }
        assert!(COMMON.len() >= 150, "{}", COMMON.len());
        assert!(COMMON.iter().all(|it| it.chars().count() >= SHORTEST && *it == it.to_lowercase()));
    }
}
