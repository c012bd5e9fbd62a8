//! Rules of the workspace that Cargo and clippy don't check: the direction of dependencies, the place of SQL, the names
//! of files (docs/ARCHITECTURE.md), and the documentation of settings.

#[path = "docs/files.rs"]
mod files;

use std::{
    collections::{BTreeMap, BTreeSet},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::Command,
};

use files::{Files, files, workspace};
use serde_json::Value;

/// Every Rust file.
fn sources() -> Files {
    let sources = files(&[".rs"]);
    assert!(sources.len() > 300, "the walk finds the sources: {}", sources.len());
    sources
}

/// The languages of the sources, by name endings, with what begins a comment.
const LANGUAGES: [(&str, &[&str]); 9] = [
    (".rs", &["//! "]),
    (".css", &["/* "]),
    (".js", &["// ", "/* "]),
    (".mjs", &["// ", "/* "]),
    (".ts", &["// ", "/* "]),
    (".tsx", &["// ", "/* "]),
    (".py", &["# ", "\"\"\""]),
    (".sh", &["# "]),
    (".sql", &["-- "]),
];

/// A crate's dependencies: name, whether optional, and kind (`dev` etc.; empty for a normal one).
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
    let house = [
        "agent",
        "app",
        "broker",
        "bundle",
        "details",
        "driver",
        "foundation",
        "hydrate",
        "identity",
        "mandate",
        "rehearsal",
        "shared",
        "world",
    ];
    // The allowed dependencies: `mandate` → `app` → the three sites → `foundation` → `shared`. The agent may also use
    // `rehearsal`.
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("shared", &[][..]),
        ("details", &[]),
        ("foundation", &["shared"]),
        ("rehearsal", &["foundation", "shared"]),
        ("agent", &["details", "foundation", "rehearsal", "shared"]),
        ("identity", &["details", "foundation", "shared"]),
        ("broker", &["foundation", "shared"]),
        ("app", &["agent", "foundation", "broker", "identity", "shared"]),
        ("hydrate", &["app", "shared"]),
        ("bundle", &[]),
        ("driver", &["foundation", "shared"]),
        ("world", &["agent", "broker", "driver", "foundation", "identity", "mandate"]),
        ("mandate", &["agent", "app", "details", "foundation", "broker", "identity", "shared"]),
    ]);
    let dependencies = dependencies();
    assert_eq!(dependencies.keys().map(String::as_str).collect::<Vec<_>>(), house, "the crates of the house");
    for (name, of) in &dependencies {
        for (on, _, kind) in of.iter().filter(|(on, ..)| house.contains(&on.as_str())) {
            // Tests may depend on `driver` and on each other. Shipped crates may not.
            if kind != "dev" {
                assert!(allowed[name.as_str()].contains(&on.as_str()), "{name} must not depend on {on}");
            }
        }
        let is_page = matches!(name.as_str(), "app" | "hydrate" | "mandate");
        let leptos = of.iter().any(|(on, ..)| on.starts_with("leptos"));
        assert!(is_page || !leptos, "{name} must know nothing of Leptos");
    }
    let only_types: Vec<_> =
        dependencies["shared"].iter().filter(|(on, _, kind)| kind != "dev" && on != "serde").collect();
    // The browser's build has no optional dependency, which describes the types to programs.
    let is_allowed = |(on, optional, _): &&(String, bool, String)| on == "serde_json" || (on == "utoipa" && *optional);
    assert!(only_types.iter().all(is_allowed), "shared holds types, with serde alone: {only_types:?}");
}

#[test]
fn the_browser_gets_nothing_of_the_server() {
    for (on, optional, kind) in &dependencies()["app"] {
        let server = ["agent", "foundation", "broker", "identity", "rehearsal", "axum", "tokio", "leptos_axum", "sqlx"]
            .contains(&on.as_str());
        if server && kind != "dev" {
            assert!(optional, "app depends on {on} only under its feature ssr");
        }
    }
}

