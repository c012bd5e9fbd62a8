//! Asynchronous approval (CIBA): a client asks, the person decides on a page of Mandate identity, the client is told.
//!
//! A walk through an order opens these rooms in this order: `request` (the client asks), `page` (the person
//! reads), `decide` (the person decides), `ping` (the client is woken), `token/ciba` (it fetches its token),
//! `token/vault`, `statement` (what Mandate identity signs for the account's provider), there `token/exchange`; before the
//! order is placed `standing` (the provider asks whether the approval still stands).
//!
//! Crash points, where a test ends the process (`MANDATE_CRASH_AT`):
//!
//! | name | the process dies when | what happens next |
//! |---|---|---|
//! | `identity:request-stored` | a request is stored, before its answer is sent | the client asks again with the same key: the same `auth_req_id` |
//! | `identity:decided` | a decision and its ping are stored, before anything is sent | the ping goes out after the start |
//! | `identity:exchanged` | the provider has issued the order's token, before it is handed on | the client exchanges again: the same `txn` |

mod auth_req_id;
mod decide;
pub(crate) mod desk;
pub(crate) mod detail;
pub(crate) mod end;
mod facts;
mod live;
mod page;
pub(crate) mod ping;
mod receipt;
mod request;
pub(crate) mod standing;
pub(crate) mod state;
pub(crate) mod statement;
mod words;

use axum::{
    Router,
    routing::{get, post},
};

use crate::{error, state::Identity};

/// The approval endpoints and pages.
pub fn routes(_identity: &Identity) -> Router<Identity> {
    Router::new()
        .route("/bc-authorize", post(request::bc_authorize).fallback(error::wrong_method))
        .route("/approvals", get(page::inbox))
        .route("/approvals/events", get(live::events))
        .route("/approvals/blocked", get(page::blocked))
        .route("/approvals/unblock", post(decide::unblock))
        .route("/approvals/{id}", get(page::approval).post(decide::decide))
}
