//! The tables that every instance has.

pub(crate) mod session;
