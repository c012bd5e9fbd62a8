//! Announces the chat's texts to screen readers through the page's live region (`public/voice.js`).

use leptos::prelude::document;
use wasm_bindgen::JsValue;
use web_sys::CustomEvent;

/// Says a text after those before it.
pub(super) fn say(text: &str) {
    const NAME: &str = "mandate:say";
    if let Ok(event) = CustomEvent::new(NAME) {
        event.init_custom_event_with_can_bubble_and_cancelable_and_detail(NAME, false, false, &JsValue::from_str(text));
        let _ = document().dispatch_event(&event);
    }
}
