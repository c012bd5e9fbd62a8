//! The workshop: what a reader has done of each step, and the few things that its pages do. Whether a step is done is
//! read from the databases, never from a click.

mod check;
mod page;
mod routes;

pub use check::{CLIENT, Check, Impossible, Missing, STEPS};
pub use page::{Made, Workshop};
pub(crate) use routes::routes;
