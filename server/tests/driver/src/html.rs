//! Reads a page like a browser: its forms, its refresh, and its text.

use scraper::{ElementRef, Html, Selector};

/// A form as a browser would submit it unchanged.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Form {
    /// As written. Empty means the page's own address.
    pub action: String,
    pub method: String,
    pub fields: Vec<(String, String)>,
    /// Name and value of the submit buttons. A browser sends only the one that was pressed.
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

/// The forms of a page.
pub fn forms(html: &str) -> Vec<Form> {
    Html::parse_document(html).select(&selector("form")).map(form).collect()
}

fn form(element: ElementRef<'_>) -> Form {
    let action = element.attr("action").unwrap_or_default().to_owned();
    let method = element.attr("method").unwrap_or("get").to_ascii_lowercase();
    let mut form = Form { action, method, ..Form::default() };
    for control in element.select(&selector("input, button, textarea, select")) {
        let text = |name: &str| control.attr(name).unwrap_or_default().to_owned();
        let kind = if control.value().name() == "input" { text("type") } else { control.value().name().to_owned() };
        match kind.as_str() {
            _ if control.attr("disabled").is_some() => {}
            "button" | "submit" => form.buttons.push((text("name"), text("value"))),
            "checkbox" | "radio" if control.attr("checked").is_none() => {}
            "textarea" => form.fields.push((text("name"), control.text().collect())),
            "select" => form.fields.push((text("name"), chosen(control))),
            _ => form.fields.push((text("name"), text("value"))),
        }
    }
    form.fields.retain(|(name, _)| !name.is_empty());
    form
}

/// The default option: the selected one, or the first.
fn chosen(select: ElementRef<'_>) -> String {
    let option = ["option[selected]", "option"].iter().find_map(|which| select.select(&selector(which)).next());
    let value = |option: ElementRef<'_>| match option.attr("value") {
        Some(value) => value.to_owned(),
        None => option.text().collect::<String>().trim().to_owned(),
    };
    option.map(value).unwrap_or_default()
}

/// The address that a page redirects to (`<meta http-equiv="refresh">`).
pub fn refresh(html: &str) -> Option<String> {
    let page = Html::parse_document(html);
    let meta = page.select(&selector("meta[http-equiv='refresh' i]")).next()?;
    let content = meta.attr("content")?;
    let at = content.to_ascii_lowercase().find("url=")?;
    Some(content[at + 4..].trim().trim_matches(['\'', '"']).to_owned())
}

/// The addresses that these elements link to or load.
///
/// # Panics
/// When `which` isn't a selector.
pub fn addresses(html: &str, which: &str) -> Vec<String> {
    let page = Html::parse_document(html);
    let of = |element: ElementRef<'_>| {
        ["href", "src", "action"].iter().find_map(|name| element.attr(name).map(str::to_owned))
    };
    page.select(&selector(which)).filter_map(of).collect()
}

/// The text of a page, with spaces collapsed.
pub fn text(html: &str) -> String {
    let page = Html::parse_document(html);
    let mut words = Vec::new();
    for node in page.tree.nodes() {
        let within = node.parent().and_then(ElementRef::wrap).map(|element| element.value().name());
        if let Some(text) = node.value().as_text().filter(|_| !matches!(within, Some("script" | "style" | "noscript")))
        {
            words.extend(text.split_whitespace().map(str::to_owned));
        }
    }
    words.join(" ")
}

fn selector(text: &str) -> Selector {
    Selector::parse(text).expect("a selector")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn form_is_read_as_a_browser_sends_it() {
        let html = r#"<!DOCTYPE html><script>if (a<b) {}</script><p>Not a form<input name="outside"></p>
            <form action="/u/login?a=1&amp;b=2" method="POST"><input type=hidden name=csrf_token value="x&quot;&#x27;y">
            <!-- <input name="commented"> --><input name='email' value=''><input type="checkbox" name="off">
            <input type="checkbox" name="on" value="1" checked/><textarea name="note">a &lt; b</textarea>
            <select name="side"><option value="BUY">Buy</option><option selected>Sell</option></select>
            <button name="decision" value="approve">Approve</button><button>Plain</button></form>"#;
        let forms = forms(html);
        assert_eq!(forms.len(), 1);
        let form = &forms[0];
        assert_eq!((form.action.as_str(), form.method.as_str()), ("/u/login?a=1&b=2", "post"));
        let fields: Vec<_> = form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(fields, [("csrf_token", "x\"'y"), ("email", ""), ("on", "1"), ("note", "a < b"), ("side", "Sell")]);
        assert_eq!(form.buttons, [("decision".into(), "approve".into()), (String::new(), String::new())]);
    }

    #[test]
    fn automatic_redirect_page_is_followed() {
        let html =
            r#"<meta charset="utf-8"><meta http-equiv="refresh" content="0; url=http://id.localhost/?a=1&amp;b=2">"#;
        assert_eq!(refresh(html).as_deref(), Some("http://id.localhost/?a=1&b=2"));
        assert_eq!(refresh("<meta http-equiv='refresh' content='30'>"), None);
    }

    #[test]
    fn text_has_what_a_person_reads() {
        assert_eq!(text("<h1>Buy  5</h1><style>p{}</style><p>WAYNE &amp; more</p>"), "Buy 5 WAYNE & more");
    }
}
