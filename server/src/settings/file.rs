//! `MANDATE_CONFIG`: the configuration file, and the variables that it refers to.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use foundation::SecretString;

use super::value::{Given, Wrong, text, wrong};
use crate::config::{Configuration, secret::SecretRef, source::Source};

/// The default file.
const DEFAULT: &str = "mandate.toml";

/// The text of the file, and its folder.
pub(super) fn find(given: Given<'_>) -> Result<(Option<Source>, PathBuf), Wrong> {
    let named = text(given, "MANDATE_CONFIG");
    let path = PathBuf::from(named.as_deref().unwrap_or(DEFAULT));
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    match std::fs::read_to_string(&path) {
        Ok(text) => Ok((Some(Source { name: path.display().to_string(), text }), folder)),
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => Ok((None, folder)),
        Err(error) => Err(wrong("MANDATE_CONFIG", &format!("{} can't be read: {error}", path.display()))),
    }
}

/// The values of the secrets' variables that are set.
pub(super) fn secrets(given: Given<'_>, config: &Configuration) -> BTreeMap<String, SecretString> {
    let references = [&config.mandate, &config.stocktrade].into_iter().flat_map(|part| part.secrets());
    let names = references.filter_map(|(_, reference)| match reference {
        SecretRef::Env(name) | SecretRef::Kept(name) => Some(name),
        SecretRef::File(_) => None,
    });
    let names = names.chain(["REHEARSAL_KEY".to_owned()]);
    names.filter_map(|name| Some((name.clone(), text(given, &name)?.into()))).collect()
}
