//! Scrolling: keeps the end of the conversation in view while the reader is there. A reader who scrolls up stays where
//! they are, and sees a hint when there is more below.

use std::cell::Cell;

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, HtmlTextAreaElement, KeyboardEvent, MouseEvent, TouchEvent, WheelEvent};

use super::{
    live,
    state::Chat,
    words::{Word, word},
};
use crate::ui::{Glyph, icon};

/// Distance from the end, in pixels, within which a reader who scrolls down counts as being at the end.
const NEAR: f64 = 96.0;
/// The same for a reader who doesn't move, to allow for rounding in browsers.
const THERE: f64 = 2.0;
/// The distance that a tapping finger may slip, in pixels. Browsers need more than this to scroll.
const SLOP: i32 = 4;

/// Starts at the end, or where the address points, then follows the reader. Runs only in the browser.
pub(super) fn start(chat: Chat) {
    if document().query_selector(":target").is_ok_and(|target| target.is_some()) {
        chat.follows.set_value(to_go() <= NEAR);
    } else if chat.thread.with_untracked(Option::is_some) {
        to_end(chat);
    }
    live::on("scroll", move |_| scrolled(chat));
    // Input events come before the page scrolls. Without them, an answer that grows in every frame would undo each
    // scroll before it is far enough to be seen.
    live::on("wheel", move |event| {
        if event.unchecked_ref::<WheelEvent>().delta_y() < 0.0 {
            leave(chat);
        }
    });
    live::on("touchstart", move |event| FINGER.set(finger(&event)));
    live::on("touchmove", move |event| {
        if finger(&event) > FINGER.get() + SLOP {
            leave(chat);
        }
    });
    // The scroll bar is beside the page's content.
    live::on("pointerdown", move |event| {
        let width = document().document_element().map(|root| root.client_width()).unwrap_or_default();
        if event.unchecked_ref::<MouseEvent>().client_x() >= width {
            leave(chat);
        }
    });
    live::on("keydown", move |event| {
        let event: &KeyboardEvent = event.unchecked_ref();
        match event.key().as_str() {
            _ if is_in_text(event) => {}
            "ArrowUp" | "PageUp" | "Home" => leave(chat),
            " " if event.shift_key() => leave(chat),
            // The browser would go to the end as of this moment.
            "End" => to_end(chat),
            _ => {}
        }
    });
    // A new width breaks lines elsewhere. A reader at the end stays there.
    live::on("resize", move |_| {
        if chat.follows.get_value() {
            to_end(chat);
        }
    });
}

/// Content was added: scrolls down for a reader at the end.
pub(super) fn grown(chat: Chat) {
    request_animation_frame(move || {
        if chat.follows.get_value() {
            scroll_to_end();
        } else if to_go() > THERE {
            HEIGHT.set(height());
            chat.below.set(true);
        }
    });
}

/// Scrolls to the end and follows it.
pub(super) fn to_end(chat: Chat) {
    arrive(chat);
    scroll_to_end();
}

thread_local! {
    /// The scroll position at the last check.
    static TOP: Cell<f64> = const { Cell::new(0.0) };
    /// The page's height at the last check. Content added since isn't on the screen yet, so a reader who scrolled to
    /// the end aimed at this height.
    static HEIGHT: Cell<f64> = const { Cell::new(0.0) };
    /// The vertical position at which a finger started to touch.
    static FINGER: Cell<i32> = const { Cell::new(0) };
}

/// The page scrolled: by the reader, by this code, or because it became shorter.
fn scrolled(chat: Chat) {
    let (to_go, top) = (to_go(), top());
    let before = TOP.replace(top);
    let added = height() - HEIGHT.replace(height());
    if top > before && to_go - added.max(0.0) <= NEAR {
        arrive(chat);
    } else if to_go <= THERE {
        // A page that became shorter moves its reader up, and they are still at the end.
        chat.below.set(false);
    } else if top < before {
        leave(chat);
    }
}

fn arrive(chat: Chat) {
    chat.follows.set_value(true);
    if chat.below.get_untracked() {
        chat.below.set(false);
    }
}

/// Stops following, unless the page is too short to scroll.
fn leave(chat: Chat) {
    if top() > 0.0 {
        chat.follows.set_value(false);
    }
}

fn scroll_to_end() {
    window().scroll_to_with_x_and_y(0.0, height());
    TOP.set(top());
    HEIGHT.set(height());
}

/// The vertical position of the first finger within the window.
fn finger(event: &Event) -> i32 {
    let touch = event.unchecked_ref::<TouchEvent>().touches().get(0);
    touch.map(|touch| touch.client_y()).unwrap_or_default()
}

/// Within a text, the keys move the cursor.
fn is_in_text(event: &KeyboardEvent) -> bool {
    event.target().is_some_and(|target| target.has_type::<HtmlTextAreaElement>())
}

/// Pixels between the visible part and the end.
fn to_go() -> f64 {
    height() - top() - number(window().inner_height())
}

/// Ignores overscroll: a page pulled beyond its end springs back without a scroll by the reader.
fn top() -> f64 {
    window().scroll_y().unwrap_or_default().min(height() - number(window().inner_height()))
}

fn number(value: Result<JsValue, JsValue>) -> f64 {
    value.ok().and_then(|value| value.as_f64()).unwrap_or_default()
}

fn height() -> f64 {
    document().document_element().map(|root| f64::from(root.scroll_height())).unwrap_or_default()
}

/// The button that leads down, shown while there is something new below.
pub(super) fn button(chat: Chat) -> AnyView {
    let go = live::click(move || to_end(chat));
    view! {
        <button type="button" class="button to-end" hidden=live::flag(move || !chat.below.get()) on:click=go>
            {icon(Glyph::Arrow)}{word(Word::NewBelow)}
        </button>
    }
    .into_any()
}
