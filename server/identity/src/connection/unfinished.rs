//! Connections that people started and that aren't completed yet.

use std::time::Duration;

use foundation::SecretString;

use super::revocation;
use crate::{
    state::Identity,
    store::{connect_session, outbox},
};

/// How long a ticket is valid, and how long a connection may wait for its completion, in milliseconds.
pub(super) const LIFE: i64 = 300_000;

/// The associated data that binds a pending connection's sealed grant to its row.
pub(super) fn place(id: &str) -> String {
    format!("connect_session.refresh_token:{id}")
}

/// Drops expired connections, until the program stops.
pub(crate) async fn watch(identity: Identity) {
    loop {
        tokio::select! {
            () = identity.shutdown.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
        if let Err(error) = identity.db.while_answering(drop_expired(&identity)).await.flatten() {
            foundation::sparsely!(warn, %error, "unfinished connections couldn't be dropped; retrying");
        }
    }
}

/// Drops connections that weren't completed in time, and revokes their grants at the provider (PROTOCOL.md, "Connecting
/// an account").
async fn drop_expired(identity: &Identity) -> Result<(), sqlx::Error> {
    let now = identity.clock.now();
    if !connect_session::any_expired(identity.db.pool(), now).await? {
        return Ok(());
    }
    let mut tx = identity.db.begin().await?;
    for row in connect_session::take_expired(&mut *tx, now).await? {
        let grant = row
            .refresh_token
            .and_then(|sealed| identity.sealer.open(&place(&row.id), &sealed).ok().map(SecretString::from));
        if let Some(grant) = grant {
            outbox::insert(&mut *tx, &revocation::about(identity, &row.connection, &grant)).await?;
        }
    }
    tx.commit().await?;
    identity.desk.due.notify_one();
    Ok(())
}
