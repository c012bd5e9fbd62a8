//! Writes the documents of the pages' states to `target/states`, for the browser tests.

use std::{fs, path::Path};

use foundation::lang::Lang;
use serde_json::json;

/// Replaces the documents of these sites in a language: name, Content-Security-Policy (none: the one that the site's
/// guard adds), and HTML.
pub(crate) fn keep(sites: &str, lang: Lang, pages: impl Iterator<Item = (String, Option<String>, String)>) {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/states");
    let folder = target.join(sites).join(lang.tag());
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    for (name, policy, html) in pages {
        let policy = policy.unwrap_or_else(|| foundation::guard::PAGE_POLICY.into());
        let document = json!({ "policy": policy, "html": html }).to_string();
        fs::write(folder.join(format!("{name}.json")), document).expect("a file");
    }
}
