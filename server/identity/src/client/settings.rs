//! The clients of the settings, as they are stored.

use foundation::ExposeSecret;

use super::{Client, authenticate::secret_hash};
use crate::{config::StaticClient, state::Identity, store};

/// Brings the clients of the settings into the database; those that left the settings are disabled.
pub(crate) async fn bring_in(identity: &Identity) -> Result<(), sqlx::Error> {
    let mut tx = identity.db.begin().await?;
    for known in store::client::configured(&mut tx).await? {
        if !identity.config.clients.iter().any(|it| it.id == known) {
            store::client::disable(&mut tx, &known, true).await?;
        }
    }
    for it in &identity.config.clients {
        store::client::put(&mut tx, &configured(identity, it), identity.clock.now()).await?;
    }
    tx.commit().await
}

fn configured(identity: &Identity, it: &StaticClient) -> Client {
    Client {
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
