//! The page's one voice for screen readers: a live region that says one text at a time, in order, and is empty
//! afterwards.

use std::{cell::RefCell, collections::VecDeque, time::Duration};

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::live;

const ID: &str = "voice";

/// How long a text stays for the screen reader to take it up.
const STAYS: Duration = Duration::from_millis(1_200);

thread_local! {
    /// The texts to say. The first one is being said.
    static SAID: RefCell<VecDeque<String>> = const { RefCell::new(VecDeque::new()) };
}

/// Says what the page's static scripts have to say, too.
pub(super) fn listen() {
    live::on("mandate:say", |event| {
        if let Some(text) = event.dyn_ref::<web_sys::CustomEvent>().and_then(|event| event.detail().as_string()) {
            say(text);
        }
    });
}

/// Says a text after those before it.
pub(super) fn say(text: String) {
    if text.is_empty() {
        return;
    }
    let is_first = SAID.with_borrow_mut(|said| {
        said.push_back(text);
        said.len() == 1
    });
    if is_first {
        next();
    }
}

fn next() {
    write(&SAID.with_borrow(|said| said.front().cloned().unwrap_or_default()));
    let done = || {
        write("");
        let is_over = SAID.with_borrow_mut(|said| {
            said.pop_front();
            said.is_empty()
        });
        if !is_over {
            // The region is empty in between, so that the same text is said again.
            set_timeout(next, Duration::from_millis(100));
        }
    };
    set_timeout(done, STAYS);
}

fn write(text: &str) {
    if let Some(region) = document().get_element_by_id(ID) {
        region.set_text_content(Some(text));
    }
}

pub(super) fn region() -> AnyView {
    view! { <div class="visually-hidden" id=ID aria-live="polite"></div> }.into_any()
}
