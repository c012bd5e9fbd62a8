//! The workshop: a reader's progress in its steps, and the few actions of its pages. The databases show whether a step
//! is done, never a click.

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
