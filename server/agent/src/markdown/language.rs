//! The highlighted languages: synoptic's extension for each, its name for people, and the words for it after a fence.

#[derive(Debug)]
pub(super) struct Language {
    pub(super) extension: &'static str,
    pub(super) name: &'static str,
    /// In lower case.
    words: &'static [&'static str],
}

const fn language(extension: &'static str, name: &'static str, words: &'static [&'static str]) -> Language {
    Language { extension, name, words }
}

pub(super) const ALL: &[Language] = &[
    language("c", "C", &["c", "h"]),
    language("cpp", "C++", &["cpp", "c++", "cc", "cxx", "hpp"]),
    language("cs", "C#", &["cs", "csharp", "c#"]),
    language("css", "CSS", &["css", "scss", "less"]),
    language("dart", "Dart", &["dart"]),
    language("diff", "Diff", &["diff", "patch"]),
    language("go", "Go", &["go", "golang"]),
    language("html", "HTML", &["html", "htm", "xhtml", "vue", "svelte"]),
    language("java", "Java", &["java"]),
    language("js", "JavaScript", &["javascript", "js", "jsx", "mjs", "cjs", "node"]),
    language("json", "JSON", &["json", "jsonc", "json5", "jsonl", "ndjson"]),
    language("kt", "Kotlin", &["kotlin", "kt"]),
    language("lua", "Lua", &["lua"]),
    language("php", "PHP", &["php"]),
    language("py", "Python", &["python", "py", "python3"]),
    language("r", "R", &["r"]),
    language("rb", "Ruby", &["ruby", "rb"]),
    language("rs", "Rust", &["rust", "rs"]),
    language("scala", "Scala", &["scala"]),
    language("sh", "Shell", &["sh", "bash", "zsh", "shell", "console"]),
    language("sql", "SQL", &["sql", "postgres", "postgresql", "sqlite", "mysql"]),
    language("swift", "Swift", &["swift"]),
    language("toml", "TOML", &["toml"]),
    language("ts", "TypeScript", &["typescript", "ts", "tsx"]),
    language("xml", "XML", &["xml", "svg", "rss"]),
    language("yaml", "YAML", &["yaml", "yml"]),
];

/// The language for the word after a fence.
pub(super) fn find(word: &str) -> Option<&'static Language> {
    let word = word.to_ascii_lowercase();
    ALL.iter().find(|language| language.words.contains(&&*word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_means_one_language() {
        let mut words: Vec<&str> = ALL.iter().flat_map(|language| language.words).copied().collect();
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
        assert!(ALL.iter().all(|language| synoptic::from_extension(language.extension, 1).is_some()));
        assert_eq!(find("RS").map(|language| language.name), Some("Rust"));
        assert!(find("").is_none() && find("klingon").is_none());
    }
}
