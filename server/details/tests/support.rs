//! Shared by the tests: the APIs of `types.toml`, and made-up ones.
#![allow(dead_code)]

use details::{Apis, Wrong};

pub(crate) const FILE: &str = include_str!("types.toml");

/// The APIs of a file, or its mistake with the line.
pub(crate) fn read(text: &str) -> Result<Apis, String> {
    let line = |at: usize| text[..at].matches('\n').count() + 1;
    Apis::parse(text).map_err(|Wrong { at, message }| format!("line {}: {message}", line(at.start)))
}

pub(crate) fn apis() -> Apis {
    read(FILE).expect("the file is right")
}
