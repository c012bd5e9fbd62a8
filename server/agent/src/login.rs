//! The login.
