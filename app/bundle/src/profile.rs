//! Build profiles of the browser's code, and the error of a build step.

use std::error::Error;

/// The error is a message for the developer.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A build profile of the browser's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Fast to build, without Brotli.
    Dev,
    /// Small, with a `.br` copy of each file.
    Release,
}

impl Profile {
    /// The name of the profile in the workspace's manifest.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dev => "wasm-dev",
            Self::Release => "wasm-release",
        }
    }
}