#[test]
fn sql_is_only_in_store() {
    for (path, text) in sources() {
        let allowed = path.contains("/store/")
            || path.ends_with("/store.rs")
            // Opens, copies and checks whole databases.
            || path == "server/foundation/src/db.rs"
            || path.contains("/tests/")
            || path.contains("/tests.rs");
        // A crate's own tests, at the end of a file, may query tables.
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        let found = ["sqlx::query", "query_as(", "query_scalar("].iter().find(|call| text.contains(**call));
        assert!(allowed || found.is_none(), "{path}: SQL belongs in store/");
    }
}

/// The APIs of examples/ and of the browser tests are configuration alone.
#[test]
fn no_code_names_what_is_configured() {
    let words = ["booking", "orchard", "watering", "fieldgate", "field gate", "gardener", "moisture"];
    for (path, text) in sources() {
        let is_code = (path.starts_with("server/") || path.starts_with("app/"))
            && path.contains("/src/")
            && !path.ends_with("/tests.rs");
        let text = text.to_lowercase();
        let named = words.iter().find(|word| is_code && text.contains(**word));
        assert!(named.is_none(), "{path} names {named:?}");
    }
}

#[test]
fn files_are_named_by_their_subject_and_say_it() {
    for (path, text) in files(&LANGUAGES.map(|(ending, _)| ending)) {
        assert!(!path.ends_with("/mod.rs"), "{path}: thing.rs stands beside thing/");
        let first = text.lines().find(|line| !line.starts_with("#!")).unwrap_or_default();
        let comments = LANGUAGES.iter().find(|(ending, _)| path.ends_with(ending)).map_or(&[][..], |(_, all)| all);
        let is_subject = comments.iter().any(|comment| first.starts_with(comment));
        assert!(is_subject, "{path}: its first line says its subject");
    }
}

#[test]
fn no_file_has_over_400_lines() {
    let endings: Vec<_> = LANGUAGES.iter().map(|(ending, _)| *ending).chain([".md"]).collect();
    for (path, text) in files(&endings) {
        let lines = text.lines().count();
        assert!(lines <= 400, "{path} has {lines} lines: look for its second subject");
    }
}

/// An outdated Rust is reported, with what to do, before anything is built.
#[test]
fn scripts_name_a_rust_that_is_too_old() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("old-rust");
    std::fs::create_dir_all(&folder).expect("a folder");
    let need_rust = |version: &str| {
        let rustc = folder.join("rustc");
        std::fs::write(&rustc, format!("#!/bin/sh\necho 'rustc {version} (00000000 2026-01-01)'\n")).expect("a script");
        std::fs::set_permissions(&rustc, PermissionsExt::from_mode(0o755)).expect("it can be run");
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
        Command::new("bash")
            .args(["-c", ". scripts/lib.sh; need_rust"])
            .current_dir(workspace())
            .env("PATH", path)
            .output()
            .expect("bash runs")
    };
    let needed = env!("CARGO_PKG_RUST_VERSION");
    for old in ["1.80.0", "1.9.1", "0.99.0"] {
        let output = need_rust(old);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success(), "{old} is too old");
        for part in [needed, &old[..old.len() - 2], "rustup update stable"] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
    for fine in [&format!("{needed}.0"), "1.100.0", "2.0.1-nightly"] {
        let output = need_rust(fine);
        assert!(output.status.success(), "{fine}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

/// Every setting that the program reads is in the table of docs/CONFIGURATION.md.
#[test]
fn every_setting_is_documented() {
    let table = std::fs::read_to_string(workspace().join("docs/CONFIGURATION.md")).expect("the table can be read");
    let mut settings = BTreeSet::new();
    for (path, text) in sources() {
        if !path.starts_with("server/src/") {
            continue;
        }
        for part in text.split('"').skip(1).step_by(2) {
            let ours = part.len() > 4 && part.contains('_') && !part.starts_with("CARGO_");
            if ours && part.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') {
                settings.insert(part.to_owned());
            }
        }
    }
    assert!(settings.len() > 15, "settings are found: {settings:?}");
    for setting in settings {
        assert!(table.contains(&format!("`{setting}`")), "{setting} is missing in docs/CONFIGURATION.md");
    }
}
