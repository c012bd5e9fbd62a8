//! Secrets: those that the program keeps, and those that must not appear in its logs.

use std::{
    fs::{File, OpenOptions},
    io::Write,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::Value;

use crate::outcome::Outcome;

/// A record of the secrets that must not appear in a log, next to the logs.
#[derive(Clone, Debug, Default)]
pub struct Secrets(Arc<Mutex<Option<File>>>);

impl Secrets {
    /// # Errors
    /// When the file can't be created.
    pub fn in_file(path: &Path) -> Outcome<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self(Arc::new(Mutex::new(Some(file)))))
    }

    /// Records a secret. Short ones are skipped, since they would match by chance.
    pub fn keep(&self, secret: &str) {
        if secret.len() < 12 || secret.contains('\n') {
            return;
        }
        if let Some(file) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            let _ = writeln!(file, "{secret}");
        }
    }
}

/// A shared secret from the program's `DATA_DIR`.
///
/// # Errors
/// When it is missing.
pub fn kept_secret(data_dir: &Path, name: &str) -> Outcome<String> {
    let path = data_dir.join("secrets.json");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let known: Value = serde_json::from_str(&text)?;
    known[name].as_str().map(str::to_owned).ok_or_else(|| format!("{} has no {name}", path.display()).into())
}
