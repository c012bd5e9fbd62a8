//! Addresses that the chat leads to.

/// The address of a login that returns to a thread, or to a new chat.
pub(super) fn login_address(thread: Option<&str>) -> String {
    thread.map_or_else(|| "/auth/login?returnTo=/".into(), |thread| format!("/auth/login?returnTo=/t/{thread}"))
}
