//! Connecting an account at another provider (PROTOCOL.md, "Connecting an account"): the client starts and completes it
//! over the My Account API (`my_account`). In between, the person consents in their browser (`browser`).

pub(crate) mod browser;
mod connected;
mod error;
pub(crate) mod my_account;
mod oauth;
pub(crate) mod removed;
pub(crate) mod revocation;
pub(crate) mod unfinished;

use axum::{
    Router,
    middleware::map_response,
    routing::{delete, get, post},
};

use crate::{error::elsewhere, state::Identity};
pub(crate) use error::AccountError;

/// The endpoints of the My Account API and for the browser.
pub fn routes(_identity: &Identity) -> Router<Identity> {
    Router::new()
        .route("/me/v1/connected-accounts/connect", post(my_account::connect))
        .route("/me/v1/connected-accounts/complete", post(my_account::complete))
        .route("/me/v1/connected-accounts/accounts", get(my_account::accounts))
        .route("/me/v1/connected-accounts/accounts/{id}", delete(my_account::disconnect))
        .route("/me/v1/connected-accounts/connections", get(my_account::connections))
        .route("/connected-accounts/connect", get(browser::connect))
        .route("/connected-accounts/callback", get(browser::callback).layer(map_response(elsewhere)))
        .route("/connected-accounts/callback/{connection}", get(browser::callback).layer(map_response(elsewhere)))
}
