//! The process's identity for leases. An agent's folder has a name, which one process at a time holds. A process that
//! starts at once reclaims the leases of its dead predecessors of the same name.
//!
//! The lock shows whether a predecessor is dead: a living process locks the file with the name, and the kernel releases
//! the lock whenever the process ends, even if it was killed. A process that doesn't get the lock uses a new name. Two
//! processes with their own folders on one PostgreSQL have names of their own, too. Leases of such names last until they
//! expire. If this ever goes wrong (a
//! folder copied to another machine), a turn merely restarts too early, and the process that lost it writes nothing.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use foundation::secret;

use crate::store::turn::Lease;

/// The file in the agent's folder that contains its name.
const FILE: &str = "agent.instance";

#[derive(Debug)]
pub(crate) struct Instance {
    /// 32 hexadecimal digits.
    name: String,
    /// The lock, held as long as this process lives. Without it the name is unique to this process.
    lock: Option<File>,
}

impl Instance {
    /// The instance of this folder, or an anonymous one if another process holds the lock.
    pub(crate) fn of(folder: &Path) -> Self {
        match lock(folder) {
            Ok((name, lock)) => Self { name, lock: Some(lock) },
            Err(error) => {
                let file = folder.join(FILE);
                tracing::warn!(
                    "{} can't be locked ({error}): if this process is killed, its turns resume only when their \
                     leases expire",
                    file.display()
                );
                Self { name: secret::id(""), lock: None }
            }
        }
    }

    /// A new lease on a turn.
    pub(crate) fn lease(&self, turn: &str) -> Lease {
        Lease { turn: turn.to_owned(), owner: format!("{}.{}", self.name, secret::id("")) }
    }

    /// The prefix of the owner of every lease taken under this name, including those of predecessors. `None` if the
    /// name is new.
    pub(crate) fn name(&self) -> Option<&str> {
        self.lock.as_ref().map(|_| self.name.as_str())
    }
}

/// Locks the file and reads its name, or writes a new name to it.
fn lock(folder: &Path) -> io::Result<(String, File)> {
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(folder.join(FILE))?;
    file.try_lock()?;
    let mut name = String::new();
    // Non-text content counts as no name.
    let _ = file.read_to_string(&mut name);
    let is_name = name.len() == 32 && name.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    if !is_name {
        name = secret::id("");
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(name.as_bytes())?;
    }
    Ok((name, file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_at_a_time_is_the_instance_of_a_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = Instance::of(folder.path());
        let name = first.name().expect("it holds the lock").to_owned();
        assert!(first.lease("trn_1").owner.starts_with(&format!("{name}.")));
        assert_ne!(first.lease("trn_1").owner, first.lease("trn_1").owner);

        // A second process is anonymous, and doesn't reclaim the first one's leases.
        let beside = Instance::of(folder.path());
        assert_eq!(beside.name(), None);
        assert!(!beside.lease("trn_1").owner.starts_with(&name));

        // After it ends, the next one gets the name.
        drop(first);
        assert_eq!(Instance::of(folder.path()).name(), Some(name.as_str()));

        // Another folder has another name, and so has one with a damaged file.
        let other = tempfile::tempdir().expect("a folder");
        assert_ne!(Instance::of(other.path()).name(), Some(name.as_str()));
        for damaged in [&name[..20], "", &"%".repeat(32)] {
            std::fs::write(folder.path().join(FILE), damaged).expect("it is written");
            let renewed = Instance::of(folder.path());
            assert_ne!(renewed.name(), Some(name.as_str()));
            let kept = renewed.name().expect("it holds the lock").to_owned();
            drop(renewed);
            assert_eq!(Instance::of(folder.path()).name(), Some(kept.as_str()), "after {damaged:?}");
        }
    }

    #[test]
    fn instance_without_lock_file_is_anonymous() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(Instance::of(&folder.path().join("missing")).name(), None);
    }
}
