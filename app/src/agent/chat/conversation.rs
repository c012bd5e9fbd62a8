//! The conversation: the browser's additions around the transcript that the server renders.

use leptos::prelude::*;

use super::{
    act, composer, follow, live,
    opened::Opened,
    state::Chat,
    stream, unsent,
    words::{Word, word},
};
use crate::ui::{Glyph, icon};

/// `children`: the transcript's list.
#[island]
pub fn Conversation(opened: Opened, children: Children) -> impl IntoView {
    let chat = Chat::new(opened);
    Effect::new(move |_| {
        chat.start();
        unsent::resume(chat);
        stream::start(chat);
        follow::start(chat);
        act::start(chat);
        chat.ready.set(true);
    });
    Effect::new(move |before: Option<()>| {
        let title = chat.title.get();
        if before.is_some() && !title.is_empty() {
            document().set_title(&format!("{title} · Mandate"));
            if let Some(heading) = document().get_element_by_id("chat-title") {
                heading.set_text_content(Some(&title));
            }
        }
    });
    Effect::new(move |_| {
        let is_new = chat.thread.with(Option::is_none) && chat.unsent.with(Vec::is_empty);
        if let Some(welcome) = document().get_element_by_id("welcome") {
            let _ = welcome.toggle_attribute_with_force("hidden", !is_new);
        }
    });
    view! {
        // This log isn't live for screen readers. Finished blocks are announced (`voice`).
        <div class="conversation" role="log" aria-live="off" aria-label=word(Word::Conversation)>
            {children()}
            {unsent::list(chat)}
            <p class="working" hidden=live::flag(move || !chat.works.get())><span class="spinner" aria-hidden="true"></span>{word(Word::Works)}</p>
        </div>
        <div class="composer-place">
            {follow::button(chat)}
            <p class="lost" role="status" hidden=live::flag(move || !chat.lost.get())>
                {icon(Glyph::Alert)}{word(Word::Lost)}
            </p>
            {composer::composer(chat)}
            <p class="composer-note">{word(Word::Note)}</p>
        </div>
    }
}
