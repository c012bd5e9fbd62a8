//! The one table of routes.

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{get, post},
};

use crate::{Tenant, error, keys, token};

pub(crate) fn routes(tenant: &Tenant) -> Router {
    Router::new()
        .route("/.well-known/jwks.json", get(keys::jwks))
        .route("/oauth/token", post(token::endpoint))
        .layer(from_fn_with_state(tenant.clone(), error::pages))
        .with_state(tenant.clone())
}
