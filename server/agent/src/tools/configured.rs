//! Tools of the configuration: each one request to an API, described by data (`table`), offered and called like the
//! compiled ones. One that changes something asks the person first, and is called once they have approved it.

mod address;
mod arguments;
pub(crate) mod call;
pub(super) mod read;
mod show;
pub(super) mod table;
pub(crate) mod tool;
