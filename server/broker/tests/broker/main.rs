//! StockTrade's contract, tested over HTTP with tokens of a small test issuer. Runs on PostgreSQL if
//! `TEST_DATABASE_URL` is set, otherwise on SQLite.

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
