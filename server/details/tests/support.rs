//! What the tests share: the APIs of `types.toml`, and made-up ones.
#![allow(dead_code)]

use details::{ApiTable, Apis, Wrong};
use serde::Deserialize;

pub(crate) const FILE: &str = include_str!("types.toml");

#[derive(Deserialize)]
struct File {
    api: Vec<ApiTable>,
}

/// The APIs of a file, or what is wrong with it and at which line.
pub(crate) fn read(text: &str) -> Result<Apis, String> {
    let line = |at: usize| text[..at].matches('\n').count() + 1;
    let file: File = toml::from_str(text)
        .map_err(|wrong| format!("line {}: {}", wrong.span().map_or(0, |at| line(at.start)), wrong.message()))?;
    Apis::read(file.api).map_err(|Wrong { at, message }| format!("line {}: {message}", line(at.start)))
}

pub(crate) fn apis() -> Apis {
    read(FILE).expect("the file is right")
}
