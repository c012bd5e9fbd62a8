//! Asynchronous approval (CIBA): a client asks, the person decides on a page of Mandate identity, and the client gets a
//! ping.
//!
//! An order passes these modules in this sequence: `request` (the client asks), `page` (the person reads), `decide`
//! (the person decides), `ping` (the client learns of it), `token/ciba` (it fetches its token), `token/vault`,
//! `statement` (Mandate identity signs it for the account's provider), `token/exchange` at the provider, and `active`
//! (before the order is placed, the provider asks whether the approval is still active).
//!
//! Crash points, where a test kills the process (`MANDATE_CRASH_AT`):
//!
//! | name | the process dies after | what happens next |
//! |---|---|---|
//! | `identity:request-stored` | storing a request, before sending the answer | the client repeats the request with the same key and gets the same `auth_req_id` |
//! | `identity:decided` | storing a decision and its ping, before sending either | the ping goes out after the restart |
//! | `identity:exchanged` | the provider issued the order's token, before passing it on | the client exchanges again and gets a token with the same `txn` |

pub(crate) mod active;
mod auth_req_id;
mod decide;
pub(crate) mod desk;
pub(crate) mod end;
mod facts;
mod live;
mod page;
pub(crate) mod ping;
mod receipt;
mod request;
pub(crate) mod requested;
pub(crate) mod state;
pub(crate) mod statement;
mod target;
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
