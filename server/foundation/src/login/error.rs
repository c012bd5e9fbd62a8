//! Errors of a login.

use crate::tr;

/// Why a login failed. The texts are for people.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    #[error("{0} can’t be reached right now. Nothing was changed; try again in a moment.")]
    Unreachable(String),
    /// The provider sent the person back with an error (RFC 6749 §4.1.2.1): `access_denied` and the like.
    #[error("The login was not completed ({0}).")]
    Refused(String),
    /// A `state` that is unknown, used, expired or another browser's, or an `iss` of another provider (RFC 9207).
    #[error("This login doesn’t belong to this browser, or it took too long. Start again.")]
    NotYours,
    #[error("The answer from {0} isn’t valid, so nobody was logged in. Start again.")]
    Invalid(String),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl LoginError {
    /// For people, in the reader's language.
    pub fn text(&self) -> String {
        let english = self.to_string();
        match self {
            Self::Unreachable(site) => tr!(
                english,
                format!("{site} ist gerade nicht erreichbar. Nichts wurde geändert; versuch es gleich noch einmal.")
            ),
            Self::Refused(why) => tr!(english, format!("Die Anmeldung wurde nicht abgeschlossen ({why}).")),
            Self::NotYours => tr!(
                english,
                "Diese Anmeldung gehört nicht zu diesem Browser, oder sie dauerte zu lange. Fang neu an.".into()
            ),
            Self::Invalid(site) => tr!(
                english,
                format!("Die Antwort von {site} ist ungültig, deshalb wurde niemand angemeldet. Fang neu an.")
            ),
            Self::Database(_) => english,
        }
    }

    /// The kind of error, as a fixed word. The error page has an address of its own with this word in it, because the
    /// callback's address holds an authorization code, and everything that a page loads sees the page's address
    /// (THREATS.md line 10).
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Refused(error) if error == "access_denied" => "access_denied",
            Self::Refused(_) => "refused",
            Self::NotYours => "not_yours",
            Self::Invalid(_) => "invalid",
            Self::Database(_) => "internal",
        }
    }
}
