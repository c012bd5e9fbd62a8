//! Applies the configuration to the database: stores its clients, and ends what was granted for things it no longer
//! has.

use foundation::ExposeSecret;
use sqlx::AnyConnection;

use crate::{
    audit::{self, Event},
    client::{Client, authenticate::secret_hash},
    config::{Api, StaticClient},
    connection::removed,
    error::StartError,
    retire::{self, Retired},
    state::Identity,
    store::{
        self,
        configuration::{self, Agreed},
    },
};

/// Applies the configuration in one transaction. Disables clients that it no longer has.
///
/// # Errors
/// If another configuration is in use on this database and this one may not replace it, or the database fails.
pub(crate) async fn bring_in(identity: &Identity) -> Result<(), StartError> {
    let (version, now) = (&identity.config.version, identity.clock.now());
    let mut tx = identity.db.begin().await?;
    // A database in a file belongs to one process, so its configuration always applies.
    let may = version.is_new || !identity.db.is_shared();
    let agreed = configuration::agree(&mut tx, &version.digest, may, now).await?;
    if agreed == Agreed::Other {
        return Err(StartError::OtherConfiguration);
    }
    let retired = retire::run(&mut tx, &identity.config, now).await?;
    record(identity, &mut tx, &retired).await?;
    removed::revoke(identity, &mut tx, &retired.left).await?;
    removed::keep(identity, &mut tx).await?;
    let mut clients: Vec<Client> = identity.config.clients.iter().map(|it| configured(identity, it)).collect();
    clients.extend(identity.apis.iter().filter_map(|api| of_api(identity, api)));
    for known in store::client::configured(&mut tx).await? {
        if !clients.iter().any(|it| it.id == known) {
            store::client::disable(&mut tx, &known, true).await?;
        }
    }
    for client in &clients {
        store::client::put(&mut tx, client, now).await?;
    }
    tx.commit().await?;
    if agreed == Agreed::New {
        tracing::info!(service = identity.config.title, digest = version.digest, "applied a new configuration");
    }
    Ok(())
}

async fn record(identity: &Identity, db: &mut AnyConnection, retired: &Retired) -> Result<(), sqlx::Error> {
    for (gone, ends) in &retired.ends {
        let mut detail = gone.detail();
        detail["grants"] = ends.grants.into();
        detail["consents"] = ends.consents.into();
        detail["requests"] = ends.requests.into();
        detail["accounts"] = ends.accounts.into();
        detail["revoked"] = ends.revoked.into();
        tracing::warn!(service = identity.config.title, %gone, %ends, "removed from the configuration: access ended");
        audit::record(identity, db, Event { event: "configuration_removed", detail, ..Event::default() }).await?;
    }
    Ok(())
}

/// The client with which an API introspects its own tokens: it serves the API and has no grants (RFC 7662 §2.1).
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
