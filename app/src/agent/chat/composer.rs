//! Where the person writes. What is written and not sent stays in the tab's storage.

use leptos::{ev, html, prelude::*, task::spawn_local};
use shared::chat::{MESSAGE_CHARACTERS, message_excess};
use wasm_bindgen::JsCast;
use web_sys::HtmlTextAreaElement;

use super::{
    api::{self, Fault},
    cards, follow, live,
    state::Chat,
    unsent::{self, storage},
};
use crate::ui::{Glyph, icon};

const ID: &str = "message";
const TOO_LONG: &str = "too-long";

pub(super) fn composer(chat: Chat) -> AnyView {
    let area: NodeRef<html::Textarea> = NodeRef::new();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        send(chat);
    };
    let key = move |event: ev::KeyboardEvent| {
        // The Enter that ends an input method's composition belongs to it. Safari says that the composition is over
        // and marks the key by this code instead (UI Events, "Legacy Key & Mouse Event Attributes").
        let composes = event.is_composing() || event.key_code() == 229;
        if event.key() == "Enter" && !event.shift_key() && !composes {
            event.prevent_default();
            send(chat);
        }
    };
    Effect::new(move |_| {
        if let Some(area) = area.get() {
            restore(chat, &area);
        }
    });
    let is_over = move || chat.over.get() > 0;
    let is_new = chat.thread.with_untracked(Option::is_none);
    let running = move || chat.running.with(|running| !running.is_empty());
    // Why Stop did nothing.
    let wrong = RwSignal::new(None::<Fault>);
    let told = live::words(move || wrong.with(|wrong| wrong.as_ref().map(Fault::message).unwrap_or_default()));
    view! {
        <form class="composer" on:submit=submit>
            <label class="visually-hidden" for=ID>"Message the agent"</label>
            <textarea
                id=ID
                class="composer-text"
                rows="1"
                aria-describedby=TOO_LONG
                aria-invalid=live::words(move || is_over().to_string())
                placeholder="Message the agent…"
                enterkeyhint="send"
                autocomplete="off"
                autofocus=is_new
                dir="auto"
                node_ref=area
                on:keydown=key
                on:input=move |_| changed(chat)
            ></textarea>
            <p class="composer-over small" id=TOO_LONG role="status" hidden=live::flag(move || !is_over())>
                {live::words(move || too_long(chat.over.get()))}
            </p>
            <div class="composer-ways">
                <span class="composer-hint tiny muted"><kbd>"Enter"</kbd>" sends, "<kbd>"Shift"</kbd>" + "<kbd>"Enter"</kbd>" starts a line"</span>
                <span class="small" role="status" hidden=live::flag(move || wrong.with(Option::is_none))>{told}</span>
                {cards::way_in(chat, wrong)}
                <button type="button" class="button" hidden=live::flag(move || !running()) on:click=live::click(move || stop(chat, wrong))>{icon(Glyph::Stop)}"Stop"</button>
                <button type="submit" class="button primary" disabled=live::flag(move || !chat.ready.get() || is_over())>"Send"{icon(Glyph::Send)}</button>
            </div>
        </form>
    }
    .into_any()
}

fn area() -> Option<HtmlTextAreaElement> {
    document().get_element_by_id(ID)?.dyn_into().ok()
}

/// The focus goes where one writes.
pub(super) fn focus() {
    if let Some(area) = area() {
        let _ = area.focus();
    }
}

/// Puts a text in, before what is there.
pub(super) fn put(chat: Chat, text: &str) {
    if let Some(area) = area() {
        let there = area.value();
        let joined = if there.is_empty() { text.to_owned() } else { format!("{text}\n{there}") };
        area.set_value(&joined);
        changed(chat);
        let _ = area.focus();
    }
}

fn send(chat: Chat) {
    let Some(area) = area() else { return };
    let text = area.value().trim().to_owned();
    if text.is_empty() || !chat.ready.get_untracked() || message_excess(&text) > 0 {
        return;
    }
    area.set_value("");
    changed(chat);
    let _ = area.focus();
    unsent::send(chat, text);
    request_animation_frame(move || follow::to_end(chat));
}

/// Stops the answers that run.
fn stop(chat: Chat, wrong: RwSignal<Option<Fault>>) {
    let Some(thread) = chat.thread.get_untracked() else { return };
    focus();
    for turn in chat.running.get_untracked() {
        let thread = thread.clone();
        spawn_local(async move {
            // A conflict means that it is over already.
            let done = api::act(&thread, &format!("turns/{turn}/cancel"), chat.signed_in()).await;
            wrong.set(done.err().filter(|fault| !matches!(fault, Fault::Refused(error) if error.error == "conflict")));
        });
    }
}

fn changed(chat: Chat) {
    let Some(area) = area() else { return };
    grow(&area);
    count(chat, &area);
    if let Some(storage) = storage() {
        let text = area.value();
        let _ = if text.is_empty() { storage.remove_item(&draft(chat)) } else { storage.set_item(&draft(chat), &text) };
    }
}

/// What was written before the page was left, unless something is written already. What a visitor wrote is the
/// person's who logs in, and nobody else's.
fn restore(chat: Chat, area: &HtmlTextAreaElement) {
    let visitors = draft_of(chat, "");
    if area.value().is_empty()
        && let Some(storage) = storage()
        && let Some(text) =
            [draft(chat), visitors.clone()].iter().find_map(|name| storage.get_item(name).ok().flatten())
    {
        area.set_value(&text);
        let _ = storage.remove_item(&visitors);
        let _ = storage.set_item(&draft(chat), &text);
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

fn too_long(over: usize) -> String {
    let s = if over == 1 { "" } else { "s" };
    format!("Too long by {over} character{s}: shorten it to send it. A message has at most {MESSAGE_CHARACTERS}.")
}

/// The name in the storage of the draft of whoever is logged in.
fn draft(chat: Chat) -> String {
    chat.who.with_value(|who| draft_of(chat, who.as_deref().unwrap_or_default()))
}

fn draft_of(chat: Chat, who: &str) -> String {
    chat.thread.with_untracked(|thread| format!("mandate.draft.{who}.{}", thread.as_deref().unwrap_or("new")))
}

/// As high as its text; the style sheet says how high it may become. (Browsers that know `field-sizing` would do it
/// by themselves.)
fn grow(area: &HtmlTextAreaElement) {
    let style = web_sys::HtmlElement::style(area);
    let _ = style.set_property("height", "auto");
    let _ = style.set_property("height", &format!("{}px", area.scroll_height()));
}
