//! Reads the repository's own files, for the tests of docs/ and of the house.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Files by their path within the workspace.
pub(crate) type Files = BTreeMap<String, String>;

/// Folders that hold what is built or installed, or data that an earlier version wrote.
const OTHERS: [&str; 8] = ["node_modules", "results", "target", "report", "data", ".git", ".next", ".venv"];

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files with these name endings.
pub(crate) fn files(endings: &[&str]) -> Files {
    fn walk(folder: &str, endings: &[&str], into: &mut Files) {
        for entry in std::fs::read_dir(workspace().join(folder)).expect("a folder of the workspace") {
            let name = entry.expect("its entry").file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if workspace().join(&path).is_dir() {
                if !OTHERS.contains(&name.as_str()) {
                    walk(&path, endings, into);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let text = std::fs::read_to_string(workspace().join(&path));
                into.insert(path.clone(), text.unwrap_or_else(|error| panic!("{path}: {error}")));
            }
        }
    }
    let mut found = Files::new();
    walk("", endings, &mut found);
    found
}
