//! Writes the style sheets and the files of `public/`.

use std::{collections::BTreeMap, fs, path::Path};

use crate::{
    files::Files,
    manifest::Size,
    profile::{Profile, Result},
    sources::hash,
    wasm::without_comments,
};

/// The sheets: one for each site, and one that some pages load beside it.
const SHEETS: [&str; 4] = ["agent", "identity", "broker", "guide"];

/// Writes the sheets, with their imports inlined. Returns each one's file name.
pub(crate) fn write(from: &Path, files: &Files, sizes: &mut Vec<Size>) -> Result<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    for site in SHEETS {
        let mut sheet = String::new();
        put(from, &format!("{site}.css"), &mut sheet)?;
        let name = format!("{site}-{}.css", hash(&[sheet.as_bytes()]));
        sizes.push(files.write(&format!("style/{name}"), sheet.as_bytes())?);
        names.insert(site.to_owned(), name);
    }
    Ok(names)
}

/// Appends a file to the sheet, after the files that it imports. All names are relative to `style/`.
fn put(from: &Path, name: &str, sheet: &mut String) -> Result<()> {
    let path = from.join(name);
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    for line in compact(&text).lines() {
        match line.strip_prefix("@import \"").and_then(|rest| rest.strip_suffix("\";")) {
            Some(imported) => put(from, imported, sheet)?,
            None => {
                sheet.push_str(line);
                sheet.push('\n');
            }
        }
    }
    Ok(())
}

/// Copies `public/`, in releases without scripts' comments. Returns each file's hash.
pub(crate) fn copy(from: &Path, profile: Profile, files: &Files) -> Result<BTreeMap<String, String>> {
    let mut hashes = BTreeMap::new();
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let content = match fs::read_to_string(entry.path()) {
                Ok(script) if profile == Profile::Release && name.ends_with(".js") => without_comments(&script).into(),
                Ok(text) => text.into_bytes(),
                Err(_) => fs::read(entry.path())?,
            };
            files.write(&format!("public/{name}"), &content)?;
            hashes.insert(name, hash(&[&content]));
        }
    }
    Ok(hashes)
}

/// Drops comments and indentation, and keeps the rules.
fn compact(css: &str) -> String {
    let mut rest = css;
    let mut plain = String::with_capacity(css.len());
    while let Some((before, comment)) = rest.split_once("/*") {
        plain += before;
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    plain += rest;
    plain.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_indentation_go_and_rules_stay() {
        let css = "/* what\n it is */\n:root {\n  --a: 1px; /* so */\n\n}\n.b::before { content: \"a  b\"; }\n";
        assert_eq!(compact(css), ":root {\n--a: 1px;\n}\n.b::before { content: \"a  b\"; }");
    }

    #[test]
    fn style_sheet_is_inlined_and_named_by_its_content() {
        let from = tempfile::tempdir().expect("a folder");
        let to = tempfile::tempdir().expect("a folder");
        let put = |name: &str, text: &str| fs::write(from.path().join(name), text).expect("a file");
        put("tokens.css", "/* all */ .t{}");
        put("chat.css", ".a{}");
        put("guide.css", "");
        put("agent.css", "/* how */\n@import \"tokens.css\";\n@import \"parts.css\";\n");
        put("parts.css", "@import \"chat.css\";\n");
        put("identity.css", "@import \"tokens.css\";");
        put("broker.css", "@import \"tokens.css\";\n.b{}");
        let files = Files::new(to.path().into(), false);
        let first = write(from.path(), &files, &mut Vec::new()).expect("written");
        let sheet = |site: &str| fs::read_to_string(to.path().join("style").join(&first[site])).expect("a sheet");
        assert_eq!([sheet("agent"), sheet("broker")], [".t{}\n.a{}\n", ".t{}\n.b{}\n"]);
        put("chat.css", ".z{}");
        let second = write(from.path(), &files, &mut Vec::new()).expect("written");
        assert_ne!(first["agent"], second["agent"]);
        assert_eq!(first["broker"], second["broker"]);
        fs::remove_file(from.path().join("chat.css")).expect("removed");
        let error = write(from.path(), &files, &mut Vec::new()).expect_err("nothing to import").to_string();
        assert!(error.contains("chat.css"), "{error}");
    }
}
