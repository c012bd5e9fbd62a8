//! Clients: those of the settings, and those that registered themselves.

mod authenticate;
pub(crate) mod name;
pub(crate) mod registration;

pub use authenticate::authenticate;
use foundation::ExposeSecret;

use crate::{
    Identity,
    config::{Grant, StaticClient},
    error::OAuthError,
    store,
};

/// A client that may act here.
#[derive(Clone, Debug)]
pub struct Client {
    pub id: String,
    pub name: String,
    /// The keyed hash of its secret; `None`: a public client.
    pub secret: Option<String>,
    pub redirect_uris: Vec<String>,
    pub post_logout_redirect_uris: Vec<String>,
    pub grants: Vec<Grant>,
    /// Scopes of any API that it may have.
    pub scopes: Vec<String>,
    /// Audiences that it may ask for.
    pub audiences: Vec<String>,
    pub first_party: bool,
    /// It registered itself: nobody vouches for it.
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

    /// Whether it may use a grant. A public client has no grants but the code and the refresh token, whatever
    /// its row says (THREATS.md line 17).
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

    fn configured(identity: &Identity, it: &StaticClient) -> Self {
        Self {
            id: it.id.clone(),
            name: it.name.clone(),
            secret: Some(secret_hash(identity, it.secret.expose_secret())),
            redirect_uris: it.redirect_uris.clone(),
            post_logout_redirect_uris: it.post_logout_redirect_uris.clone(),
            grants: it.grants.clone(),
            scopes: it.scopes.clone(),
            audiences: it.audiences.clone(),
            first_party: it.first_party,
            registered: false,
            resource_server: it.resource_server.clone(),
            ping: it.ping.clone(),
            home: it.home.clone(),
            approval_required: it.approval_required,
        }
    }
}

/// What is stored of a client's secret: keyed, so that a weak one can't be guessed from the database alone.
fn secret_hash(identity: &Identity, secret: &str) -> String {
    identity.sealer.mac("client secret", secret)
}

/// Brings the clients of the settings into the database; those that left the settings are disabled.
pub(crate) async fn bring_in(identity: &Identity) -> Result<(), sqlx::Error> {
    let mut tx = identity.db.begin().await?;
    for known in store::client::configured(&mut tx).await? {
        if !identity.config.clients.iter().any(|it| it.id == known) {
            store::client::disable(&mut tx, &known, true).await?;
        }
    }
    for it in &identity.config.clients {
        store::client::put(&mut tx, &Client::configured(identity, it), identity.clock.now()).await?;
    }
    tx.commit().await
}
