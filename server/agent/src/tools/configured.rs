//! Configured tools: each is one request to an API, described by data (`table`), and offered and called like a built-in
//! tool. One that changes something asks the person first, and runs after their approval.

mod address;
mod arguments;
pub(crate) mod call;
pub(super) mod read;
mod show;
pub(super) mod table;
pub(crate) mod tool;
