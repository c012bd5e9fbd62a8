//! The draft of a message, one for each chat. The tab keeps it until it is sent. Other tabs find a person's, too, until
//! the person logs out.

use leptos::prelude::*;
use shared::chat::message_excess;
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;

use super::{
    state::Chat,
    storage::{kept, storage},
};

/// The id of the text area.
pub(super) const ID: &str = "message";

pub(super) fn area() -> Option<HtmlTextAreaElement> {
    document().get_element_by_id(ID)?.dyn_into().ok()
}

/// Moves the focus to the composer.
pub(super) fn focus() {
    if let Some(area) = area() {
        let _ = area.focus();
    }
}

/// Inserts a text before the draft.
pub(super) fn put(chat: Chat, text: &str) {
    if let Some(area) = area() {
        let there = area.value();
        let joined = if there.is_empty() { text.to_owned() } else { format!("{text}\n{there}") };
        area.set_value(&joined);
        changed(chat);
        let _ = area.focus();
    }
}

pub(super) fn changed(chat: Chat) {
    let Some(area) = area() else { return };
    grow(&area);
    count(chat, &area);
    let text = area.value();
    for storage in places(chat) {
        let _ = if text.is_empty() { storage.remove_item(&draft(chat)) } else { storage.set_item(&draft(chat), &text) };
    }
}

/// Brings back the draft from before the page was left, unless something is written already. A visitor's draft passes
/// to the person who logs in, and to nobody else.
pub(super) fn restore(chat: Chat, area: &HtmlTextAreaElement) {
    let visitors = draft_of(chat, "");
    let found = |name: &str| places(chat).find_map(|storage| storage.get_item(name).ok().flatten());
    if area.value().is_empty()
        && let Some(text) = found(&draft(chat)).or_else(|| found(&visitors))
    {
        area.set_value(&text);
        for storage in places(chat) {
            let _ = storage.remove_item(&visitors);
        }
        changed(chat);
    }
    grow(area);
    count(chat, area);
}

fn count(chat: Chat, area: &HtmlTextAreaElement) {
    let over = message_excess(&area.value());
    if chat.over.get_untracked() != over {
        chat.over.set(over);
    }
}

/// The storages that hold the draft: the tab's, and a logged-in person's permanent one.
fn places(chat: Chat) -> impl Iterator<Item = web_sys::Storage> {
    storage().into_iter().chain(kept().filter(|_| chat.signed_in()))
}

/// The storage key of the logged-in person's draft.
fn draft(chat: Chat) -> String {
    chat.who.with_value(|who| draft_of(chat, who.as_deref().unwrap_or_default()))
}

fn draft_of(chat: Chat, who: &str) -> String {
    chat.thread.with_untracked(|thread| format!("mandate.draft.{who}.{}", thread.as_deref().unwrap_or("new")))
}

/// Grows the text area with its text, up to the style sheet's limit. (Browsers with `field-sizing` would do this
/// themselves.)
fn grow(area: &HtmlTextAreaElement) {
    let style = web_sys::HtmlElement::style(area);
    let _ = style.set_property("height", "auto");
    let _ = style.set_property("height", &format!("{}px", area.scroll_height()));
}
