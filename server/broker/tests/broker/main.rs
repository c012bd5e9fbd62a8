//! StockTrade's contract, tested over HTTP among the real sites of the test world, with tokens that its provider's key
//! signs for the tests. Runs on PostgreSQL if `TEST_DATABASE_URL` is set, otherwise on SQLite.

// Tests may panic.
#![allow(clippy::unwrap_used)]

mod account;
mod approval;
mod beside;
mod forms;
mod issuer;
mod limits;
mod login;
mod market;
mod openapi;
mod race;
mod stage;
mod token;
