//! Turns bare addresses in Markdown's text into links (GitHub Flavored Markdown §6.9, without email addresses).

use std::ops::Range;

use pulldown_cmark::{CowStr, Event, LinkType, Tag, TagEnd};

/// Maximum length of an address in bytes, since its brackets are counted for each trailing character.
const LONGEST: usize = 2_000;

/// Links the addresses in texts, except in code and in links.
pub(super) fn linked<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let mut within = 0_usize;
    events.flat_map(move |event| match event {
        Event::Start(Tag::Link { .. } | Tag::CodeBlock(_)) => {
            within += 1;
            vec![event]
        }
        Event::End(TagEnd::Link | TagEnd::CodeBlock) => {
            within = within.saturating_sub(1);
            vec![event]
        }
        Event::Text(text) if within == 0 => in_text(text),
        other => vec![other],
    })
}

fn in_text(text: CowStr<'_>) -> Vec<Event<'_>> {
    let found = addresses(&text);
    if found.is_empty() {
        return vec![Event::Text(text)];
    }
    let own = |part: &str| Event::Text(part.to_owned().into());
    let (mut events, mut end) = (Vec::new(), 0);
    for range in found {
        let address = &text[range.clone()];
        let dest_url = if address.contains("://") { address.to_owned() } else { format!("http://{address}") };
        let (title, id) = (CowStr::from(""), CowStr::from(""));
        let link = Tag::Link { link_type: LinkType::Autolink, dest_url: dest_url.into(), title, id };
        events.extend([own(&text[end..range.start]), Event::Start(link), own(address), Event::End(TagEnd::Link)]);
        end = range.end;
    }
    events.push(own(&text[end..]));
    events
}

fn addresses(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_ascii_lowercase();
    let schemes = ["https://", "http://", "www."];
    let mut starts: Vec<usize> = schemes.iter().flat_map(|it| lower.match_indices(it)).map(|(at, _)| at).collect();
    starts.sort_unstable();
    let (mut found, mut past) = (Vec::new(), 0);
    for start in starts {
        let before = text[..start].chars().next_back();
        if start < past || before.is_some_and(|before| before.is_alphanumeric() || "/=@-_.".contains(before)) {
            continue;
        }
        let rest = &text[start..];
        let ends = |c: char| c.is_whitespace() || c.is_control() || "<>\"`".contains(c);
        let length = rest.find(ends).unwrap_or(rest.len());
        past = start + length;
        if length <= LONGEST {
            let address = trimmed(&rest[..length]);
            if has_host(address) {
                found.push(start..start + address.len());
            }
        }
    }
    found
}

/// Strips what belongs to the surrounding sentence: punctuation, and a closing bracket without its opening one.
fn trimmed(mut address: &str) -> &str {
    while let Some(last) = address.chars().next_back() {
        let unopened =
            |open: char, close: char| last == close && address.matches(close).count() > address.matches(open).count();
        if !("?!.,:;*_~'’”。、，！？」』".contains(last)
            || unopened('(', ')')
            || unopened('[', ']')
            || unopened('（', '）'))
        {
            break;
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    address
}

fn has_host(address: &str) -> bool {
    let host = match address.split_once("://") {
        Some((_, rest)) => rest,
        None => match address.split_once('.') {
            Some((_, rest)) if rest.contains('.') => rest,
            _ => return false,
        },
    };
    host.chars().next().is_some_and(|first| first.is_alphanumeric() || first == '[')
}
