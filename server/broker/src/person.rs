//! Who is logged in, as their session keeps it.

use serde::{Deserialize, Serialize};

/// What a person's session keeps.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LoggedIn {
    pub(crate) name: String,
    /// For `id_token_hint` at logout. Sealed at rest, as all of a session is.
    pub(crate) id_token: String,
    /// Stays the same for this browser: [`foundation::session::Session::browser`].
    #[serde(default)]
    pub(crate) browser: String,
}
