//! Reads one setting from its text.

use crate::config::source::Faults;

pub(super) const DAY_MS: i64 = 24 * 3_600_000;
/// The most days that a setting accepts: a century.
pub(super) const DAYS: i64 = 36_525;

/// Gives a variable's text by its name, from the environment or from a test.
pub type Given<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A mistake in the settings, and how to fix it.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    #[error("{name}: {what}")]
    Setting { name: &'static str, what: String },
    /// A mistake in the configuration file.
    #[error("the configuration is wrong, and nothing was changed:\n{0}")]
    File(Faults),
}

pub(super) fn wrong(name: &'static str, what: &str) -> Wrong {
    Wrong::Setting { name, what: what.to_owned() }
}

/// A setting's text; an empty one counts as unset.
pub(super) fn text(given: Given<'_>, name: &str) -> Option<String> {
    given(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Warns of certificate authorities that can't be read: the TLS library ignores them, and connections to sites with
/// their certificates then fail.
pub(super) fn warn_of_certificates(given: Given<'_>) {
    let files = text(given, "SSL_CERT_FILE").map(|file| ("SSL_CERT_FILE", file));
    let folders = text(given, "SSL_CERT_DIR").unwrap_or_default();
    let folders =
        folders.split(':').filter(|folder| !folder.is_empty()).map(|folder| ("SSL_CERT_DIR", folder.to_owned()));
    for (setting, path) in files.into_iter().chain(folders) {
        let is_folder = setting == "SSL_CERT_DIR";
        let read = if is_folder { std::fs::read_dir(&path).map(drop) } else { std::fs::read(&path).map(drop) };
        if let Err(error) = read {
            tracing::warn!(setting, path, %error, "certificates can't be read");
        }
    }
}

/// The parts of a comma-separated list.
pub(super) fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// `on` or `off`.
pub(super) fn switch(given: Given<'_>, name: &'static str) -> Result<Option<bool>, Wrong> {
    match text(given, name).as_deref() {
        None => Ok(None),
        Some("on") => Ok(Some(true)),
        Some("off") => Ok(Some(false)),
        Some(_) => Err(wrong(name, "expected on or off")),
    }
}

pub(super) fn number(given: Given<'_>, name: &'static str, default: i64, least: i64, most: i64) -> Result<i64, Wrong> {
    let Some(text) = text(given, name) else { return Ok(default) };
    text.parse()
        .ok()
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| wrong(name, &format!("expected a whole number from {least} to {most}")))
}

/// A retention setting in days, as milliseconds; 0 means `None`: forever.
pub(super) fn kept(given: Given<'_>, name: &'static str, default: i64, least: i64) -> Result<Option<i64>, Wrong> {
    let days = number(given, name, default, 0, DAYS)?;
    match days {
        0 => Ok(None),
        _ if days < least => Err(wrong(name, &format!("expected at least {least} days, or 0 to keep them forever"))),
        _ => Ok(Some(days * DAY_MS)),
    }
}
