//! The foundation of all sites: clock, databases, sessions, sealing, JWTs, login as a client, guards.

pub mod bearer;
pub mod canonical;
pub mod cleanup;
pub mod clock;
mod compress;
mod cookie;
pub mod crash;
pub mod db;
pub mod deadline;
pub mod guard;
pub mod http;
pub mod json;
pub mod jwt;
pub mod lang;
pub mod limit;
pub mod listen;
pub mod log;
pub mod login;
pub mod notify;
pub mod one_time;
pub mod parts;
pub mod proxy;
pub mod seal;
pub mod secret;
pub mod session;
mod shadowing;
pub mod site;
mod store;
pub mod streaming;
pub mod time;
pub mod trace;
pub mod typed;

pub use axum;
pub use secrecy::{ExposeSecret, SecretString};
pub use tokio_util::sync::CancellationToken;
