//! The workshop: what a reader has done of each step, and the few things that its pages do. Whether a step is done is
//! read from the databases, never from a click.

mod attempt;
mod break_it;
mod check;
mod end;
mod page;
mod reader;
mod recording;
pub(crate) mod replay;
mod routes;

pub use crate::identity::apps::App;
pub use attempt::{Answer, Asked, Attempted, Kind};
pub use check::{CLIENT, Check, Impossible, Missing, STEPS};
pub use end::End;
pub use page::{Holds, Workshop};
pub(crate) use routes::routes;
