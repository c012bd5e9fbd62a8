//! The page's additions to a block of an answer: the language's name and a copy button for code, and tables that scroll
//! by themselves.

use foundation::tr;

use super::ways;
use crate::shell::fragment;

/// The block is our own HTML: a `<` in its text is escaped, so tags are found by their names.
pub(super) fn dressed(block: &str) -> String {
    let block = if block.contains("<pre") { code(block) } else { block.to_owned() };
    // Focusable, so that it scrolls by keyboard.
    let label = tr!("Table", "Tabelle");
    let table = format!(r#"<div class="table-scroll" role="group" aria-label="{label}" tabindex="0"><table>"#);
    block.replace("<table>", &table).replace("</table>", "</table></div>")
}

fn code(block: &str) -> String {
    let button = fragment(ways::copy_code());
    let (mut shown, mut rest) = (String::new(), block);
    while let Some((before, after)) = rest.split_once("<pre") {
        let Some((attribute, after)) = after.split_once('>') else { break };
        let language = attribute.trim().strip_prefix("data-language=\"").and_then(|name| name.strip_suffix('"'));
        let language = language.unwrap_or("Code");
        shown += before;
        shown += &format!(
            r#"<figure class="code-block"><figcaption>{language}</figcaption>{button}<pre tabindex="0" dir="ltr">"#
        );
        rest = after;
    }
    shown += rest;
    shown.replace("</pre>", "</pre></figure>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_has_its_language_and_a_button() {
        let one = "<pre data-language=\"C++\"><code>int x = &lt;pre&gt;;</code></pre>";
        let shown = dressed(&format!("<p>a</p>{one}<p>b</p><pre><code>c</code></pre>"));
        assert_eq!(shown.matches("data-use").count(), 2, "{shown}");
        assert!(
            shown.starts_with("<p>a</p><figure class=\"code-block\"><figcaption>C++</figcaption><button"),
            "{shown}"
        );
        assert!(shown.contains("<code>int x = &lt;pre&gt;;</code></pre></figure><p>b</p><figure"), "{shown}");
        assert!(shown.contains("<figcaption>Code</figcaption>") && shown.ends_with("<code>c</code></pre></figure>"));
        assert_eq!(shown.matches("<figure").count(), shown.matches("</figure>").count());
    }

    #[test]
    fn table_scrolls_by_keyboard() {
        let shown = dressed("<table><thead></thead></table>");
        assert!(
            shown.starts_with("<div class=\"table-scroll\"") && shown.contains("tabindex=\"0\"><table>"),
            "{shown}"
        );
        assert!(shown.ends_with("</table></div>"), "{shown}");
    }
}
