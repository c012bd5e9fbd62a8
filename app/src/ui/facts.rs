//! The table of facts of a card, and the quotation that holds an agent's words apart from them.

use leptos::prelude::*;

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

/// What an agent says, marked as the agent's. The text is shown as text, whatever it holds; characters that
/// turn the direction of writing are kept from reaching beyond it (security.md line 31).
pub fn quote(label: impl Into<String>, text: impl Into<String>) -> AnyView {
    view! {
        <figure class="quote">
            <figcaption>{label.into()}</figcaption>
            <blockquote><p dir="auto"><bdi>"“"{text.into()}"”"</bdi></p></blockquote>
        </figure>
    }
    .into_any()
}
