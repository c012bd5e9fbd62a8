//! The grant that a provider issued, and the account that it is for.

use foundation::{SecretString, login::Authenticated};

/// The outcome of an authorization code flow.
#[derive(Debug)]
pub(super) struct Connected {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) name: Option<String>,
    /// The refresh token; the access token where the provider issues no refresh tokens. `None`: no lasting access.
    pub(super) grant: Option<SecretString>,
    /// When the grant ends, if it can't be refreshed and the provider said so; in milliseconds since 1970.
    pub(super) expires_at: Option<i64>,
    pub(super) scopes: Vec<String>,
    /// The connection in progress for which the flow began.
    pub(super) carry: String,
}

impl From<Authenticated> for Connected {
    fn from(authenticated: Authenticated) -> Self {
        Self {
            carry: authenticated.carry.as_str().unwrap_or_default().to_owned(),
            issuer: authenticated.issuer,
            subject: authenticated.subject,
            name: authenticated.name,
            grant: authenticated.refresh_token,
            expires_at: None,
            scopes: authenticated.scopes,
        }
    }
}
