//! The agent's chat as browsers and a model see it, among the real sites of the test world, and with an agent that tests
//! can kill at any point.
#![allow(clippy::unwrap_used, reason = "a test that can't go on fails")]
#![allow(unreachable_pub, reason = "nothing outside can reach a test")]

mod beside;
mod branches;
mod browser;
mod cleanup;
mod days;
mod faults;
mod issuer;
mod list;
mod login;
mod manage;
mod model;
mod more_time;
mod orders;
mod others;
mod outcomes;
mod parts;
mod people;
mod quirks;
mod rehearsal;
mod resume;
mod search;
mod settings;
mod several;
mod stream;
mod visitor;
mod ways;
mod world;
