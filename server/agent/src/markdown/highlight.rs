//! Code with a span around each word, string, comment and number that synoptic finds.

use synoptic::TokOpt;

use super::{escape::escape, language::Language};

/// The code as HTML, with a span around each token that has a class. The text is unchanged.
pub(super) fn html(language: &Language, code: &str) -> String {
    // A tab counts as one character, so that tokens are found again in the text, since synoptic replaces tabs.
    let Some(mut found) = synoptic::from_extension(language.extension, 1) else { return escape(code) };
    let lines: Vec<String> = code.split('\n').map(str::to_owned).collect();
    found.run(&lines);
    let mut html = String::with_capacity(code.len() * 2);
    for (number, line) in lines.iter().enumerate() {
        if number > 0 {
            html.push('\n');
        }
        let mut rest = line.as_str();
        for token in found.line(number, line) {
            let (token, class) = match &token {
                TokOpt::Some(token, kind) => (token, class(kind)),
                TokOpt::None(token) => (token, None),
            };
            let length = rest.char_indices().nth(token.chars().count()).map_or(rest.len(), |(length, _)| length);
            let text = escape(&rest[..length]);
            rest = &rest[length..];
            match class {
                Some(class) => html += &format!("<span class=\"hl-{class}\">{text}</span>"),
                None => html += &text,
            }
        }
    }
    html
}

/// The class for what synoptic calls a token, as in `style/chat.css`.
fn class(kind: &str) -> Option<char> {
    match kind {
        "keyword" | "tag" | "boolean" => Some('k'),
        "string" => Some('s'),
        "comment" => Some('c'),
        "digit" => Some('n'),
        "function" | "macro" | "attribute" | "key" | "table" | "struct" | "namespace" | "header" => Some('f'),
        "insertion" => Some('a'),
        "deletion" => Some('d'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::language, html};

    /// The code with its classes in short: `‹k:let› x`.
    fn marked(word: &str, code: &str) -> String {
        let html = html(language::find(word).expect("a known language"), code);
        let html = html.replace("<span class=\"hl-", "‹").replace("</span>", "›").replace("\">", ":");
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")]
            .iter()
            .fold(html, |html, (a, b)| html.replace(a, b))
    }

    #[test]
    fn each_language_marks_its_own_words() {
        for (word, code, expected) in [
            ("rust", "fn a() {\n\tb(\"c\", 1) // d", "‹k:fn› ‹f:a›() {\n\t‹f:b›(‹s:\"c\"›, ‹n:1›) ‹c:// d›"),
            ("python", "x = \"\"\"a\nb\"\"\"  # c", "x = ‹s:\"\"\"a›\n‹s:b\"\"\"›  ‹c:# c›"),
            ("json", "{\"a b\": [1.5, true]}", "{‹s:\"a b\"›: [‹n:1.5›, ‹k:true›]}"),
            ("toml", "[a]\nb = \"c\" # d", "‹f:[a]›\nb = ‹s:\"c\"› ‹c:# d›"),
            ("sql", "SELECT a FROM b -- c", "‹k:SELECT› a ‹k:FROM› b ‹c:-- c›"),
            ("html", "<a href=\"b\">c</a>", "‹k:<›‹k:a› ‹f:href›=‹s:\"b\"›‹k:>›c‹k:</›‹k:a›‹k:>›"),
            ("diff", "+a\n-b\n c", "‹a:+a›\n‹d:-b›\n c"),
        ] {
            assert_eq!(marked(word, code), expected);
        }
    }

    #[test]
    fn text_stays_as_it_was() {
        let samples = [
            "'",
            "\"",
            "\\",
            "'\\",
            "/*",
            "<",
            "<a",
            "<!--",
            "$",
            "é'ü'\"ß",
            "r#\"",
            "\"\"\"",
            "`",
            "a\r\n+b",
            "\t\u{1F600}'",
        ];
        for language in language::ALL {
            for sample in samples {
                for code in [sample.to_owned(), sample.repeat(3), format!("let {sample}\n{sample} x")] {
                    let html = html(language, &code);
                    let (mut text, mut rest) = (String::new(), html.as_str());
                    while let Some((before, tag)) = rest.split_once('<') {
                        text += before;
                        rest = tag.split_once('>').expect("a whole tag").1;
                    }
                    text += rest;
                    assert_eq!(text, super::escape(&code), "{}: {code}", language.name);
                }
            }
        }
    }
}
