//! Keeps the end of the conversation in view, for those who are there; who scrolled up stays where they are and is
//! told that there is more.

use leptos::{ev, prelude::*};

use super::{live, state::Chat};
use crate::ui::{Glyph, icon};

/// So near the end counts as there, in pixels.
const NEAR: f64 = 96.0;

/// In the browser: begins at the end, and notices when the reader goes back there.
pub(super) fn start(chat: Chat) {
    if chat.thread.with_untracked(Option::is_some) {
        to_end();
    }
    window_event_listener(ev::scroll, move |_| {
        if chat.below.get_untracked() && is_at_end() {
            chat.below.set(false);
        }
    });
}

/// Whether the end of the page is in view.
pub(super) fn is_at_end() -> bool {
    let window = window();
    let number =
        |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|value| value.as_f64()).unwrap_or_default();
    let seen = window.scroll_y().unwrap_or_default() + number(window.inner_height());
    seen + NEAR >= height()
}

/// Something was added: goes along where the end was in view before.
pub(super) fn grown(chat: Chat, was_at_end: bool) {
    if was_at_end {
        request_animation_frame(to_end);
    } else {
        chat.below.set(true);
    }
}

pub(super) fn to_end() {
    window().scroll_to_with_x_and_y(0.0, height());
}

fn height() -> f64 {
    document().document_element().map(|root| f64::from(root.scroll_height())).unwrap_or_default()
}

/// The way down, while there is something new below.
pub(super) fn button(chat: Chat) -> AnyView {
    let go = live::click(move || {
        chat.below.set(false);
        to_end();
    });
    view! {
        <button type="button" class="button to-end" hidden=live::flag(move || !chat.below.get()) on:click=go>
            {icon(Glyph::Arrow)}"New below"
        </button>
    }
    .into_any()
}
