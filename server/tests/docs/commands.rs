//! The commands of the documents: their settings, options, targets and files exist. A command that is only written down
//! would otherwise go wrong without a test.

use std::collections::BTreeSet;

use super::{after, files, name_at_start, read, workspace};

/// The code of a document: what stands between backticks, and the lines of its blocks.
fn code(text: &str) -> Vec<String> {
    let (mut found, mut is_block) = (Vec::new(), false);
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            is_block = !is_block;
        } else if is_block {
            found.push(line.trim().to_owned());
        } else {
            found.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    found
}

/// The documents that people read, with their code.
fn documents() -> Vec<(String, Vec<String>)> {
    let files = files(&[".md"]).into_iter().filter(|(path, _)| path != "CHANGELOG.md");
    files.map(|(path, text)| (path, code(&text))).collect()
}

/// The words that could be a setting's name.
fn setting_names(text: &str) -> BTreeSet<String> {
    let is_name = |word: &str| {
        word.len() > 4
            && word.starts_with(|c: char| c.is_ascii_uppercase())
            && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    words.filter(|word| is_name(word)).map(str::to_owned).collect()
}

/// The settings of the table in docs/CONFIGURATION.md.
fn settings() -> BTreeSet<String> {
    let text = read("docs/CONFIGURATION.md");
    let rows = text.lines().skip_while(|line| !line.starts_with("| setting |"));
    let rows = rows.take_while(|line| line.starts_with('|'));
    rows.flat_map(|row| setting_names(row.split('|').nth(1).unwrap_or_default())).collect()
}

#[test]
fn settings_of_the_program_and_the_docs_are_the_same() {
    let documented = settings();
    assert!(documented.len() > 40, "the table of settings: {documented:?}");
    let (mut source, mut taken) = (String::new(), BTreeSet::new());
    for (path, text) in files(&[".rs", ".toml"]).iter().filter(|(path, _)| path.starts_with("server/src/")) {
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        if !path.ends_with("/tests.rs") {
            source.push_str(text);
        }
        if path.starts_with("server/src/settings") {
            for call in ["text(", "number(", "kept(", "required("] {
                let names = after(text, call).filter_map(|rest| {
                    let rest = rest.trim_start().trim_start_matches("given").trim_start_matches([',', ' ']);
                    Some(name_at_start(rest.strip_prefix('"')?).to_owned())
                });
                taken.extend(names);
            }
        }
        taken.extend(after(text, "kept:").map(|rest| name_at_start(rest).to_owned()));
    }
    taken.retain(|name| setting_names(name).contains(name));
    assert!(taken.len() > 30, "{taken:?}");
    let missing: Vec<_> = taken.difference(&documented).collect();
    assert!(missing.is_empty(), "settings that docs/CONFIGURATION.md doesn't list: {missing:?}");
    let gone: Vec<_> = documented.iter().filter(|name| !source.contains(name.as_str())).collect();
    assert!(gone.is_empty(), "settings of docs/CONFIGURATION.md that the program doesn't have: {gone:?}");
}

/// Variables in the documents' commands that aren't settings of Mandate.
const OTHERS: [&str; 11] = [
    // Of the tests and scripts.
    "UPDATE_DOCS",
    "LINES",
    "CHROMIUM",
    "TEST",
    // Of the examples.
    "ROOMS_SECRET",
    "AUDIENCE",
    "API_ID",
    "API_SECRET",
    "AUTH0_DOMAIN",
    // Of other programs.
    "NODE_EXTRA_CA_CERTS",
    "RUSTFLAGS",
];

#[test]
fn commands_set_settings_that_exist() {
    let known = settings();
    let mut wrong = Vec::new();
    for (path, code) in documents() {
        for line in &code {
            for (at, _) in line.match_indices('=') {
                let name =
                    line[..at].rsplit(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or_default();
                if setting_names(name).contains(name) && !known.contains(name) && !OTHERS.contains(&name) {
                    wrong.push(format!("{path}: {name} in `{line}`"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "no such setting:\n{}", wrong.join("\n"));
}

#[test]
fn commands_in_documents_exist() {
    let (help, operator) = (read("server/src/words.rs"), read("server/src/operator/arguments.rs"));
    let options: BTreeSet<&str> =
        ["help", "version", "new-config", "json", "site", "all", "yes", "person", "client", "since", "until"].into();
    for option in &options {
        assert!(help.contains(&format!("--{option}")) || operator.contains(&format!("\"{option}\"")), "--{option}");
    }
    let lines = help.lines().filter_map(|line| line.strip_prefix("mandate "));
    let lines: Vec<&str> = lines.filter(|line| !line.starts_with('-')).collect();
    // A word of the help in capitals or brackets stands for any.
    let fits = |(said, word): (&str, &str)| !said.starts_with(|c: char| c.is_ascii_lowercase()) || said == word;
    let exists = |words: &[&str]| lines.iter().any(|line| line.split_whitespace().zip(words.iter().copied()).all(fits));
    for name in after(&operator, "name: \"").map(|rest| &rest[..rest.find('"').unwrap_or_default()]) {
        assert!(exists(&name.split(' ').collect::<Vec<_>>()), "`mandate --help` leaves out {name}");
    }
    let makefile = read("Makefile");
    let mut wrong = Vec::new();
    for (path, code) in documents() {
        for line in &code {
            // `sudo make …`, `X=1 make …` and `/opt/mandate/mandate …` count too; what follows `#` is a comment.
            let words: Vec<&str> = line.split(" #").next().unwrap_or_default().split_whitespace().collect();
            for (at, word) in words.iter().enumerate() {
                let rest = &words[at + 1..];
                let is_start = words[..at].iter().all(|word| word.contains('=') || *word == "sudo");
                if is_start && *word == "make" {
                    let target = rest.first().copied().unwrap_or("help");
                    if !makefile.contains(&format!("\n{target}:")) {
                        wrong.push(format!("{path}: make {target}"));
                    }
                }
                let is_program = word.rsplit('/').next() == Some("mandate") && (is_start || words[..at] == ["cargo"]);
                let named: Vec<&str> = rest
                    .iter()
                    .take_while(|word| word.starts_with(|c: char| c.is_ascii_lowercase()))
                    .take(2)
                    .copied()
                    .collect();
                if is_program && !named.is_empty() {
                    let option = rest
                        .iter()
                        .filter_map(|word| word.strip_prefix("--"))
                        .find(|word| !options.contains(word.split('=').next().unwrap_or(word)));
                    if !exists(&named) || option.is_some() {
                        wrong.push(format!("{path}: {line}"));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "no such command:\n{}", wrong.join("\n"));
}

#[test]
fn paths_in_documents_exist() {
    let folders = [
        "app/",
        "docs/",
        "end2end/",
        "examples/",
        "migrations/",
        "public/",
        "scripts/",
        "server/",
        "style/",
        ".ci/",
        ".cargo/",
    ];
    let mut wrong = Vec::new();
    for (path, code) in documents() {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for line in &code {
            for word in line.split([' ', '=', '"', '(', ')', ',', ';', '|']) {
                // `file.rs:function` is a place in a file.
                let word = word.split(':').next().unwrap_or_default().trim_start_matches("./").trim_end_matches('.');
                let is_path = word != "server/discover"
                    && folders.iter().any(|folder| word.starts_with(folder) && word.len() > folder.len());
                let is_open = word.contains(['*', '{', '…', '<', '$', '>'])
                    || word.contains("node_modules")
                    || word.contains(".venv")
                    || word.contains("/dist")
                    || word.ends_with(".secret");
                let there = |start: &str| workspace().join(start).join(word).exists();
                if is_path && !is_open && !there("") && !there(folder) {
                    wrong.push(format!("{path}: {word}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "no such file:\n{}", wrong.join("\n"));
}
