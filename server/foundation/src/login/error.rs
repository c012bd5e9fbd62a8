//! Why a login came to nothing.

/// Why a login came to nothing. The texts are for people.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    #[error("{0} can't be reached right now. Nothing was changed; try again in a moment.")]
    Unreachable(String),
    /// The provider sent the person back with an error (RFC 6749 §4.1.2.1): `access_denied` and the like.
    #[error("The login was not finished ({0}).")]
    Refused(String),
    /// Unknown, used, expired or another browser's `state`; another provider's `iss` (RFC 9207).
    #[error("This login doesn't belong to this browser, or it took too long. Start again.")]
    NotYours,
    #[error("The answer of {0} isn't valid, so nobody was logged in. Start again.")]
    Invalid(String),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl LoginError {
    /// The kind of error, as a fixed word. The page that tells it has an address of its own with this word in it: the
    /// callback's address holds a code, and a page's address is seen by all that it loads (THREATS.md line 10).
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
