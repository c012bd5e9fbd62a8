//! Shows where a link leads: the model chooses its text, but not the host beside it (THREATS.md line 45).

use pulldown_cmark::{CowStr, Event, Tag, TagEnd};
use url::Url;

use super::escape::escape;

/// Resolves addresses without a host, which stay on this site.
const THIS_SITE: &str = "https://this-site.invalid/";

/// Adds the host to each link, except where its text is the address itself. A link within a link is only its text.
pub(super) fn with_hosts<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let mut within = 0_usize;
    let (mut address, mut text) = (CowStr::from(""), String::new());
    events.flat_map(move |event| match event {
        Event::Start(Tag::Link { ref dest_url, .. }) => {
            within += 1;
            if within > 1 {
                return vec![];
            }
            (address, text) = (dest_url.clone(), String::new());
            vec![event]
        }
        Event::End(TagEnd::Link) => {
            within = within.saturating_sub(1);
            match host(&address).filter(|_| within == 0) {
                Some(host) if !names(&text, &host) => {
                    let shown = format!(" <span class=\"host\">({})</span>", escape(&host));
                    vec![Event::InlineHtml(shown.into()), event]
                }
                _ if within > 0 => vec![],
                _ => vec![event],
            }
        }
        Event::Text(ref part) | Event::Code(ref part) if within > 0 => {
            text.push_str(part);
            vec![event]
        }
        other => vec![other],
    })
}

/// The host that browsers read in an address, in ASCII and with its port; for an email link, the recipients. `None` for
/// this site's own pages.
fn host(address: &str) -> Option<String> {
    let base = Url::parse(THIS_SITE).ok()?;
    // A scheme without slashes (`https:a.example`) may be this site's own, or not.
    let url = Url::parse(address).or_else(|_| base.join(address)).ok()?;
    if url.scheme() == "mailto" {
        return Some(url.path().to_owned());
    }
    let host = url.host_str()?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    (Some(host) != base.host_str()).then(|| format!("{host}{port}"))
}

/// Whether a text is an address at this host. `bank.example@evil.example` and look-alike letters aren't.
fn names(text: &str, host: &str) -> bool {
    let text = text.trim().to_lowercase();
    let text = ["https://", "http://", "mailto:"].iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(&text);
    text.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}

#[cfg(test)]
mod tests {
    use super::super::html;

    /// A link as people read it.
    fn shown(text: &str) -> String {
        super::super::plain(&html(text))
    }

    #[test]
    fn line_45_link_shows_the_host_that_it_leads_to() {
        for (text, read) in [
            ("[your bank](https://evil.example/login)", "your bank (evil.example)"),
            ("[bank.example](https://evil.example)", "bank.example (evil.example)"),
            ("[https://bank.example](https://evil.example:8443/x)", "https://bank.example (evil.example:8443)"),
            // The text begins like the host, or contains it.
            ("[bank.example](https://bank.example.evil.test)", "bank.example (bank.example.evil.test)"),
            ("[x evil.example](https://evil.example)", "x evil.example (evil.example)"),
            // Browsers read another host.
            ("https://bank.example@evil.example/", "https://bank.example@evil.example/ (evil.example)"),
            ("[x](//evil.example/)", "x (evil.example)"),
            ("[x](/\\\\evil.example/)", "x (evil.example)"),
            ("[x](https:evil.example)", "x (evil.example)"),
            ("[x](https://bank.example\\\\@evil.example)", "x (bank.example)"),
            // The first letter is Cyrillic.
            ("[аpple.com](https://аpple.com)", "аpple.com (xn--pple-43d.com)"),
            ("**[**your** `bank`][1]**\n\n[1]: https://evil.example", "your bank (evil.example)"),
            ("![bank.example](https://evil.example/i.png)", "bank.example (evil.example)"),
            ("[![bank](https://a.example/i.png)](https://evil.example)", "bank (evil.example)"),
            ("[](https://evil.example)", "(evil.example)"),
            ("[support](mailto:thief@evil.example?subject=x)", "support (thief@evil.example)"),
        ] {
            assert_eq!(shown(text), read, "{text}");
        }
    }

    #[test]
    fn link_that_names_its_host_and_own_pages_show_no_other() {
        for text in [
            "https://a.example/b?c",
            "www.a.example",
            "[a.example/b](https://a.example/b)",
            "[A.example](http://a.example)",
        ] {
            assert!(!html(text).contains("<span"), "{text}: {}", html(text));
        }
        for own in ["[Connected accounts](/accounts)", "[x](#y)", "[x](mailto:)"] {
            assert!(!shown(own).contains("invalid"), "{own}: {}", html(own));
        }
        assert_eq!(shown("[Connected accounts](/accounts)"), "Connected accounts");
    }

    #[test]
    fn host_cannot_bring_markup() {
        let html = html("[x](mailto:<b>@evil.example) and [y](https://a.example/<i>)");
        assert!(!html.contains("<b>") && !html.contains("<i>"), "{html}");
    }
}
