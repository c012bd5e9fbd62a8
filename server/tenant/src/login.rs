//! Logging in: with a password here, or at another provider.

pub(crate) mod password;
pub(crate) mod person;
pub mod seed;
pub(crate) mod throttle;

pub use person::{Person, person};
