//! The tab's storage, which ends with the tab.

use leptos::prelude::window;

/// None in a browser that keeps nothing.
pub(super) fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}
