//! Code blocks: the language's name, and spans with a class for each kind of word.

use pulldown_cmark::{CodeBlockKind, Event, Tag, TagEnd};

use super::{escape::escape, highlight, language};

/// Maximum length of the code that is highlighted in one text, in bytes. More stays plain, so that no answer blocks its
/// thread: each span costs the sanitiser time (THREATS.md line 47).
const MOST: usize = 24_000;

/// Maximum length of the name of an unknown language.
const NAME: usize = 20;

/// Replaces each code block by its HTML.
pub(super) fn highlighted<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let mut open: Option<(String, String)> = None;
    let mut left = MOST;
    events.flat_map(move |event| match (&mut open, event) {
        (_, Event::Start(Tag::CodeBlock(kind))) => {
            let language = match kind {
                CodeBlockKind::Fenced(info) => info.split([' ', ',', '{']).next().unwrap_or_default().to_owned(),
                CodeBlockKind::Indented => String::new(),
            };
            open = Some((language, String::new()));
            None
        }
        (Some((_, code)), Event::Text(text)) => {
            code.push_str(&text);
            None
        }
        (Some(_), Event::End(TagEnd::CodeBlock)) => {
            let (language, code) = open.take()?;
            Some(Event::Html(block(&language, &code, &mut left).into()))
        }
        (_, other) => Some(other),
    })
}

fn block(word: &str, code: &str, left: &mut usize) -> String {
    let language = language::find(word);
    let name = language.map_or_else(|| name_of(word), |language| language.name);
    let attribute = if name.is_empty() { String::new() } else { format!(" data-language=\"{}\"", escape(name)) };
    let code = match language.filter(|_| code.len() <= *left) {
        Some(language) => {
            *left -= code.len();
            highlight::html(language, code)
        }
        None => escape(code),
    };
    format!("<pre{attribute}><code>{code}</code></pre>\n")
}

/// The word for a language that isn't known here, if it looks like one.
fn name_of(word: &str) -> &str {
    let is_name = word.len() <= NAME && word.chars().all(|c| c.is_ascii_alphanumeric() || "+#-._".contains(c));
    if is_name { word } else { "" }
}

#[cfg(test)]
mod tests {
    use super::{super::html, MOST};

    #[test]
    fn code_names_its_language() {
        assert_eq!(
            html("```rs,ignore\nlet x;\n```"),
            "<pre data-language=\"Rust\"><code><span class=\"hl-k\">let</span> x;\n</code></pre>\n"
        );
        assert_eq!(html("```brainfuck\n+<\n```"), "<pre data-language=\"brainfuck\"><code>+&lt;\n</code></pre>\n");
        assert_eq!(html("```\nlet x;\n```"), "<pre><code>let x;\n</code></pre>\n");
        assert_eq!(html("    let x;\n"), "<pre><code>let x;\n</code></pre>\n");
        for word in ["<b>", "\"onload=x", "a_name_that_is_much_too_long"] {
            assert!(html(&format!("```{word}\nx\n```")).starts_with("<pre><code>"), "{word}");
        }
        // Addresses in code are no links.
        assert!(!html("```sh\ncurl https://a.example\n```").contains("<a "));
    }

    #[test]
    fn line_47_long_code_stays_plain() {
        let code = |length: usize| format!("```rust\n{}```\n", "let x;\n".repeat(length / 7));
        assert!(html(&code(MOST)).contains("hl-k"));
        assert!(!html(&code(MOST + 7)).contains("hl-k"));
        let two = html(&code(MOST / 2).repeat(3));
        assert_eq!(two.matches("hl-k").count(), 2 * (MOST / 2 / 7), "the third is too much");
    }
}
