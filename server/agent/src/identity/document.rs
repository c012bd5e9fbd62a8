//! The identity service's discovery document (OpenID Connect Discovery 1.0 §4) and keys.

use std::sync::{Arc, OnceLock};

use foundation::{jwt::RemoteKeys, tr};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::RwLock;

use super::error::IdentityError;

/// The vault's grant (WIRE.md §2).
pub(crate) const VAULT_GRANT: &str =
    "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token";

/// Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Identity {
    pub(super) discovered: Arc<RwLock<Option<(Discovery, i64)>>>,
    pub(super) keys: Arc<RwLock<Option<RemoteKeys>>>,
    /// Its issuer as first discovered.
    pub(crate) issuer: Arc<OnceLock<String>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Discovery {
    pub(super) issuer: String,
    pub(crate) token_endpoint: String,
    pub(super) jwks_uri: String,
    revocation_endpoint: Option<String>,
    pub(crate) introspection_endpoint: Option<String>,
    backchannel_authentication_endpoint: Option<String>,
    /// OpenID Connect RP-Initiated Logout 1.0 §3.
    pub(crate) end_session_endpoint: Option<String>,
    grant_types_supported: Option<Vec<String>>,
    /// The whole document.
    #[serde(skip)]
    pub(super) document: Arc<Value>,
}

impl Discovery {
    /// The whole document, as the identity service wrote it.
    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    /// Whether it has a token vault. Auth0 lists no grant types, and is recognized by its backchannel endpoint. Any
    /// other provider's list would include the grant (RFC 8414 §2: without a list there are only the two default
    /// grants).
    fn has_vault(&self) -> bool {
        match &self.grant_types_supported {
            Some(grants) => grants.iter().any(|grant| grant == VAULT_GRANT),
            None => self.backchannel_authentication_endpoint.is_some(),
        }
    }

    /// # Errors
    /// When it has no token vault.
    pub(crate) fn vault(&self) -> Result<(), IdentityError> {
        if self.has_vault() {
            Ok(())
        } else {
            Err(self.lacks(tr!(
                ("has no token vault", "accounts can’t be connected"),
                ("hat kein Token Vault", "Konten lassen sich nicht verbinden")
            )))
        }
    }

    /// The endpoint for approval requests (CIBA Core §7).
    ///
    /// # Errors
    /// When it can't ask people.
    pub(crate) fn backchannel(&self) -> Result<&str, IdentityError> {
        let endpoint = self.backchannel_authentication_endpoint.as_deref().filter(|_| self.has_vault());
        endpoint.ok_or_else(|| {
            self.lacks(tr!(
                ("can’t ask people for approvals", "nothing that needs one can be done"),
                ("kann niemanden um eine Freigabe bitten", "was eine braucht, ist nicht möglich")
            ))
        })
    }

    /// The endpoint for withdrawing an approval request.
    ///
    /// # Errors
    /// When it can't revoke anything.
    pub(crate) fn revocation(&self) -> Result<&str, IdentityError> {
        self.revocation_endpoint.as_deref().ok_or_else(|| {
            self.lacks(tr!(
                ("can’t withdraw requests for approval", "this one ends by itself"),
                ("kann Anfragen nicht zurückziehen", "diese endet von selbst")
            ))
        })
    }

    fn lacks(&self, (what, so): (&str, &str)) -> IdentityError {
        let issuer = self.issuer.trim_end_matches('/');
        IdentityError::Unavailable(tr!(
            format!(
                "This is not available: the identity service in use ({issuer}) {what}, so {so}. Public prices still work."
            ),
            format!("Das geht hier nicht: Mandate identity ({issuer}) {what}; {so}. Preise gibt es trotzdem.")
        ))
    }
}
