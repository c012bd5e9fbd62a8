//! Drives the whole program from outside, like people and other programs do: starts it as separate processes, opens its
//! pages with a browser made of an HTTP client, a cookie jar and forms, and acts as a compromised agent. For tests,
//! `make bench` and `make demo-attack`.

mod agent;
mod attack;
mod browser;
pub mod database;
mod events;
pub mod html;
mod instances;
pub mod kept;
mod outcome;
mod person;
mod program;
mod secrets;
mod sites;
mod until;

pub use agent::{Agent, Answer, claims};
pub use attack::{Attack, Attempt, order_body};
pub use browser::{Browser, Page};
pub use events::Thread;
pub use instances::SECOND;
pub use outcome::{Outcome, Trouble, in_query};
pub use person::{ALICE, BOB, Credentials};
pub use program::{Ended, Program, Setup, free_port};
pub use secrets::{Secrets, kept_secret};
pub use sites::Sites;
pub use until::{until, until_ok};
