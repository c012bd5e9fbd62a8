//! Renders the explanation of a recorded request.

use foundation::tr;
use leptos::prelude::*;

use super::note::Note;

/// The reason, the specification's requirement and an attack, with a link to the workshop's button that tries it.
/// `workshop`: the address of the workshop.
pub(crate) fn view(note: &Note, workshop: &str) -> AnyView {
    let source = note.source.map(|source| {
        view! { <p class="small"><a class="target" href=source.url rel="noreferrer">{source.name}</a>": "{source.asks}</p> }
    });
    let attack = note.attack.map(|attack| {
        let button = attack.button.map(|button| {
            let step = &button[..1];
            view! {
                " "<a class="target" href=format!("{workshop}/{button}")>
                    {tr!(format!("Try it in step {step}"), format!("In Schritt {step} versuchen"))}
                </a>
            }
        });
        view! {
            <p class="small">
                <strong>{tr!("An attacker would try", "Wer angreift, würde versuchen")}</strong>": "{attack.tries}" "
                <span class="muted">{tr!("Tests against it: ", "Tests dagegen: ")}<code>"cargo test "{attack.line}</code></span>
                {button}
            </p>
        }
    });
    view! { <div class="stack tight"><p>{note.why}</p>{source}{attack}</div> }.into_any()
}
