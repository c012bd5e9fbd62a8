//! The table of facts of a card, and the quotation that holds an agent's words apart from them.

use leptos::prelude::*;
use shared::text::is_invisible;

/// One fact: what it is called, what it is, and whether it is the one that counts most.
pub struct Fact {
    label: String,
    value: AnyView,
    strong: bool,
}

impl Fact {
    pub fn new(label: impl Into<String>, value: impl IntoAny) -> Self {
        Self { label: label.into(), value: value.into_any(), strong: false }
    }

    /// The fact that counts most: larger than the others.
    #[must_use]
    pub fn strong(mut self) -> Self {
        self.strong = true;
        self
    }
}

/// A table of facts, in this order.
pub fn facts(facts: impl IntoIterator<Item = Fact>) -> AnyView {
    let rows: Vec<_> = facts
        .into_iter()
        .map(|fact| {
            let class = if fact.strong { "fact strong" } else { "fact" };
            view! { <div class=class><dt>{fact.label}</dt><dd>{fact.value}</dd></div> }
        })
        .collect();
    view! { <dl class="facts">{rows}</dl> }.into_any()
}

/// What an agent says, marked as the agent's. The text is shown as text, whatever it holds, and nothing in it
/// acts on what stands around it (THREATS.md line 31).
pub fn quote(label: impl Into<String>, text: impl Into<String>) -> AnyView {
    view! {
        <figure class="quote">
            <figcaption>{label.into()}</figcaption>
            <blockquote><p>"“"<bdi>{plain(&text.into())}</bdi>"”"</p></blockquote>
        </figure>
    }
    .into_any()
}

/// The text with characters that don't show, or that turn the direction of writing, made visible: `⟨U+202E⟩`.
pub fn plain(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, char| {
        let hidden = (char.is_control() && char != '\n') || is_invisible(char);
        if hidden {
            out.push_str(&format!("⟨U+{:04X}⟩", u32::from(char)));
        } else {
            out.push(char);
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// THREATS.md line 31.
    #[test]
    fn line_31_characters_that_hide_or_turn_are_made_visible() {
        assert_eq!(plain("buy \u{202e}gnp.exe\u{0}"), "buy ⟨U+202E⟩gnp.exe⟨U+0000⟩");
        assert_eq!(plain("Grüße an שלום,\n5 €"), "Grüße an שלום,\n5 €");
    }
}
