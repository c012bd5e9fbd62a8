//! Changing parts of the page, with one type for each kind. Leptos compiles its rendering code once for every type, and
//! each closure has its own. These types keep the bundle small.

use std::sync::Arc;

use leptos::{ev, prelude::*};

/// A part of the page that is rebuilt when the signals it reads change.
pub(super) fn part(view: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    one_type(Arc::new(view))
}

fn one_type(view: Arc<dyn Fn() -> AnyView + Send + Sync>) -> AnyView {
    (move || view()).into_any()
}

/// A text that changes, in the page or in an attribute.
pub(super) fn words(text: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(text)
}

/// An attribute that is present or absent: `hidden`, `disabled`.
pub(super) fn flag(is: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    Signal::derive(is)
}

/// Listens to an event of the window for as long as the page exists.
pub(super) fn on(name: &'static str, hear: impl Fn(web_sys::Event) + 'static) {
    boxed_on(name, Box::new(hear));
}

fn boxed_on(name: &'static str, hear: Box<dyn Fn(web_sys::Event)>) {
    window_event_listener_untyped(name, hear);
}

/// Tells the page's list of chats (`public/list.js`) to update itself.
pub(super) fn list_changed() {
    if let Ok(event) = web_sys::Event::new("mandate:list") {
        let _ = document().dispatch_event(&event);
    }
}

/// The click handler of a button.
pub(super) fn click(act: impl FnMut() + 'static) -> impl FnMut(ev::MouseEvent) + 'static {
    boxed(Box::new(act))
}

fn boxed(mut act: Box<dyn FnMut()>) -> impl FnMut(ev::MouseEvent) + 'static {
    move |_| act()
}
