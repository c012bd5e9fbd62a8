//! The browser's storage.

use leptos::prelude::window;
use web_sys::Storage;

/// The tab's storage, which ends with the tab. `None` if the browser provides none.
pub(super) fn storage() -> Option<Storage> {
    window().session_storage().ok().flatten()
}

/// The storage that stays. `public/drafts.js` removes a person's part at the logout.
pub(super) fn kept() -> Option<Storage> {
    window().local_storage().ok().flatten()
}
