//! The table of facts of a card, and the quotation that sets an agent's words apart from it.

use foundation::tr;
use leptos::prelude::*;
use shared::text::is_invisible;

/// One fact: its label, its value, and whether it is the most important one.
pub struct Fact {
    label: String,
    value: AnyView,
    strong: bool,
    code: bool,
}

impl Fact {
    pub fn new(label: impl Into<String>, value: impl IntoAny) -> Self {
        Self { label: label.into(), value: value.into_any(), strong: false, code: false }
    }

    /// Marks the most important fact, which is shown larger.
    #[must_use]
    pub fn strong(mut self) -> Self {
        self.strong = true;
        self
    }

    /// The label is a name of the protocol.
    #[must_use]
    pub fn code(mut self) -> Self {
        self.code = true;
        self
    }
}

/// A table of facts, in this order.
pub fn facts(facts: impl IntoIterator<Item = Fact>) -> AnyView {
    let rows: Vec<_> = facts
        .into_iter()
        .map(|fact| {
            let class = if fact.strong { "fact strong" } else { "fact" };
            view! { <div class=class><dt>{if fact.code { view! { <code>{fact.label}</code> }.into_any() } else { fact.label.into_any() }}</dt><dd>{fact.value}</dd></div> }
        })
        .collect();
    view! { <dl class="facts">{rows}</dl> }.into_any()
}

/// An agent's words, marked as the agent's. They are shown as plain text, and can't affect anything around them
/// (THREATS.md line 31). Their language is unknown.
pub fn quote(label: impl Into<String>, text: impl Into<String>) -> AnyView {
    view! {
        <figure class="quote">
            <figcaption>{label.into()}</figcaption>
            <blockquote><p>{quoted(&text.into())}</p></blockquote>
        </figure>
    }
    .into_any()
}

/// An inline quotation within our own text.
pub fn quoted(text: &str) -> AnyView {
    view! { {tr!("“", "„")}<bdi lang="">{plain(text)}</bdi>{tr!("”", "“")} }.into_any()
}

/// Makes invisible and bidirectional control characters visible: `⟨U+202E⟩`.
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
