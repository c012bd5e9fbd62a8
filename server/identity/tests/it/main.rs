//! Tests at the level of the promise: instances of the identity service over HTTP.

#![allow(clippy::unwrap_used)]

mod account;
mod apps;
mod asking;
mod auth0;
mod authorize;
mod blocks;
mod ciba;
mod clients;
mod codes;
mod connect;
mod decision;
mod demo;
mod facts;
mod growth;
mod keys;
mod logout;
mod pair;
mod password;
mod people;
mod ping;
mod refresh;
mod request;
mod standing;
mod statement;
mod tokens;
mod vault;
