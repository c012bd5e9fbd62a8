//! Keeps the end of the conversation in view while the reader is there. A reader who moves up stays where they are,
//! and reads that there is more below.

use std::cell::Cell;

use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, HtmlTextAreaElement, KeyboardEvent, MouseEvent, TouchEvent, WheelEvent};

use super::{live, state::Chat};
use crate::ui::{Glyph, icon};

/// Distance from the end, in pixels, within which a reader who moves down counts as being at the end.
const NEAR: f64 = 96.0;
/// The same for a reader who doesn't move: browsers round.
const THERE: f64 = 2.0;
/// How far a finger that only taps may slip, in pixels. Browsers take more than this for a movement of the page.
const SLOP: i32 = 4;

/// In the browser: begins at the end, then follows what the reader does.
pub(super) fn start(chat: Chat) {
    if chat.thread.with_untracked(Option::is_some) {
        to_end(chat);
    }
    live::on("scroll", move |_| scrolled(chat));
    // A device that moves the page says so before the page moves. Without these, an answer that grows in every frame
    // would undo each movement before it has gone far enough to be seen.
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
    // Beside the page's content is its scroll bar.
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
            // The browser goes to where the end is now.
            "End" => to_end(chat),
            _ => {}
        }
    });
    // At another width lines break elsewhere: a reader at the end stays there.
    live::on("resize", move |_| {
        if chat.follows.get_value() {
            to_end(chat);
        }
    });
}

/// Something was added: goes along for a reader at the end.
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

/// Goes to the end and stays there.
pub(super) fn to_end(chat: Chat) {
    arrive(chat);
    scroll_to_end();
}

thread_local! {
    /// Where the page was scrolled to when that was last looked at.
    static TOP: Cell<f64> = const { Cell::new(0.0) };
    /// The page's height when it was last looked at. What was added since isn't on the screen yet, so a reader who
    /// went to the end went to this one.
    static HEIGHT: Cell<f64> = const { Cell::new(0.0) };
    /// Where in the window a finger began to touch.
    static FINGER: Cell<i32> = const { Cell::new(0) };
}

/// The page moved: by the reader, by us, or because it became shorter.
fn scrolled(chat: Chat) {
    let (to_go, top) = (to_go(), top());
    let before = TOP.replace(top);
    let added = height() - HEIGHT.replace(height());
    if top > before && to_go - added.max(0.0) <= NEAR {
        arrive(chat);
    } else if to_go <= THERE {
        // A page that became shorter moves its reader up, and leaves them at the end.
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

/// Unless there is nowhere to go.
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

/// Where in the window the first finger is, from its top.
fn finger(event: &Event) -> i32 {
    let touch = event.unchecked_ref::<TouchEvent>().touches().get(0);
    touch.map(|touch| touch.client_y()).unwrap_or_default()
}

/// In a text the keys move the cursor.
fn is_in_text(event: &KeyboardEvent) -> bool {
    event.target().is_some_and(|target| target.has_type::<HtmlTextAreaElement>())
}

/// Pixels between what is in view and the end.
fn to_go() -> f64 {
    height() - top() - number(window().inner_height())
}

/// A page that is pulled beyond its end springs back; that is no movement.
fn top() -> f64 {
    window().scroll_y().unwrap_or_default().min(height() - number(window().inner_height()))
}

fn number(value: Result<JsValue, JsValue>) -> f64 {
    value.ok().and_then(|value| value.as_f64()).unwrap_or_default()
}

fn height() -> f64 {
    document().document_element().map(|root| f64::from(root.scroll_height())).unwrap_or_default()
}

/// The way down, while there is something new below.
pub(super) fn button(chat: Chat) -> AnyView {
    let go = live::click(move || to_end(chat));
    view! {
        <button type="button" class="button to-end" hidden=live::flag(move || !chat.below.get()) on:click=go>
            {icon(Glyph::Arrow)}"New below"
        </button>
    }
    .into_any()
}
