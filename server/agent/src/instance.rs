//! Which process holds a turn. An agent's folder names it, and one process at a time holds that name: it takes back at
//! once what a process of the same name held that is gone.
//!
//! That one is gone is known from the operating system, not guessed from the time: as long as a process lives it locks
//! the file that holds the name, and the kernel lets go of the lock when the process has ended, however it ended. A
//! process that does not get the lock goes by a name that nobody had before, and so do two processes with folders of
//! their own on one PostgreSQL: what those hold is theirs until their leases end. Should it ever be judged wrongly (a
//! folder copied to another machine), a turn is begun again too early and nothing more: who lost a turn writes nothing.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read, Seek, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use foundation::secret;

use crate::store::turn::Lease;

/// The file in the agent's folder that holds its name.
const FILE: &str = "agent.instance";

#[derive(Debug)]
pub(crate) struct Instance {
    /// 32 hexadecimal digits.
    name: String,
    /// The lock, for as long as this process lives. Without it the name is nobody's but this process's.
    lock: Option<File>,
}

impl Instance {
    /// The instance of this folder, where no other process is it.
    pub(crate) fn of(folder: &Path) -> Self {
        match lock(folder) {
            Ok((name, lock)) => Self { name, lock: Some(lock) },
            Err(error) => {
                let file = folder.join(FILE);
                tracing::warn!(
                    "{} can't be locked ({error}): should this process be killed, its turns go on only when their \
                     leases end",
                    file.display()
                );
                Self { name: secret::id(""), lock: None }
            }
        }
    }

    /// A lease on a turn that this process takes.
    pub(crate) fn lease(&self, turn: &str) -> Lease {
        Lease { turn: turn.to_owned(), owner: format!("{}.{}", self.name, secret::id("")) }
    }

    /// What every lease's owner begins with that a process of this name took, those before this one among them; none
    /// where nobody had it before.
    pub(crate) fn name(&self) -> Option<&str> {
        self.lock.as_ref().map(|_| self.name.as_str())
    }
}

/// Locks the file, and reads its name; a new one where it holds none.
fn lock(folder: &Path) -> io::Result<(String, File)> {
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(folder.join(FILE))?;
    file.try_lock()?;
    let mut name = String::new();
    // What isn't text is no name either.
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

        // Beside it, nobody is it, nor takes what it holds for a dead one's.
        let beside = Instance::of(folder.path());
        assert_eq!(beside.name(), None);
        assert!(!beside.lease("trn_1").owner.starts_with(&name));

        // After it, somebody is.
        drop(first);
        assert_eq!(Instance::of(folder.path()).name(), Some(name.as_str()));

        // Another folder's is another; and so is one whose file was cut short.
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
