//! docs/ and code agree: THREATS.md lists the tests of each line, the walks name functions that exist, and everything
//! that code and documents cite exists. `UPDATE_DOCS=1` rewrites the lists of tests.

#[path = "docs/commands.rs"]
mod commands;
#[path = "docs/files.rs"]
mod files;

use std::collections::{BTreeMap, BTreeSet};

use files::{files, workspace};

fn read(path: &str) -> String {
    std::fs::read_to_string(workspace().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The text after each occurrence of these words.
fn after<'a>(text: &'a str, words: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(words).map(|(at, found)| &text[at + found.len()..])
}

fn name_at_start(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

/// The number at the start of a text.
fn number(text: &str) -> Option<usize> {
    text[..text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len())].parse().ok()
}

/// Joins comment lines without their markers, so that a citation may span two lines.
fn joined(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim_start_matches([' ', '/', '!', '#', '-', '*']).trim_end());
    lines.collect::<Vec<_>>().join(" ")
}

/// The tests of each line of THREATS.md, as file and name, by the line's number.
fn tests_of_lines() -> BTreeMap<usize, BTreeSet<(String, String)>> {
    let mut functions: Vec<(String, String)> = Vec::new();
    let mut tests: BTreeMap<usize, BTreeSet<(String, String)>> = BTreeMap::new();
    for (path, text) in files(&[".rs"]) {
        for rest in after(&text, "fn ") {
            functions.push((name_at_start(rest).to_owned(), path.clone()));
        }
    }
    for (name, path) in &functions {
        for number in numbers(name) {
            tests.entry(number).or_default().insert((path.clone(), name.clone()));
        }
    }
    for (path, text) in files(&[".spec.ts"]) {
        for rest in after(&text, "('line ") {
            let title = &rest[..rest.find('\'').unwrap_or_default()];
            let number = number(title).unwrap_or_else(|| panic!("{path}: no number: line {title}"));
            tests.entry(number).or_default().insert((path.clone(), format!("line {title}")));
        }
    }
    // A patch may name the common beginning of several tests.
    for (path, text) in files(&[".patch"]) {
        let head = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
        let (line, test) = (head("Line: "), head("Test: "));
        let found: Vec<_> = functions.iter().filter(|(name, _)| name.starts_with(&test)).collect();
        assert!(!test.is_empty() && !found.is_empty(), "{path}: there is no test {test}");
        let line = number(&line).unwrap_or_else(|| panic!("{path}: no number: {line}"));
        let unnumbered = found.iter().find(|(name, _)| !numbers(name).contains(&line));
        assert!(unnumbered.is_none(), "{path}: the name of its test begins with line_{line}_: {unnumbered:?}");
    }
    tests
}

/// The lines of THREATS.md that a test's name begins with, as in `line_9_11_login_renews_the_session`.
fn numbers(test: &str) -> Vec<usize> {
    let rest = test.strip_prefix("line_").unwrap_or_default();
    rest.split('_').map_while(|part| part.parse().ok()).collect()
}

/// The names of a file's tests: functions in Rust, titles in TypeScript.
fn test_names<'a>(path: &str, text: &'a str) -> Vec<&'a str> {
    if path.ends_with(".rs") {
        // The attributes and comments between `#[test]` and its function hold no `fn `.
        let tests = ["#[test]", "#[tokio::test"].into_iter().flat_map(|attribute| after(text, attribute));
        return tests.filter_map(|rest| after(rest, "fn ").next()).map(name_at_start).collect();
    }
    let titles = after(text, "test(").filter_map(|rest| {
        let quoted = rest.trim_start();
        let quote = quoted.chars().next().filter(|first| ['\'', '"', '`'].contains(first))?;
        quoted[1..].split(quote).next()
    });
    titles.collect()
}

#[test]
fn test_names_are_under_sixty_letters() {
    let (mut long, mut seen) = (Vec::new(), 0);
    for (path, text) in files(&[".rs", ".spec.ts"]) {
        for name in test_names(&path, &text) {
            seen += 1;
            if name.chars().count() >= 60 {
                long.push(format!("{path}: {name}"));
            }
        }
    }
    assert!(seen > 1_000, "the tests are found: {seen}");
    assert!(long.is_empty(), "a name says in under 60 letters what is expected when:\n{}", long.join("\n"));
}

/// The number of a line of THREATS.md.
fn line_number(line: &str) -> Option<usize> {
    number(line).filter(|number| line.starts_with(&format!("{number}. ")))
}

#[test]
fn each_threat_lists_its_tests() {
    let (mut tests, path, mut text) = (tests_of_lines(), "docs/THREATS.md", String::new());
    let old = read(path);
    let mut expected = 1;
    for line in old.lines().filter(|line| !line.starts_with("    - `")) {
        text.push_str(line);
        text.push('\n');
        let Some(number) = line_number(line) else { continue };
        assert_eq!(number, expected, "the numbers never change");
        expected += 1;
        let found = tests.remove(&number).unwrap_or_default();
        let without = line.contains("*Waits for ") || line.contains("*No test of its own");
        assert_eq!(found.is_empty(), without, "line {number} has tests, or says that it has none: {line}");
        let mut by_file: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (path, name) in found {
            by_file.entry(path).or_default().push(format!("`{name}`"));
        }
        let files: Vec<_> = by_file.iter().map(|(path, names)| format!("`{path}`: {}", names.join(", "))).collect();
        if !files.is_empty() {
            text.push_str(&format!("    - {}\n", files.join("; ")));
        }
    }
    assert!(tests.is_empty(), "tests of lines that aren't there: {tests:?}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(workspace().join(path), &text).expect("the file can be written");
    } else {
        let differing = text.lines().zip(old.lines()).find(|(new, old)| new != old);
        assert!(text == old, "UPDATE_DOCS=1 cargo test -p mandate --test docs brings it up to date: {differing:?}");
    }
}

