//! The workshop: what a reader has done of each step, and the few things that its pages do. Whether a step is done is
//! read from the databases, never from a click.

mod check;
mod page;
mod routes;

pub use check::{Check, Impossible, Missing};
pub use page::{Made, Workshop};
pub(crate) use routes::routes;

/// How many steps there are.
pub const STEPS: usize = 7;

/// What the workshop's own client at `/mcp` calls itself: it is no other client.
pub const CLIENT: &str = "Workshop page";
