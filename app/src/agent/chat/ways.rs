//! What the person can do with an answer. A control names in `data-use` the module that acts when it is used
//! (`public/use.js`).

use ::agent::page::Around;
use leptos::prelude::*;

use crate::{
    assets,
    ui::{Glyph, icon},
};

/// Below an answer.
pub(super) fn of_answer(turn: &str, around: &Around) -> AnyView {
    let thread = around.thread.as_deref().unwrap_or_default();
    view! {
        <div class="turn-ways">
            {copy(format!("/api/threads/{thread}/turns/{turn}/markdown"), "Copy", "the answer")}
        </div>
    }
    .into_any()
}

/// Above a code block.
pub(super) fn copy_code() -> AnyView {
    copy(String::new(), "Copy", "the code")
}

/// Without a source, it copies the code beside it. Words and icon change when it is done.
fn copy(source: String, words: &'static str, what: &'static str) -> AnyView {
    let source = Some(source).filter(|source| !source.is_empty());
    view! {
        <button type="button" class="button quiet way" data-use=assets::current().public("copy.js") data-source=source>
            <span class="way-icon">{icon(Glyph::Copy)}{icon(Glyph::Check)}</span>
            <span data-words>{words}</span>
            <span class="visually-hidden">{what}</span>
        </button>
    }
    .into_any()
}
