//! The one test world: the three real sites in one process, set up as `mandate serve` sets them up, on ports of their
//! own and a database of their own. A [`Front`] before each site notes what it was asked, and makes faults where a test
//! wants them. For tests alone, which stop at what can't be.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test that can't go on fails")]

mod fault;
mod front;
mod ground;
mod market;
mod people;
mod place;
mod seen;
mod start;

pub use driver::{ALICE, BOB, Browser, Credentials};
pub use fault::{Fault, refusal};
pub use front::{Front, When, at, grant};
pub use ground::Ground;
pub use mandate;
pub use people::Person;
pub use seen::Seen;
pub use start::{Setup, World};
