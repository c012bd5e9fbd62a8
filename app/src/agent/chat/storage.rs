//! The tab's storage, which ends with the tab.

use leptos::prelude::window;

/// `None` if the browser provides no storage.
pub(super) fn storage() -> Option<web_sys::Storage> {
    window().session_storage().ok().flatten()
}
