//! Tests at the level of the promise: instances of the identity service over HTTP.

#![allow(clippy::unwrap_used)]

mod pair;
mod statement;
