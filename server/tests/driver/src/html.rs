//! As much of HTML as it takes to follow links and submit forms of pages that we wrote ourselves.

use std::collections::BTreeMap;

/// A start tag (`name`) or an end tag (`/name`), its attributes, and the text up to the next tag.
#[derive(Clone, Debug, PartialEq)]
pub struct Tag {
    pub name: String,
    pub attributes: BTreeMap<String, String>,
    pub text: String,
}

impl Tag {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }
}

/// A form as a browser would send it untouched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Form {
    /// As written; empty means the page's own address.
    pub action: String,
    pub method: String,
    pub fields: Vec<(String, String)>,
    /// Name and value of its named submit buttons, of which a browser sends the one that was pressed.
    pub buttons: Vec<(String, String)>,
}

impl Form {
    pub fn has(&self, field: &str) -> bool {
        self.fields.iter().any(|(name, _)| name == field)
    }

    pub fn value(&self, field: &str) -> Option<&str> {
        self.fields.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str())
    }
}

/// All tags of a document, in order. Comments, declarations and the insides of scripts and styles are left out.
pub fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
            continue;
        }
        let (mut tag, after) = tag(rest);
        rest = after;
        if matches!(tag.name.as_str(), "script" | "style") {
            rest = rest.split_once(&format!("</{}", tag.name)).map_or("", |(_, after)| after);
            rest = rest.split_once('>').map_or("", |(_, after)| after);
        }
        tag.text = unescape(&rest[..rest.find('<').unwrap_or(rest.len())]);
        if !tag.name.starts_with('!') {
            tags.push(tag);
        }
    }
    tags
}

/// Reads one tag, whose `<` is gone already.
fn tag(text: &str) -> (Tag, &str) {
    let end_of_name = text.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(text.len());
    let name = text[..end_of_name].trim_end_matches('/').to_ascii_lowercase();
    let mut attributes = BTreeMap::new();
    let mut rest = &text[end_of_name..];
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() {
            break;
        }
        if let Some(after) = rest.strip_prefix('>') {
            rest = after;
            break;
        }
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/')).unwrap_or(rest.len());
        let key = rest[..end].to_ascii_lowercase();
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(after) = rest.strip_prefix('=') {
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''));
            let (text, after) = match quote {
                Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
                None => after.split_at(after.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(after.len())),
            };
            value = unescape(text);
            rest = after;
        }
        attributes.insert(key, value);
    }
    (Tag { name, attributes, text: String::new() }, rest)
}

/// The forms of a page.
pub fn forms(html: &str) -> Vec<Form> {
    let mut forms: Vec<Form> = Vec::new();
    let mut open = false;
    let mut select: Option<(String, Option<String>)> = None;
    for tag in tags(html) {
        let text = |name: &str| tag.attribute(name).unwrap_or_default().to_owned();
        if tag.name == "form" {
            open = true;
            let method = tag.attribute("method").unwrap_or("get").to_ascii_lowercase();
            forms.push(Form { action: text("action"), method, ..Form::default() });
        }
        let Some(form) = forms.last_mut().filter(|_| open) else { continue };
        match tag.name.as_str() {
            "/form" => open = false,
            "input" | "button" if tag.attributes.contains_key("disabled") => {}
            "input" => {
                let kind = text("type");
                let checked = tag.attributes.contains_key("checked");
                match kind.as_str() {
                    "submit" => form.buttons.push((text("name"), text("value"))),
                    "checkbox" | "radio" if !checked => {}
                    _ => form.fields.push((text("name"), text("value"))),
                }
            }
            "button" => form.buttons.push((text("name"), text("value"))),
            "textarea" => form.fields.push((text("name"), tag.text.clone())),
            "select" => select = Some((text("name"), None)),
            "option" => {
                if let Some((_, chosen)) = &mut select
                    && (chosen.is_none() || tag.attributes.contains_key("selected"))
                {
                    *chosen = Some(tag.attribute("value").unwrap_or(tag.text.trim()).to_owned());
                }
            }
            "/select" => {
                if let Some((name, chosen)) = select.take() {
                    form.fields.push((name, chosen.unwrap_or_default()));
                }
            }
            _ => {}
        }
    }
    for form in &mut forms {
        form.fields.retain(|(name, _)| !name.is_empty());
    }
    forms
}

/// Where a page goes on to by itself (`<meta http-equiv="refresh">`).
pub fn refresh(html: &str) -> Option<String> {
    let tag = tags(html).into_iter().find(|tag| {
        tag.name == "meta"
            && tag.attribute("http-equiv").is_some_and(|equiv| equiv.eq_ignore_ascii_case("refresh"))
            && tag.attribute("content").is_some_and(|content| content.to_ascii_lowercase().contains("url="))
    })?;
    let content = tag.attribute("content")?;
    let at = content.to_ascii_lowercase().find("url=")?;
    Some(content[at + 4..].trim().trim_matches(['\'', '"']).to_owned())
}

/// What a page says, without its tags, spaces made one.
pub fn text(html: &str) -> String {
    let all = tags(html).into_iter().map(|tag| tag.text).collect::<Vec<_>>().join(" ");
    all.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The character references that we write: the named five, and numbers.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let Some(end) = rest[..rest.len().min(12)].find(';') else {
            out.push('&');
            rest = &rest[1..];
            continue;
        };
        let name = &rest[1..end];
        let number = name.strip_prefix('#').and_then(|digits| match digits.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            None => digits.parse().ok(),
        });
        let character = match name {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "nbsp" => Some('\u{a0}'),
            _ => number.and_then(char::from_u32),
        };
        match character {
            Some(character) => {
                out.push(character);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_is_read_as_a_browser_sends_it() {
        let html = r#"<!DOCTYPE html><script>if (a<b) {}</script><p>Not a form<input name="outside"></p>
            <form action="/u/login?a=1&amp;b=2" method="POST"><input type=hidden name=proof value="x&quot;&#x27;y">
            <!-- <input name="commented"> --><input name='email' value=''><input type="checkbox" name="off">
            <input type="checkbox" name="on" value="1" checked/><textarea name="note">a &lt; b</textarea>
            <select name="side"><option value="BUY">Buy</option><option selected>Sell</option></select>
            <button name="decision" value="approve">Approve</button><button>Plain</button></form>"#;
        let forms = forms(html);
        assert_eq!(forms.len(), 1);
        let form = &forms[0];
        assert_eq!((form.action.as_str(), form.method.as_str()), ("/u/login?a=1&b=2", "post"));
        let fields: Vec<_> = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(fields, [("proof", "x\"'y"), ("email", ""), ("on", "1"), ("note", "a < b"), ("side", "Sell")]);
        assert_eq!(form.buttons, [("decision".into(), "approve".into()), (String::new(), String::new())]);
    }

    #[test]
    fn a_page_that_goes_on_by_itself_is_followed() {
        let html =
            r#"<meta charset="utf-8"><meta http-equiv="refresh" content="0; url=http://id.localhost/?a=1&amp;b=2">"#;
        assert_eq!(refresh(html).as_deref(), Some("http://id.localhost/?a=1&b=2"));
        assert_eq!(refresh("<meta http-equiv='refresh' content='30'>"), None);
    }

    #[test]
    fn text_is_what_a_person_reads() {
        assert_eq!(text("<h1>Buy  5</h1><style>p{}</style><p>WAYNE &amp; more</p>"), "Buy 5 WAYNE & more");
    }
}
