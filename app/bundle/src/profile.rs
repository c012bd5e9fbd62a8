//! How the browser's code is built, and how a step of the build fails.

use std::error::Error;

/// The error is a message for the developer.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How the browser's code is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Quick to build, and without Brotli.
    Dev,
    /// Small, with a `.br` beside each file.
    Release,
}

impl Profile {
    /// The profile's name in the workspace's manifest.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dev => "wasm-dev",
            Self::Release => "wasm-release",
        }
    }
}
