//! The authorization endpoint.

pub(crate) mod audience;
