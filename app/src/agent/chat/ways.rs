//! The controls of messages and answers. Each names either an action of the API (`data-act`) or the module that handles
//! it (`data-use`, `public/use.js`).

use ::agent::page::Around;
use foundation::tr;
use leptos::prelude::*;

use crate::{
    assets,
    ui::{Glyph, icon},
};

/// Below a message.
pub(super) fn of_message(id: &str, around: &Around) -> AnyView {
    let edit = assets::current().public("edit.js");
    view! {
        <div class="ways-row message-ways">
            {versions(&format!("m{id}"), tr!("your message", "deine Nachricht"), around)}
            <button type="button" class="button quiet way" id=format!("edit-{id}") data-key="u" data-use=edit data-message=id.to_owned()>
                {icon(Glyph::Pencil)}{tr!("Edit", "Bearbeiten")}<span class="visually-hidden">{tr!(" your message", " (deine Nachricht)")}</span>
            </button>
        </div>
    }
    .into_any()
}

/// Below an answer. `continues`: whether it was stopped in the middle of its text.
pub(super) fn of_answer(turn: &str, continues: bool, around: &Around) -> AnyView {
    let thread = around.thread.as_deref().unwrap_or_default();
    let more = continues
        .then(|| act(format!("turns/{turn}/retry"), Glyph::Send, tr!("Continue", "Fortsetzen"), answer(), around));
    view! {
        <div class="ways-row">
            {versions(&format!("e{turn}"), answer(), around)}
            {copy(format!("/api/threads/{thread}/turns/{turn}/markdown"), tr!("Copy", "Kopieren"), answer())}
            {more}
            {act(format!("turns/{turn}/regenerate"), Glyph::Retry, tr!("Regenerate", "Neu antworten"), answer(), around)}
        </div>
        <p class="small" role="alert" data-fault hidden></p>
    }
    .into_any()
}

/// Below an answer that failed, which has a button of its own to retry it.
pub(super) fn of_failed(turn: &str, around: &Around) -> AnyView {
    let versions = versions(&format!("e{turn}"), answer(), around);
    versions.map(|versions| view! { <div class="ways-row">{versions}</div> }).into_any()
}

/// Names the answer in its controls, for screen readers.
fn answer() -> &'static str {
    tr!("the answer", "die Antwort")
}

/// Above a code block.
pub(super) fn copy_code() -> AnyView {
    copy(String::new(), tr!("Copy", "Kopieren"), tr!("the code", "den Code"))
}

fn act(act: String, glyph: Glyph, words: &'static str, what: &'static str, around: &Around) -> AnyView {
    view! {
        <button type="button" class="button quiet way" data-act=act disabled=!around.live>
            {icon(glyph)}{words}<span class="visually-hidden">" "{what}</span>
        </button>
    }
    .into_any()
}

/// Steps between versions: ‹ 2/3 ›. Its buttons keep their ids, and so the focus, in every version.
fn versions(key: &str, what: &'static str, around: &Around) -> Option<AnyView> {
    let version = around.versions.iter().find(|version| version.key == key)?;
    let step = |to: &Option<String>, way: &'static str, words: &'static str| {
        let act = to.as_ref().map(|turn| format!("turns/{turn}/choose"));
        // It keeps the focus where there is no further version.
        let is_end = act.is_none().then_some("true");
        view! {
            <button
                type="button" class=format!("button quiet way icon-only step {way}") id=format!("{way}-{}", version.group)
                data-act=act aria-disabled=is_end disabled=!around.live && is_end.is_none() title=words
            >
                {icon(Glyph::Chevron)}<span class="visually-hidden">{words}{tr!(" of ", ": ")}{what}</span>
            </button>
        }
    };
    let (number, of) = (version.number, version.of);
    let row = view! {
        <span class="versions" role="group" aria-label=tr!(format!("Versions of {what}"), format!("Versionen: {what}"))>
            {step(&version.before, "before", tr!("Previous version", "Vorige Version"))}
            <span class="small"><span aria-hidden="true">{format!("{number}/{of}")}</span><span class="visually-hidden">{tr!(format!("Version {number} of {of}"), format!("Version {number} von {of}"))}</span></span>
            {step(&version.after, "after", tr!("Next version", "Nächste Version"))}
        </span>
    };
    Some(row.into_any())
}

/// Without a source, it copies the code beside it. Words and icon change when it is done.
fn copy(source: String, words: &'static str, what: &'static str) -> AnyView {
    let source = Some(source).filter(|source| !source.is_empty());
    let key = source.as_ref().map(|_| "y");
    view! {
        <button type="button" class="button quiet way" data-key=key data-use=assets::current().public("copy.js") data-source=source>
            <span class="way-icon">{icon(Glyph::Copy)}{icon(Glyph::Check)}</span>
            <span data-words>{words}</span>
            <span class="visually-hidden">{what}</span>
        </button>
    }
    .into_any()
}
