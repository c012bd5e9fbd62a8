//! The shared test world: the three real sites in one process, configured like `mandate serve`, on their own ports and
//! database. A [`Front`] in front of each site records its requests, and causes the faults a test wants. Only for
//! tests: it panics on errors.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test that can't go on fails")]

mod fault;
mod front;
mod ground;
mod market;
mod people;
mod place;
mod seen;
mod start;

pub use driver::{ALICE, BOB, Browser, Credentials, claims, until};
pub use fault::{Fault, refusal};
pub use front::{Front, When, at, grant};
pub use ground::Ground;
pub use mandate;
pub use people::Person;
pub use seen::Seen;
pub use start::{Setup, World};
