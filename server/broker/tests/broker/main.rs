//! StockTrade, tested at its promises: over HTTP, with tokens of a small issuer of our own. With
//! `TEST_DATABASE_URL` on PostgreSQL, otherwise on SQLite.

// Tests may stop at what can't be.
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
