//! Stores the clients of the settings.

use foundation::ExposeSecret;

use super::{Client, authenticate::secret_hash};
use crate::{
    config::{Api, StaticClient},
    state::Identity,
    store,
};

/// Copies the clients of the settings into the database, and disables those that were removed from them.
pub(crate) async fn bring_in(identity: &Identity) -> Result<(), sqlx::Error> {
    let mut tx = identity.db.begin().await?;
    let mut clients: Vec<Client> = identity.config.clients.iter().map(|it| configured(identity, it)).collect();
    clients.extend(identity.apis.iter().filter_map(|api| of_api(identity, api)));
    for known in store::client::configured(&mut tx).await? {
        if !clients.iter().any(|it| it.id == known) {
            store::client::disable(&mut tx, &known, true).await?;
        }
    }
    for client in &clients {
        store::client::put(&mut tx, client, identity.clock.now()).await?;
    }
    tx.commit().await
}

/// An API that asks about its tokens itself: a client without grants that serves it (RFC 7662 §2.1).
fn of_api(identity: &Identity, api: &Api) -> Option<Client> {
    let secret = api.introspection.as_ref()?;
    Some(Client {
        id: api.id.clone(),
        name: api.title.clone(),
        secret: Some(secret_hash(identity, secret.expose_secret())),
        redirect_uris: Vec::new(),
        post_logout_redirect_uris: Vec::new(),
        grants: Vec::new(),
        scopes: Vec::new(),
        audiences: Vec::new(),
        first_party: true,
        registered: false,
        resource_server: Some(api.audience.clone()),
        ping: None,
        home: None,
        approval_required: false,
    })
}

fn configured(identity: &Identity, it: &StaticClient) -> Client {
    Client {
        id: it.id.clone(),
        name: it.name.clone(),
        secret: it.secret.as_ref().map(|secret| secret_hash(identity, secret.expose_secret())),
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