/// The headings of a document, without their markers.
fn headings(path: &str) -> Vec<String> {
    let text = read(path);
    let lines = text.lines().filter(|line| line.starts_with('#'));
    lines.map(|line| line.trim_start_matches('#').trim().to_owned()).collect()
}

/// The anchor that GitHub makes for a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c));
    kept.map(|c| if c == ' ' { '-' } else { c.to_ascii_lowercase() }).collect()
}

#[test]
fn what_the_code_cites_exists() {
    let threats = read("docs/THREATS.md").lines().filter_map(line_number).max().unwrap_or_default();
    assert!(threats >= 70, "the numbers never change: {threats}");
    let (wire, protocol) = (headings("docs/WIRE.md"), headings("docs/PROTOCOL.md"));
    let mut wrong = Vec::new();
    for (path, text) in files(&[".rs", ".ts", ".js", ".sql", ".css", "run", "test", "check", "prove", ".md"]) {
        if path.ends_with("tests/docs.rs") {
            continue;
        }
        let text = joined(&text);
        for name in ["THREATS.md line ", "THREATS.md lines ", "THREATS.md, line ", "THREATS.md, lines "] {
            for rest in after(&text, name) {
                let cited = rest.split([',', ' ']).map_while(|word| match word {
                    "" | "and" | "to" => Some(None),
                    word => number(word).map(Some),
                });
                let cited: Vec<usize> = cited.flatten().collect();
                if cited.is_empty() || cited.iter().any(|number| !(1..=threats).contains(number)) {
                    wrong.push(format!("{path}: {name}{}", rest.chars().take(20).collect::<String>()));
                }
            }
        }
        for rest in after(&text, "WIRE.md §") {
            let number = number(rest).map(|number| format!("{number}. "));
            if !number.is_some_and(|number| wire.iter().any(|heading| heading.starts_with(&number))) {
                wrong.push(format!("{path}: WIRE.md §{}", rest.chars().take(20).collect::<String>()));
            }
        }
        for rest in after(&text, "PROTOCOL.md, \"") {
            let heading = &rest[..rest.find('"').unwrap_or_default()];
            if !protocol.iter().any(|known| known == heading) {
                wrong.push(format!("{path}: PROTOCOL.md, \"{heading}\""));
            }
        }
        for rest in after(&text, "PROTOCOL.md, step ") {
            if !number(rest).is_some_and(|step| (1..=10).contains(&step)) {
                wrong.push(format!("{path}: PROTOCOL.md, step {}", rest.chars().take(20).collect::<String>()));
            }
        }
        // Documents that the text mentions.
        for (at, _) in text.match_indices(".md") {
            let start =
                text[..at].rfind(|c: char| !c.is_ascii_uppercase() && c != '_' && c != '-').map_or(0, |at| at + 1);
            let name = text[start..at].trim_start_matches('-');
            let exists = |folder: &str| workspace().join(format!("{folder}{name}.md")).exists();
            if name.len() > 2 && !exists("") && !exists("docs/") {
                wrong.push(format!("{path}: {name}.md"));
            }
        }
    }
    assert!(wrong.is_empty(), "cited, but not there:\n{}", wrong.join("\n"));
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut wrong = Vec::new();
    for (path, text) in files(&[".md"]) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let targets = after(&text, "](").map(|rest| &rest[..rest.find(')').unwrap_or_default()]);
        let images = after(&text, "src=\"").map(|rest| &rest[..rest.find('"').unwrap_or_default()]);
        for target in targets.chain(images).filter(|target| !target.contains("://")) {
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let file = if file.is_empty() { path.clone() } else { format!("{folder}/{file}") };
            let file = file.trim_start_matches('/').to_owned();
            let there = workspace().join(&file).exists()
                && (heading.is_empty() || headings(&file).iter().any(|known| anchor(known) == heading));
            if !there {
                wrong.push(format!("{path}: {target}"));
            }
        }
    }
    assert!(wrong.is_empty(), "links that lead nowhere:\n{}", wrong.join("\n"));
}

/// A walk is a list under its own heading: `file:function`, in reading order.
#[test]
fn walks_name_functions_that_exist() {
    let text = read("docs/ARCHITECTURE.md");
    let mut walk = String::new();
    let (mut walks, mut rooms): (BTreeMap<String, usize>, Vec<String>) = Default::default();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix('#') {
            walk = heading.trim_start_matches('#').trim().to_owned();
            rooms.clear();
        }
        if !walk.starts_with("Walk: ") {
            continue;
        }
        for (file, function) in line.split('`').skip(1).step_by(2).filter_map(|step| step.split_once(".rs:")) {
            let file = format!("{file}.rs");
            let source = read(&file);
            let found = after(&source, "fn ").any(|rest| name_at_start(rest) == function);
            assert!(found, "{walk}: {file} has no function {function}");
            if rooms.last() != Some(&file) {
                assert!(!rooms.contains(&file), "{walk} enters {file} twice");
                rooms.push(file);
            }
            *walks.entry(walk.clone()).or_default() = rooms.len();
        }
    }
    assert_eq!(walks.len(), 4, "the walks of a message, a login, an order and an MCP call: {walks:?}");
}
