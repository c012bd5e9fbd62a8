//! The manifest, `target/site/bundle.json`: the file names, and the sizes of the files. The server reads it when it
//! starts, and this tool on its next run.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::profile::Result;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// The bundle's name in `pkg/`, for `.js` and `_bg.wasm`.
    pub bundle: String,
    /// The digest of the pages' sources. A program with another digest refuses to start.
    #[serde(default)]
    pub sources: String,
    /// The hash of everything that the bundle was built from.
    pub input: String,
    pub profile: String,
    /// Each site's style sheet in `style/`.
    pub style: BTreeMap<String, String>,
    /// The hash of each file in `public/`.
    pub public: BTreeMap<String, String>,
    pub sizes: Vec<Size>,
}

/// A file's size in bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Size {
    pub file: String,
    pub plain: u64,
    pub brotli: Option<u64>,
}

impl Size {
    /// Whether the chat page loads it.
    pub(crate) fn is_chat(&self) -> bool {
        self.file.starts_with("pkg/") || self.file.starts_with("style/agent")
    }

    /// In kB of 1,000 bytes, with one decimal.
    pub(crate) fn kilo(bytes: u64) -> String {
        format!("{}.{}", bytes / 1000, bytes % 1000 / 100)
    }

    pub(crate) fn line(&self) -> String {
        let packed = self.brotli.map(|bytes| format!("{:>10} kB Brotli", Self::kilo(bytes))).unwrap_or_default();
        format!("{:<44}{:>10} kB{packed}", self.file, Self::kilo(self.plain))
    }
}

impl Manifest {
    pub(crate) fn read(site: &Path) -> Option<Self> {
        serde_json::from_str(&fs::read_to_string(site.join("bundle.json")).ok()?).ok()
    }

    /// Replaces the file atomically, so that a starting server reads either the old or the new one.
    pub(crate) fn write(&self, site: &Path) -> Result<()> {
        if Self::read(site).as_ref() == Some(self) {
            return Ok(());
        }
        let new = site.join("bundle.json.new");
        fs::write(&new, serde_json::to_string_pretty(self)?)?;
        fs::rename(new, site.join("bundle.json"))?;
        Ok(())
    }

    /// Whether all of the bundle's files exist.
    pub(crate) fn is_whole(&self, site: &Path) -> bool {
        self.sizes.iter().all(|size| {
            site.join(&size.file).exists() && (size.brotli.is_none() || site.join(format!("{}.br", size.file)).exists())
        })
    }

    fn files(&self) -> BTreeSet<String> {
        self.sizes.iter().flat_map(|size| [size.file.clone(), format!("{}.br", size.file)]).collect()
    }
}

/// Removes files of earlier builds, except those of the last one, which a running server may still name.
pub(crate) fn clean_up(site: &Path, now: &Manifest, before: Option<&Manifest>) -> Result<()> {
    let mut keep = now.files();
    keep.extend(before.map(Manifest::files).unwrap_or_default());
    for folder in ["pkg", "style"] {
        for entry in fs::read_dir(site.join(folder))? {
            let entry = entry?;
            let name = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_file() && !keep.contains(&name) {
                fs::remove_file(entry.path())?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(file: &str) -> Manifest {
        Manifest {
            bundle: "b".into(),
            sources: "s".into(),
            input: "i".into(),
            profile: "p".into(),
            style: BTreeMap::new(),
            public: BTreeMap::new(),
            sizes: vec![Size { file: file.into(), plain: 1, brotli: None }],
        }
    }

    #[test]
    fn the_last_two_builds_stay() {
        let site = tempfile::tempdir().expect("a folder");
        for folder in ["pkg", "style"] {
            fs::create_dir(site.path().join(folder)).expect("a folder");
        }
        for name in ["pkg/1.js", "pkg/1.js.br", "pkg/2.js", "pkg/3.js"] {
            fs::write(site.path().join(name), "x").expect("a file");
        }
        clean_up(site.path(), &manifest("pkg/3.js"), Some(&manifest("pkg/2.js"))).expect("cleaned up");
        let there = |name| site.path().join(name).exists();
        assert_eq!(["pkg/1.js", "pkg/1.js.br", "pkg/2.js", "pkg/3.js"].map(there), [false, false, true, true]);
    }

    #[test]
    fn a_file_that_is_missing_is_built_again() {
        let site = tempfile::tempdir().expect("a folder");
        let manifest = manifest("pkg/1.js");
        assert!(!manifest.is_whole(site.path()));
        fs::create_dir(site.path().join("pkg")).expect("a folder");
        fs::write(site.path().join("pkg/1.js"), "x").expect("a file");
        assert!(manifest.is_whole(site.path()));
    }
}
