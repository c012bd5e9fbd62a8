//! The identity service: OpenID provider, token vault, asynchronous approval. It runs twice: as Mandate identity, and
//! as the broker's own provider.

pub mod approval;
mod apps;
pub mod audit;
pub mod authorize;
pub mod cleanup;
pub mod client;
pub mod config;
mod configure;
pub mod connection;
pub mod consent;
mod cors;
pub mod discovery;
pub mod error;
mod error_page;
pub mod introspect;
pub mod keys;
mod language;
pub mod limits;
pub mod login;
pub mod logout;
pub mod operator;
pub(crate) mod outbox;
pub mod page;
pub mod params;
mod picture;
mod recording;
mod resource;
pub mod retire;
pub mod revoke;
mod routes;
mod start;
pub mod state;
pub mod store;
pub mod token;
pub mod userinfo;
pub mod vault;

pub use error::StartError;
pub use state::Identity;

/// The migrations of this service's database.
pub fn migrator() -> sqlx::migrate::Migrator {
    sqlx::migrate!("../../migrations/tenant")
}
