//! The browser's half of the program: starts the islands that the server rendered.

// Keeps the islands' exports in the bundle.
#[allow(unused_imports)]
use app::*;
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the page's loader before it starts each island.
#[wasm_bindgen]
pub fn hydrate() {
    #[cfg(debug_assertions)]
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
