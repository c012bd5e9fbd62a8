//! Pills (a state in a word or two) and notes (a message above or within a page).

use foundation::tr;
use leptos::prelude::*;

use super::icon::{Glyph, icon};

/// The meaning of a state. Its colour never appears without its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Waits for the person: amber.
    Waiting,
    /// Succeeded.
    Good,
    /// Failed or was refused.
    Bad,
    /// Over or unimportant.
    Quiet,
    /// The site's accent.
    Accent,
}

impl Tone {
    /// The class that colours a pill or a note.
    pub fn class(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Quiet => "quiet",
            Self::Accent => "accent",
        }
    }
}

/// A state.
pub fn pill(tone: Tone, text: impl IntoAny) -> AnyView {
    view! { <span class=format!("pill {}", tone.class())>{text.into_any()}</span> }.into_any()
}

/// A message with an icon. Screen readers announce `Bad` ones at once, the others at the next pause.
pub fn note(tone: Tone, text: impl IntoAny) -> AnyView {
    let (glyph, role) = match tone {
        Tone::Bad => (Glyph::Alert, "alert"),
        Tone::Waiting => (Glyph::Alert, "status"),
        Tone::Good => (Glyph::Check, "status"),
        Tone::Quiet | Tone::Accent => (Glyph::Info, "status"),
    };
    view! { <div class=format!("note {}", tone.class()) role=role>{icon(glyph)}<div>{text.into_any()}</div></div> }
        .into_any()
}

/// The badge with the number of requests that wait for the person.
pub fn waits(count: i64) -> AnyView {
    let words = if count == 1 {
        tr!("request waits for you", "Anfrage wartet auf dich")
    } else {
        tr!("requests wait for you", "Anfragen warten auf dich")
    };
    view! {
        <span class="waits" data-waits="" hidden={count == 0}>{count.to_string()}<span class="visually-hidden">" "{words}</span></span>
    }
    .into_any()
}
