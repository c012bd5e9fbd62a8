//! Shows an explanation.

use foundation::tr;
use leptos::prelude::*;

use super::note::Note;

/// Why, what the specification asks, and what an attacker would try.
pub(crate) fn view(note: &Note) -> AnyView {
    let source = note.source.map(|source| {
        view! { <p class="small"><a class="target" href=source.url rel="noreferrer">{source.name}</a>": "{source.asks}</p> }
    });
    let attack = note.attack.map(|attack| {
        view! {
            <p class="small">
                <strong>{tr!("An attacker would try", "Wer angreift, würde versuchen")}</strong>": "{attack.tries}" "
                <span class="muted">{tr!("Guarded by the tests ", "Dagegen stehen die Tests ")}<code>{attack.line}"_…"</code></span>
            </p>
        }
    });
    view! { <div class="stack tight"><p>{note.why}</p>{source}{attack}</div> }.into_any()
}
