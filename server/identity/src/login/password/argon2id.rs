//! Argon2id with memory that returns to the operating system right after each hash.
//!
//! A hash needs 19 MiB. After the first such block is freed, glibc's allocator serves the next one from its own arenas
//! (`mallopt(3)`, `M_MMAP_THRESHOLD`, "dynamic") and keeps it: every thread that has ever hashed a password would hold
//! 19 MiB for as long as the program runs.

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::{
        self, CustomizedPasswordHasher, PasswordHasher,
        phc::{Output, ParamsString, PasswordHash, Salt},
    },
};

/// Minimum number of blocks to reserve: 40 MiB, of which untouched ones use no memory. glibc always maps and unmaps
/// allocations over 32 MiB (`DEFAULT_MMAP_THRESHOLD_MAX`), whatever was freed before.
const RESERVED: usize = 40 << 10;

#[cfg(test)]
thread_local!(static HASHED: std::cell::Cell<u32> = const { std::cell::Cell::new(0) });

/// How many hashes this thread has made.
#[cfg(test)]
pub(super) fn hashed() -> u32 {
    HASHED.get()
}

/// Hashes like [`Argon2::default`], and verifies with the parameters in the hash.
#[derive(Debug)]
pub(super) struct Argon2id;

impl CustomizedPasswordHasher<PasswordHash> for Argon2id {
    type Params = Params;

    fn hash_password_customized(
        &self,
        password: &[u8],
        salt: &[u8],
        algorithm: Option<&str>,
        version: Option<u32>,
        params: Params,
    ) -> password_hash::Result<PasswordHash> {
        #[cfg(test)]
        HASHED.set(HASHED.get() + 1);
        let algorithm = algorithm.map(Algorithm::try_from).transpose()?.unwrap_or_default();
        let version = version.map(Version::try_from).transpose()?.unwrap_or_default();
        let salt = Salt::new(salt)?;
        let mut buffer = [0; Output::MAX_LENGTH];
        let output = buffer
            .get_mut(..params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN))
            .ok_or(password_hash::Error::OutputSize)?;
        let mut memory = Vec::new();
        memory.try_reserve_exact(params.block_count().max(RESERVED)).map_err(|_| password_hash::Error::OutOfMemory)?;
        memory.resize(params.block_count(), Block::new());
        let written = ParamsString::try_from(&params)?;
        Argon2::new(algorithm, version, params).hash_password_into_with_memory(password, &salt, output, &mut memory)?;
        Ok(PasswordHash {
            algorithm: algorithm.ident(),
            version: Some(version.into()),
            params: written,
            salt: Some(salt),
            hash: Some(Output::new(output)?),
        })
    }
}

impl PasswordHasher<PasswordHash> for Argon2id {
    fn hash_password_with_salt(&self, password: &[u8], salt: &[u8]) -> password_hash::Result<PasswordHash> {
        self.hash_password_with_params(password, salt, Params::default())
    }
}

#[cfg(test)]
mod tests {
    use argon2::password_hash::PasswordVerifier;

    use super::*;

    /// THREATS.md line 39: the same hash as the crate's, with its recommended strength.
    #[test]
    fn line_39_a_hash_is_argon2ids_own() {
        let salt = [7; 16];
        let ours = Argon2id.hash_password_with_salt(b"mandate-demo", &salt).expect("a hash");
        let theirs = Argon2::default().hash_password_with_salt(b"mandate-demo", &salt).expect("a hash");
        assert_eq!(ours.to_string(), theirs.to_string());
        assert!(ours.to_string().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{ours}");
        assert_ne!(Argon2id.hash_password(b"mandate-demo").expect("a hash").salt, ours.salt);
    }

    #[test]
    fn a_hash_of_other_parameters_is_compared_by_its_own() {
        let params = Params::new(64, 3, 2, Some(24)).expect("parameters");
        let other = Argon2::new(Algorithm::Argon2i, Version::V0x10, params);
        let hash = other.hash_password(b"mandate-demo").expect("a hash");
        assert_eq!(Argon2id.verify_password(b"mandate-demo", &hash), Ok(()));
        assert_eq!(Argon2id.verify_password(b"mandate-dem0", &hash), Err(password_hash::Error::PasswordInvalid));
    }
}
