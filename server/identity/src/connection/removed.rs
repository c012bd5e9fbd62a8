//! Revokes the grants of a connection that was removed from the configuration, or that got another provider, at the
//! provider that issued them.

use foundation::SecretString;
use sqlx::AnyConnection;

use super::{revocation, unfinished};
use crate::{
    state::Identity,
    store::{connect_session, connected_account, outbox, provider},
    vault::{self, stored},
};

/// A grant whose row was deleted, and the provider (its row's id) where it has to be revoked.
#[derive(Debug)]
pub struct Left {
    pub(crate) provider: String,
    pub(crate) held_by: Held,
}

/// The deleted row that held a grant.
#[derive(Debug)]
pub(crate) enum Held {
    Account(connected_account::Row),
    /// A connection in progress.
    Session(connect_session::Row),
}

/// Stores the revocations, in the transaction that deleted the rows.
///
/// # Errors
/// If the database fails.
pub(crate) async fn revoke(identity: &Identity, db: &mut AnyConnection, left: &[Left]) -> Result<(), sqlx::Error> {
    for Left { provider, held_by } in left {
        let (sealed, place) = match held_by {
            Held::Account(account) => (Some(&account.refresh_token), vault::place(&account.id)),
            Held::Session(session) => (session.refresh_token.as_ref(), unfinished::place(&session.id)),
        };
        // A grant that no longer opens (another master key) can't be revoked.
        let grant = sealed.and_then(|sealed| identity.sealer.open(&place, sealed).ok());
        if let Some(grant) = grant {
            let grant = SecretString::from(grant);
            outbox::insert(&mut *db, &revocation::about(identity, provider, &grant)).await?;
        }
    }
    Ok(())
}

/// Stores how to reach the providers of the configured connections.
///
/// # Errors
/// If the database fails.
pub(crate) async fn keep(identity: &Identity, db: &mut AnyConnection) -> Result<(), sqlx::Error> {
    let known = provider::current(&mut *db).await?;
    for connection in &identity.config.connections {
        let known = known.iter().find(|row| row.connection == connection.name);
        provider::put(&mut *db, &stored::row(identity, connection, known)).await?;
    }
    Ok(())
}
