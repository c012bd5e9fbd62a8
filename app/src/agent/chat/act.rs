//! Buttons that the server rendered. Each names its action in `data-act`: a call of the API (`turns/⟨id⟩/retry`,
//! `calls/⟨id⟩/withdraw`), a text to send (`ask`), or loading `earlier` messages.

use leptos::{prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};

use super::{
    api::{self, Fault},
    apply, draft, live,
    state::Chat,
    unsent,
};

/// Enables the page's buttons. Runs only in the browser.
pub(super) fn start(chat: Chat) {
    while let Ok(Some(button)) = document().query_selector("[data-act][disabled]") {
        if button.remove_attribute("disabled").is_err() {
            break;
        }
    }
    live::on("click", move |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        let Some(button) = target.and_then(|target| target.closest("[data-act]").ok().flatten()) else { return };
        let act = button.get_attribute("data-act").unwrap_or_default();
        match act.as_str() {
            "ask" => unsent::send(chat, button.get_attribute("data-text").unwrap_or_default()),
            "earlier" if is_plain(&event) => {
                event.prevent_default();
                load_earlier(chat);
            }
            "earlier" => {}
            _ => call(chat, button, act),
        }
    });
    live::on("scroll", move |_| {
        if window().scroll_y().unwrap_or_default() < NEAR {
            load_earlier(chat);
        }
    });
}

/// Distance from the start, in pixels, within which earlier messages are loaded.
const NEAR: f64 = 600.0;

/// Whether a click is meant for this tab.
fn is_plain(event: &web_sys::Event) -> bool {
    let event: &MouseEvent = event.unchecked_ref();
    !(event.ctrl_key() || event.meta_key() || event.shift_key())
}

fn call(chat: Chat, button: Element, act: String) {
    let Some(thread) = chat.thread.get_untracked() else { return };
    if button.has_attribute("aria-busy") {
        return;
    }
    let _ = button.set_attribute("aria-busy", "true");
    // The button is about to disappear, so the focus moves to the composer, except from the steps between versions.
    if !act.ends_with("/choose") {
        draft::focus();
    }
    spawn_local(async move {
        if let Err(fault) = api::act(&thread, &act, chat.signed_in()).await {
            show(chat, &button, &fault);
        }
        let _ = button.remove_attribute("aria-busy");
    });
}

/// Says within the button's item why its action failed.
fn show(chat: Chat, button: &Element, fault: &Fault) {
    chat.say(fault.message());
    let Ok(Some(item)) = button.closest("li") else { return };
    if let Ok(Some(told)) = item.query_selector("[data-fault]") {
        told.set_text_content(Some(&fault.message()));
        let _ = told.remove_attribute("hidden");
    }
    if fault.is_login()
        && let Ok(Some(link)) = item.query_selector("[data-login]")
    {
        let _ = link.remove_attribute("hidden");
    }
}

/// Loads the messages before the first one, and leaves what the reader sees where it is.
fn load_earlier(chat: Chat) {
    let Some(first) = apply::list().and_then(|list| list.first_element_child()) else { return };
    let (Some(before), Some(thread)) = (first.get_attribute("data-before"), chat.thread.get_untracked()) else {
        return;
    };
    if first.has_attribute("aria-busy") {
        return;
    }
    let _ = first.set_attribute("aria-busy", "true");
    spawn_local(async move {
        match api::earlier(&thread, &before).await {
            Ok(html) => {
                let next = first.next_element_sibling();
                let top = |element: &Option<Element>| element.as_ref().map(|it| it.get_bounding_client_rect().top());
                let was = top(&next);
                if apply::insert_html(&first, "afterend", &html) {
                    first.remove();
                    // Most browsers have done this by then, but none at the very top of a page.
                    request_animation_frame(move || {
                        if let (Some(was), Some(is)) = (was, top(&next)) {
                            window().scroll_by_with_x_and_y(0.0, is - was);
                        }
                    });
                }
            }
            // The next scroll tries again.
            Err(_) => drop(first.remove_attribute("aria-busy")),
        }
    });
}
