//! What changes on the page, each kind of it in one type. Leptos compiles its rendering once for every type that it
//! meets, and each closure is a type of its own: with these the bundle carries it once.

use std::sync::Arc;

use leptos::{ev, prelude::*};

/// A part of the page that is built anew when what it reads changes.
pub(super) fn part(view: impl Fn() -> AnyView + Send + Sync + 'static) -> AnyView {
    one_type(Arc::new(view))
}

fn one_type(view: Arc<dyn Fn() -> AnyView + Send + Sync>) -> AnyView {
    (move || view()).into_any()
}

/// Words that change, in the page or in an attribute.
pub(super) fn words(text: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(text)
}

/// An attribute that comes and goes: `hidden`, `disabled`.
pub(super) fn flag(is: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    Signal::derive(is)
}

/// Hears an event of the window for as long as the page lives.
pub(super) fn on(name: &'static str, hear: impl Fn(web_sys::Event) + 'static) {
    boxed_on(name, Box::new(hear));
}

fn boxed_on(name: &'static str, hear: Box<dyn Fn(web_sys::Event)>) {
    window_event_listener_untyped(name, hear);
}

/// What a button does.
pub(super) fn click(act: impl FnMut() + 'static) -> impl FnMut(ev::MouseEvent) + 'static {
    boxed(Box::new(act))
}

fn boxed(mut act: Box<dyn FnMut()>) -> impl FnMut(ev::MouseEvent) + 'static {
    move |_| act()
}
