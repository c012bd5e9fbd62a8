//! The house's rules that Cargo and clippy don't check: which way the arrows go, where SQL may stand, and how files
//! are called (README.md, "How the code is laid out").

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace is there")
}

/// Every Rust file of the workspace with its text, by its path from the workspace.
fn sources() -> BTreeMap<String, String> {
    fn walk(folder: &Path, root: &Path, into: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).expect("a folder of the workspace can be read") {
            let path = entry.expect("its entries too").path();
            if path.is_dir() {
                walk(&path, root, into);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).expect("it is below").to_string_lossy().into_owned();
                into.insert(name, std::fs::read_to_string(&path).expect("Rust is text"));
            }
        }
    }
    let (root, mut sources) = (workspace(), BTreeMap::new());
    for top in ["app", "server"] {
        walk(&root.join(top), &root, &mut sources);
    }
    assert!(sources.len() > 30, "the walk finds the sources: {}", sources.len());
    sources
}

/// A crate's dependencies: name, whether it is optional, and the kind (`dev` and so on; empty for a plain one).
fn dependencies() -> BTreeMap<String, Vec<(String, bool, String)>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(workspace())
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    packages
        .iter()
        .map(|package| {
            let of = package["dependencies"].as_array().expect("dependencies").iter();
            let of = of.map(|on| (text(&on["name"]), on["optional"] == true, text(&on["kind"]))).collect();
            (text(&package["name"]), of)
        })
        .collect()
}

#[test]
fn arrows_go_one_way() {
    let house = ["agent", "app", "base", "broker", "bundle", "drive", "hydrate", "mandate", "tenant", "wire"];
    // Who may know whom: `mandate` → `app` → the three sites → `base` → `wire`.
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("wire", &[][..]),
        ("base", &["wire"]),
        ("agent", &["base", "wire"]),
        ("tenant", &["base", "wire"]),
        ("broker", &["base", "wire"]),
        ("app", &["agent", "base", "broker", "tenant", "wire"]),
        ("hydrate", &["app", "wire"]),
        ("bundle", &[]),
        ("drive", &["base", "wire"]),
        ("mandate", &["agent", "app", "base", "broker", "tenant", "wire"]),
    ]);
    let dependencies = dependencies();
    assert_eq!(dependencies.keys().map(String::as_str).collect::<Vec<_>>(), house, "the crates of the house");
    for (name, of) in &dependencies {
        for (on, _, kind) in of.iter().filter(|(on, ..)| house.contains(&on.as_str())) {
            // Tests may stand on `drive` and on one another; what ships may not.
            if kind != "dev" {
                assert!(allowed[name.as_str()].contains(&on.as_str()), "{name} must not depend on {on}");
            }
        }
        let is_page = matches!(name.as_str(), "app" | "hydrate" | "mandate");
        let leptos = of.iter().any(|(on, ..)| on.starts_with("leptos"));
        assert!(is_page || !leptos, "{name} must know nothing of Leptos");
    }
    let only_types: Vec<_> =
        dependencies["wire"].iter().filter(|(on, _, kind)| kind != "dev" && on != "serde").collect();
    assert!(only_types.iter().all(|(on, ..)| on == "serde_json"), "wire holds types, with serde alone: {only_types:?}");
}

#[test]
fn the_browser_gets_nothing_of_the_server() {
    for (on, optional, kind) in &dependencies()["app"] {
        let server =
            ["agent", "base", "broker", "tenant", "axum", "tokio", "leptos_axum", "sqlx"].contains(&on.as_str());
        if server && kind != "dev" {
            assert!(optional, "app depends on {on} only under its feature ssr");
        }
    }
}

#[test]
fn sql_stands_in_store_alone() {
    for (path, text) in sources() {
        let allowed = path.contains("/store/")
            || path.ends_with("/store.rs")
            || path.starts_with("server/base/")
            || path.starts_with("server/drive/")
            || path.contains("/tests/")
            || path.contains("/tests.rs");
        // A crate's own tests, at the end of a file, may look into tables.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let found = ["sqlx::query", "query_as(", "query_scalar("].iter().find(|call| text.contains(**call));
        assert!(allowed || found.is_none(), "{path}: SQL belongs in store/");
    }
}

#[test]
fn files_are_called_and_begin_as_the_house_does() {
    for (path, text) in sources() {
        assert!(!path.ends_with("/mod.rs"), "{path}: thing.rs stands beside thing/");
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! "), "{path}: its first line says its subject");
    }
}
