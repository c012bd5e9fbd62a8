//! Login: with a password here, or at another provider.

pub(crate) mod form;
pub(crate) mod password;
pub(crate) mod person;
pub(crate) mod posted;
pub(crate) mod provider;
pub mod seed;
pub(crate) mod session;
pub(crate) mod signup;
pub(crate) mod throttle;
