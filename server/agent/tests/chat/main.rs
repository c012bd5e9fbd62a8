//! The agent's chat as browsers and a model see it: real HTTP, a database for each test, and an agent that tests can
//! kill at any point.
#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]
#![allow(unreachable_pub, reason = "nothing outside can reach a test")]

#[path = "../around/arrange.rs"]
mod arrange;
mod beside;
#[path = "../around/broker.rs"]
#[allow(dead_code, reason = "the other tests use the rest")]
mod broker;
mod browser;
mod cleanup;
mod faults;
#[path = "../around/identity.rs"]
#[allow(dead_code, reason = "the other tests use the rest")]
mod identity;
mod issuer;
mod login;
mod model;
mod orders;
mod others;
mod outcomes;
mod parts;
mod quirks;
mod rehearsal;
mod resume;
mod stream;
mod visitor;
mod world;
