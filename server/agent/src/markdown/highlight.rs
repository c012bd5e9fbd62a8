//! Finds words, strings, comments and numbers in code, in one pass whose time grows with its length. It doesn't parse:
//! code that is cut off or wrong looks right as far as it goes.

use super::{
    escape,
    language::{Kind, Language},
};

/// The code as HTML: a span for what has a class. The text is unchanged.
pub(super) fn html(language: &Language, code: &str) -> String {
    let mut html = String::with_capacity(code.len() * 2);
    let mut plain = 0;
    let mut scan = Scan { language, code, at: 0, in_tag: false };
    while scan.at < code.len() {
        let start = scan.at;
        if let Some(class) = scan.next() {
            html += &escape(&code[plain..start]);
            html += &format!("<span class=\"hl-{class}\">{}</span>", escape(&code[start..scan.at]));
            plain = scan.at;
        }
    }
    html + &escape(&code[plain..])
}

struct Scan<'a> {
    language: &'a Language,
    code: &'a str,
    at: usize,
    /// Whether it is between `<` and `>` of a markup language.
    in_tag: bool,
}

impl Scan<'_> {
    /// Moves past the next token, and returns its class: one letter.
    fn next(&mut self) -> Option<char> {
        match self.language.kind {
            Kind::Diff => self.line(),
            Kind::Markup => self.markup(),
            Kind::Code | Kind::Data => self.word(),
        }
    }

    fn rest(&self) -> &str {
        &self.code[self.at..]
    }

    fn before(&self) -> Option<char> {
        self.code[..self.at].chars().next_back()
    }

    fn skip(&mut self, is_part: impl Fn(char) -> bool) -> usize {
        let start = self.at;
        self.at = self.rest().find(|c| !is_part(c)).map_or(self.code.len(), |length| start + length);
        self.at - start
    }

    /// Moves one character.
    fn step(&mut self) {
        self.at += self.rest().chars().next().map_or(1, char::len_utf8);
    }

    /// Moves behind the next `end`, or to the end of the code.
    fn until(&mut self, from: usize, end: &str) {
        let from = (self.at + from).min(self.code.len());
        self.at = self.code[from..].find(end).map_or(self.code.len(), |length| from + length + end.len());
    }

    /// Moves to the end of the line.
    fn end_line(&mut self) {
        self.skip(|c| c != '\n');
    }

    fn line(&mut self) -> Option<char> {
        let class = match self.rest() {
            line if line.starts_with("+++") || line.starts_with("---") || line.starts_with("diff ") => Some('k'),
            line if line.starts_with("@@") => Some('f'),
            line if line.starts_with('+') => Some('a'),
            line if line.starts_with('-') => Some('d'),
            _ => None,
        };
        self.end_line();
        if class.is_none() && self.at < self.code.len() {
            self.at += 1;
        }
        class
    }

    fn markup(&mut self) -> Option<char> {
        if self.rest().starts_with("<!--") {
            self.until(4, "-->");
            return Some('c');
        }
        let first = self.rest().chars().next()?;
        if !self.in_tag {
            if first != '<' {
                self.skip(|c| c != '<');
                return None;
            }
            self.in_tag = true;
            self.at += 1;
            self.skip(|c| is_name(c) || "/!?:".contains(c));
            return Some('k');
        }
        match first {
            '>' => {
                self.in_tag = false;
                self.at += 1;
                Some('k')
            }
            '"' | '\'' => {
                self.until(1, if first == '"' { "\"" } else { "'" });
                Some('s')
            }
            c if is_name(c) => {
                self.skip(|c| is_name(c) || c == ':');
                Some('f')
            }
            _ => {
                self.step();
                None
            }
        }
    }

    fn word(&mut self) -> Option<char> {
        let language = self.language;
        let before = self.before();
        for start in language.line_comments {
            // `$#` and `a#b` in a shell, `http://` in data.
            let is_apart = *start != "#" || before.is_none_or(char::is_whitespace);
            if is_apart && self.rest().starts_with(start) {
                self.end_line();
                return Some('c');
            }
        }
        if let Some((start, end)) = language.comments.iter().find(|(start, _)| self.rest().starts_with(start)) {
            self.until(start.len(), end);
            return Some('c');
        }
        if language.has_chars && self.rest().starts_with('\'') {
            return self.char_literal();
        }
        if let Some(quote) = language.strings.iter().find(|quote| self.rest().starts_with(**quote)) {
            self.string(quote);
            return Some(if self.is_key() { 'f' } else { 's' });
        }
        let first = self.rest().chars().next()?;
        if first.is_ascii_digit() {
            self.skip(|c| c.is_ascii_alphanumeric() || c == '.' || c == '_');
            return Some('n');
        }
        if first == '$' && language.has_variables {
            self.at += 1;
            self.skip(|c| is_name(c) && c != '-');
            return Some('n');
        }
        if is_name(first) && first != '-' {
            return self.name();
        }
        self.step();
        None
    }

    fn name(&mut self) -> Option<char> {
        let (language, start) = (self.language, self.at);
        let has_dashes = language.kind == Kind::Data || language.has_dashes;
        self.skip(|c| is_name(c) && (has_dashes || c != '-'));
        let word = &self.code[start..self.at];
        let lower = word.to_ascii_lowercase();
        let known = |words: &str| {
            let word = if language.ignores_case { &lower } else { word };
            words.split(' ').any(|known| known == word)
        };
        if self.is_key() {
            return Some('f');
        }
        if known(language.keywords) {
            return Some('k');
        }
        if known("true false null none nil True False None undefined NULL TRUE FALSE") {
            return Some('n');
        }
        let calls =
            language.kind == Kind::Code && self.rest().starts_with(['(', '!']) && !self.rest().starts_with("!=");
        calls.then_some('f')
    }

    /// Whether data follows what was just read: `key: value`, `key = value`.
    fn is_key(&self) -> bool {
        let follows = self.rest().trim_start_matches([' ', '\t']);
        self.language.kind == Kind::Data && follows.starts_with([':', '=']) && !follows.starts_with("://")
    }

    /// `'x'`, `'\n'`; otherwise a lifetime or a label, which is left alone.
    fn char_literal(&mut self) -> Option<char> {
        /// The longest: `'\u{10FFFF}'`.
        const LONGEST: usize = 11;
        let rest = &self.rest()[1..];
        let is_escape = rest.starts_with('\\');
        let end = rest.char_indices().take(LONGEST).skip(1 + usize::from(is_escape)).find(|(_, c)| *c == '\'');
        match end {
            Some((length, _)) if is_escape || rest[..length].chars().count() == 1 => {
                self.at += length + 2;
                Some('s')
            }
            _ => {
                self.step();
                None
            }
        }
    }

    /// Moves behind a string. One in single quotes ends with its line at the latest.
    fn string(&mut self, quote: &str) {
        let spans_lines = quote.len() > 1 || quote == "`";
        self.at += quote.len();
        let close = quote.trim_start_matches(char::is_alphabetic);
        while self.at < self.code.len() {
            let rest = self.rest();
            if rest.starts_with(close) {
                self.at += close.len();
                return;
            }
            if rest.starts_with('\n') && !spans_lines {
                return;
            }
            if rest.starts_with('\\') {
                self.at += 1;
            }
            if self.at < self.code.len() {
                self.step();
            }
        }
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
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
            (
                "rust",
                "fn a<'b>(c: &'b str) -> char { 'x' } // d",
                "‹k:fn› a<'b>(c: &'b str) -> char { ‹s:'x'› } ‹c:// d›",
            ),
            (
                "rs",
                "let s = \"a\\\"b\"; println!(\"{s}\", 0x1F_u8);",
                "‹k:let› s = ‹s:\"a\\\"b\"›; ‹f:println›!(‹s:\"{s}\"›, ‹n:0x1F_u8›);",
            ),
            (
                "python",
                "def f(x):\n    \"\"\"a\n\"b\"\"\"\n    return None  # c",
                "‹k:def› ‹f:f›(x):\n    ‹s:\"\"\"a\n\"b\"\"\"›\n    ‹k:return› ‹n:None›  ‹c:# c›",
            ),
            (
                "ts",
                "const a = `x\n${b}`; /* c\n */ let d: string",
                "‹k:const› a = ‹s:`x\n${b}`›; ‹c:/* c\n */› ‹k:let› d: string",
            ),
            ("json", "{\"a b\": [1.5, true, \"c\"]}", "{‹f:\"a b\"›: [‹n:1.5›, ‹n:true›, ‹s:\"c\"›]}"),
            ("yaml", "on-push: yes # a\nurl: http://b#c", "‹f:on-push›: yes ‹c:# a›\n‹f:url›: http://b#c"),
            ("toml", "[a]\nb-c = 'd'", "[a]\n‹f:b-c› = ‹s:'d'›"),
            (
                "sh",
                "if [ $# -gt 0 ]; then echo \"$HOME\"; fi # a",
                "‹k:if› [ ‹n:$›# -gt ‹n:0› ]; ‹k:then› echo ‹s:\"$HOME\"›; ‹k:fi› ‹c:# a›",
            ),
            ("sql", "select a FROM b -- c", "‹k:select› a ‹k:FROM› b ‹c:-- c›"),
            ("html", "<a href=\"b\">if</a><!-- c -->", "‹k:<a› ‹f:href›=‹s:\"b\"›‹k:>›if‹k:</a›‹k:>›‹c:<!-- c -->›"),
            ("diff", "@@ 1\n+a\n-b\n c", "‹f:@@ 1›\n‹a:+a›\n‹d:-b›\n c"),
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
            "'\u{1F600}'",
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

    #[test]
    fn line_47_time_grows_with_the_length_alone() {
        // A second look at the same text would take a minute here.
        for one in ["\"", "'", "/*", "<", "<!--", "a ", "$", "\\", "a:", "1", "`", "\"\"\"", "+\n"] {
            let code = one.repeat(200_000 / one.len());
            for language in
                [language::find("rust"), language::find("json"), language::find("html"), language::find("diff")]
            {
                html(language.expect("a known language"), &code);
            }
        }
    }
}
