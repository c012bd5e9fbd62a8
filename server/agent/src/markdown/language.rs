//! The languages that are highlighted, and what each of them looks like.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Code,
    /// Keys with values.
    Data,
    /// Tags with attributes.
    Markup,
    /// Lines that were added or removed.
    Diff,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Language {
    /// For people.
    pub(super) name: &'static str,
    /// The words for it behind the fence, in lower case.
    pub(super) words: &'static str,
    pub(super) kind: Kind,
    pub(super) line_comments: &'static [&'static str],
    /// Their starts and ends.
    pub(super) comments: &'static [(&'static str, &'static str)],
    /// What opens a string, the longer first. Letters before the quote aren't part of its end.
    pub(super) strings: &'static [&'static str],
    /// Whether `'` opens a single character.
    pub(super) has_chars: bool,
    /// Whether `$` begins a variable.
    pub(super) has_variables: bool,
    /// Whether `-` is part of a name.
    pub(super) has_dashes: bool,
    pub(super) ignores_case: bool,
    /// Separated by spaces; in lower case where the case doesn't matter.
    pub(super) keywords: &'static str,
}

const SLASHES: &[&str] = &["//"];
const HASH: &[&str] = &["#"];
const STARS: &[(&str, &str)] = &[("/*", "*/")];
const DOUBLE: &[&str] = &["\""];
const BOTH: &[&str] = &["\"", "'"];
const TRIPLE: &[&str] = &["\"\"\"", "'''", "\"", "'"];

const PLAIN: Language = Language {
    name: "",
    words: "",
    kind: Kind::Code,
    line_comments: &[],
    comments: &[],
    strings: BOTH,
    has_chars: false,
    has_variables: false,
    has_dashes: false,
    ignores_case: false,
    keywords: "",
};

/// A language with the comments of C.
const fn like_c(name: &'static str, words: &'static str, keywords: &'static str) -> Language {
    Language { name, words, keywords, line_comments: SLASHES, comments: STARS, ..PLAIN }
}

/// A language with single characters in `'`.
const fn with_chars(language: Language, strings: &'static [&'static str]) -> Language {
    Language { strings, has_chars: true, ..language }
}

/// A language with comments after `#`.
const fn scripting(name: &'static str, words: &'static str, keywords: &'static str) -> Language {
    Language { name, words, keywords, line_comments: HASH, ..PLAIN }
}

const fn data(name: &'static str, words: &'static str, line_comments: &'static [&'static str]) -> Language {
    Language { name, words, kind: Kind::Data, line_comments, ..PLAIN }
}

const JS: &str = "as async await break case catch class const continue default delete do else export extends finally for from function get if import in instanceof let new of return set static super switch this throw try typeof var void while yield";
const TS: &str = "abstract any as async await boolean break case catch class const continue declare default delete do else enum export extends finally for from function get if implements import in instanceof interface keyof let namespace never new number of private protected public readonly return satisfies set static super switch this throw try type typeof unknown var void while yield";

