//! The pages of the three sites: rendered on the server, with islands for what changes in the browser. `app/hydrate`
//! starts the islands from the same code.

pub mod agent;
#[cfg(feature = "ssr")]
mod assets;
#[cfg(feature = "ssr")]
pub mod broker;
#[cfg(feature = "ssr")]
mod errors;
#[cfg(all(test, feature = "ssr"))]
mod gallery;
#[cfg(feature = "ssr")]
pub mod identity;
#[cfg(feature = "ssr")]
mod notes;
#[cfg(feature = "ssr")]
pub mod shell;
pub mod ui;
#[cfg(feature = "ssr")]
pub mod words;

#[cfg(feature = "ssr")]
pub use assets::{Assets, OtherVersion, asset_routes};
#[cfg(feature = "ssr")]
pub use errors::{ErrorPage, Said, with_error_pages};
