//! What a request and its parameters are for, in a sentence each.

/// What a parameter, header, member of an answer or claim says, in a request to this path.
pub(super) fn parameter(_path: &str, _name: &str) -> Option<&'static str> {
    None
}

/// Why there is a request like this.
pub(super) fn request(_method: &str, _path: &str) -> Option<&'static str> {
    None
}
