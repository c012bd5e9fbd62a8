//! Clients, configured and self-registered.

pub(crate) mod authenticate;
pub(crate) mod name;
pub(crate) mod registration;

use crate::{config::Grant, error::OAuthError};

/// A client that may act here.
#[derive(Clone, Debug)]
pub struct Client {
    pub id: String,
    pub name: String,
    /// The keyed hash of its secret. `None` for a public client.
    pub secret: Option<String>,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    pub grants: Vec<Grant>,
    /// Scopes of any API that it may have.
    pub scopes: Vec<String>,
    /// Audiences that it may request.
    pub audiences: Vec<String>,
    pub first_party: bool,
    /// Whether it registered itself, so that nobody vouches for it.
    pub registered: bool,
    /// The API that it serves.
    pub resource_server: Option<String>,
    pub ping: Option<String>,
    pub home: Option<String>,
    pub approval_required: bool,
}

impl Client {
    pub fn is_public(&self) -> bool {
        self.secret.is_none()
    }

    /// Whether its refresh tokens rotate (RFC 9700 §4.14.2). Those of configured clients with a secret don't, so that the
    /// vault can use them.
    pub fn rotates(&self) -> bool {
        self.registered || self.is_public()
    }

    /// Checks that it may use a grant. A public client may only use the authorization code and refresh token grants,
    /// whatever its row says (THREATS.md line 17).
    ///
    /// # Errors
    /// `unauthorized_client`.
    pub fn may(&self, grant: Grant) -> Result<(), OAuthError> {
        let for_public = matches!(grant, Grant::AuthorizationCode | Grant::RefreshToken);
        if self.grants.contains(&grant) && (for_public || !self.is_public()) {
            Ok(())
        } else {
            Err(OAuthError::unauthorized_client("This client may not use this grant type"))
        }
    }
}
