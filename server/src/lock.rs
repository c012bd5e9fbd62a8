//! Only one `mandate serve` at a time uses a `DATA_DIR`: it locks a file there that names the process. The kernel
//! releases the lock when the process ends, however it ends.

use std::{
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io::{Read, Seek, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::Path,
};

use foundation::{clock::Clock, time};

const FILE: &str = "serve.lock";

#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error(
        "{folder} is in use by another mandate ({holder}). Stop that one first, or give this one a DATA_DIR of its own"
    )]
    Held { folder: String, holder: String },
    #[error("{0} can't be locked: {1}")]
    File(String, std::io::Error),
}

/// Holds the lock while the returned file is open. `what` names this process for messages.
///
/// # Errors
/// If another process holds it, or the file can't be written.
pub fn hold(folder: &Path, what: &str) -> Result<File, LockError> {
    let path = folder.join(FILE);
    let fail = |error| LockError::File(path.display().to_string(), error);
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(fail)?;
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path).map_err(fail)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.take(200).read_to_string(&mut holder);
            let holder =
                if holder.trim().is_empty() { "it doesn't say which".into() } else { holder.trim().to_owned() };
            return Err(LockError::Held { folder: folder.display().to_string(), holder });
        }
        Err(TryLockError::Error(error)) => return Err(fail(error)),
    }
    let since = time::iso(Clock::system().now());
    let text = format!("process {}, {what}, since {since}\n", std::process::id());
    file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(text.as_bytes())).map_err(fail)?;
    Ok(file)
}