pub(super) const ALL: &[Language] = &[
    with_chars(
        like_c(
            "Rust",
            "rust rs",
            "Self as async await break const continue crate dyn else enum extern fn for if impl in let loop match mod move mut pub ref return self static struct super trait type unsafe use where while",
        ),
        &["r#\"", "\""],
    ),
    Language {
        strings: TRIPLE,
        ..scripting(
            "Python",
            "python py python3",
            "and as assert async await break case class continue def del elif else except finally for from global if import in is lambda match nonlocal not or pass raise return try while with yield",
        )
    },
    Language { strings: &["`", "\"", "'"], ..like_c("JavaScript", "javascript js jsx mjs cjs node", JS) },
    Language { strings: &["`", "\"", "'"], ..like_c("TypeScript", "typescript ts tsx", TS) },
    Language { strings: DOUBLE, ..data("JSON", "json jsonc json5 jsonl ndjson", SLASHES) },
    data("YAML", "yaml yml", HASH),
    Language { strings: TRIPLE, ..data("TOML", "toml", HASH) },
    data("INI", "ini cfg conf env dotenv properties", &["#", ";"]),
    Language { strings: DOUBLE, ..data("HTTP", "http", &[]) },
    Language {
        has_variables: true,
        ..scripting(
            "Shell",
            "sh shell bash zsh console shellsession terminal",
            "case do done elif else esac export fi for function if in local return then until while",
        )
    },
    Language {
        has_variables: true,
        has_dashes: true,
        ignores_case: true,
        comments: &[("<#", "#>")],
        ..scripting(
            "PowerShell",
            "powershell ps1 pwsh",
            "begin break catch continue do else elseif end finally for foreach function if in param process return switch throw try while",
        )
    },
    Language {
        line_comments: &["--"],
        comments: STARS,
        ignores_case: true,
        ..scripting(
            "SQL",
            "sql sqlite postgres postgresql mysql psql",
            "add all alter and any as asc begin between by cascade case check column commit constraint create cross database default delete desc distinct drop else end except exists foreign from full group having if in index inner insert intersect into is join key left like limit not null offset on or order outer over partition primary references returning right rollback select set table then to transaction union unique update using values view when where with",
        )
    },
    Language { name: "HTML", words: "html xhtml vue svelte", kind: Kind::Markup, ..PLAIN },
    Language { name: "XML", words: "xml svg rss", kind: Kind::Markup, ..PLAIN },
    Language { comments: STARS, has_dashes: true, ..data("CSS", "css scss less", &[]) },
    Language {
        strings: &["`", "\""],
        has_chars: true,
        ..like_c(
            "Go",
            "go golang",
            "break case chan const continue default defer else fallthrough for func go goto if import interface map package range return select struct switch type var",
        )
    },
    with_chars(
        like_c(
            "Java",
            "java",
            "abstract assert boolean break byte case catch char class continue default do double else enum extends final finally float for if implements import instanceof int interface long new package private protected public record return short static super switch synchronized this throw throws try var void while",
        ),
        &["\"\"\"", "\""],
    ),
    with_chars(
        like_c(
            "Kotlin",
            "kotlin kt kts",
            "as break by class companion continue data do else enum fun for if import in interface internal is lateinit object open override package private protected public return sealed super suspend this throw try val var when while",
        ),
        &["\"\"\"", "\""],
    ),
    Language {
        strings: &["\"\"\"", "\""],
        ..like_c(
            "Swift",
            "swift",
            "actor any as associatedtype async await break case catch class continue default defer do else enum extension fallthrough fileprivate for func guard if import in init inout internal is let open private protocol public repeat return self static struct super switch throw throws try typealias var where while",
        )
    },
    with_chars(
        like_c(
            "C",
            "c h",
            "auto bool break case char const continue default do double else enum extern float for goto if inline int long register return short signed sizeof static struct switch typedef union unsigned void volatile while",
        ),
        DOUBLE,
    ),
    with_chars(
        like_c(
            "C++",
            "cpp c++ cc cxx hpp",
            "auto bool break case catch char class const constexpr continue default delete do double else enum explicit extern float for friend if inline int long namespace new noexcept nullptr operator override private protected public return short signed sizeof static struct switch template this throw try typedef typename union unsigned using virtual void while",
        ),
        DOUBLE,
    ),
    with_chars(
        like_c(
            "C#",
            "csharp cs c#",
            "abstract as async await base bool break byte case catch char class const continue decimal default delegate do double else enum event extern finally float for foreach get if in int interface internal is lock long namespace new object out override params private protected public readonly record ref return sealed set short static string struct switch this throw try typeof using var virtual void while yield",
        ),
        &["\"\"\"", "\""],
    ),
    Language {
        has_variables: true,
        line_comments: &["//", "#"],
        ..like_c(
            "PHP",
            "php",
            "abstract and array as break case catch class clone const continue declare default do echo else elseif extends final finally fn for foreach function global if implements instanceof interface match namespace new or private protected public readonly return static switch throw trait try use var while yield",
        )
    },
    scripting(
        "Ruby",
        "ruby rb",
        "alias and begin break case class def do else elsif end ensure for if in module next not or redo rescue retry return self super then undef unless until when while yield",
    ),
    Language {
        line_comments: &["--"],
        ..scripting(
            "Lua",
            "lua",
            "and break do else elseif end for function goto if in local not or repeat return then until while",
        )
    },
    Language {
        ignores_case: true,
        ..scripting(
            "Dockerfile",
            "dockerfile docker containerfile",
            "add arg as cmd copy entrypoint env expose from healthcheck label run shell stopsignal user volume workdir",
        )
    },
    Language {
        has_variables: true,
        ..scripting("Makefile", "makefile make", "define else endef endif ifdef ifeq ifndef ifneq include")
    },
    Language { comments: STARS, ..data("Terraform", "terraform tf hcl", HASH) },
    Language {
        strings: &["\"\"\"", "\""],
        has_variables: true,
        ..scripting(
            "GraphQL",
            "graphql gql",
            "directive enum extend fragment implements input interface mutation on query scalar schema subscription type union",
        )
    },
    like_c(
        "Protocol Buffers",
        "protobuf proto",
        "bool bytes double enum float import int32 int64 map message oneof option optional package repeated reserved returns rpc service string syntax uint32 uint64",
    ),
    Language { name: "Diff", words: "diff patch", kind: Kind::Diff, ..PLAIN },
];

/// The language for the word behind a fence.
pub(super) fn find(word: &str) -> Option<&'static Language> {
    let word = word.to_ascii_lowercase();
    ALL.iter().find(|language| language.words.split(' ').any(|known| known == word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_means_one_language() {
        let mut words: Vec<&str> = ALL.iter().flat_map(|language| language.words.split(' ')).collect();
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
        assert!(!words.contains(&""));
        assert_eq!(find("RS").map(|language| language.name), Some("Rust"));
        assert!(find("").is_none() && find("klingon").is_none());
    }
}
