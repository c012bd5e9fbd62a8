//! The identity service: OpenID provider, token vault, asynchronous approval. It runs twice, as the tenant and
//! as the broker's own provider.

pub mod config;
pub mod page;
