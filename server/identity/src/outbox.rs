//! The outbox: what other sites are still to be told, again after a failure and after a restart. Pings go to the
//! clients of approvals, revocations to the providers of connected accounts.

use std::time::Duration;

use foundation::{SecretString, http::HttpError, secret};

use crate::{
    Identity,
    approval::ping,
    store::{connect_session, outbox},
};

/// How long one attempt may take, in milliseconds: longer than a request's own limit.
const ATTEMPT: i64 = 15_000;
/// The longest time between two attempts, in milliseconds.
const LONGEST: i64 = 300_000;
/// How long a revocation is tried: a week, in milliseconds.
const REVOKE_FOR: i64 = 7 * 86_400_000;

/// What was to be told was not.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Undeliverable {
    #[error(transparent)]
    Now(#[from] HttpError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("nobody is there to be told")]
    Never,
}

/// A revocation of a grant at the provider of a connection, to be stored in the transaction that drops the grant.
pub(crate) fn revocation(identity: &Identity, connection: &str, refresh_token: &SecretString) -> outbox::Row {
    use foundation::ExposeSecret;
    let id = secret::id("out_");
    let now = identity.clock.now();
    outbox::Row {
        secret: Some(identity.sealer.seal(&place(&id), refresh_token.expose_secret())),
        id,
        kind: "revoke".into(),
        subject: connection.to_owned(),
        attempts: 0,
        next_at: now,
        give_up_at: now + REVOKE_FOR,
    }
}

/// Works until the program stops: sends what is due, and drops what people didn't finish connecting.
pub(crate) async fn work(identity: Identity) {
    loop {
        tokio::select! {
            () = identity.shutdown.cancelled() => return,
            () = identity.desk.due.notified() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
        if let Err(error) = round(&identity).await {
            foundation::sparsely!(warn, %error, "the outbox could not be read; it is tried again");
        }
    }
}

async fn round(identity: &Identity) -> Result<(), sqlx::Error> {
    drop_unfinished(identity).await?;
    for row in outbox::due(identity.db.pool(), identity.clock.now()).await? {
        let identity = identity.clone();
        // Each on its own: a client that is slow to answer holds up no other.
        tokio::spawn(async move {
            if let Err(error) = attempt(&identity, row).await {
                foundation::sparsely!(warn, %error, "what is due could not be claimed; it is tried again");
            }
        });
    }
    Ok(())
}

/// One attempt, where no other worker makes it.
///
/// # Errors
/// Where the database fails.
pub(crate) async fn attempt(identity: &Identity, row: outbox::Row) -> Result<(), sqlx::Error> {
    let pool = identity.db.pool();
    if !outbox::claim(pool, &row.id, row.attempts, identity.clock.now() + ATTEMPT).await? {
        return Ok(());
    }
    match tell(identity, &row).await {
        Ok(()) => outbox::delete(pool, &row.id).await,
        Err(Undeliverable::Never) => outbox::delete(pool, &row.id).await,
        Err(error) => {
            let now = identity.clock.now();
            let (kind, attempts) = (&row.kind, row.attempts + 1);
            if now >= row.give_up_at {
                tracing::warn!(kind, attempts, %error, "given up");
                return outbox::delete(pool, &row.id).await;
            }
            foundation::sparsely!(info, kind, attempts, %error, "not delivered; it is tried again");
            outbox::again_at(pool, &row.id, now + backoff(row.attempts)).await
        }
    }
}

/// One second, then twice as long each time, up to five minutes.
fn backoff(attempts: i64) -> i64 {
    let doubled = u32::try_from(attempts).unwrap_or(u32::MAX).min(20);
    (1000_i64 << doubled).min(LONGEST)
}

async fn tell(identity: &Identity, row: &outbox::Row) -> Result<(), Undeliverable> {
    match row.kind.as_str() {
        "ping" => ping::send(identity, &row.subject).await,
        "revoke" => {
            let provider = identity.vault.provider(&row.subject).ok_or(Undeliverable::Never)?;
            let sealed = row.secret.as_ref().ok_or(Undeliverable::Never)?;
            let token = identity.sealer.open(&place(&row.id), sealed).map_err(|_| Undeliverable::Never)?;
            Ok(provider.revoke(&identity.http, &token.into()).await?)
        }
        _ => Err(Undeliverable::Never),
    }
}

/// An account that was not completed in time is dropped, and its grant revoked at the provider (PROTOCOL.md,
/// "Connecting an account").
async fn drop_unfinished(identity: &Identity) -> Result<(), sqlx::Error> {
    let now = identity.clock.now();
    if !connect_session::any_expired(identity.db.pool(), now).await? {
        return Ok(());
    }
    let mut tx = identity.db.begin().await?;
    for row in connect_session::take_expired(&mut *tx, now).await? {
        let grant = row.refresh_token.and_then(|sealed| {
            identity.sealer.open(&crate::connection::place(&row.id), &sealed).ok().map(SecretString::from)
        });
        if let Some(grant) = grant {
            outbox::insert(&mut *tx, &revocation(identity, &row.connection, &grant)).await?;
        }
    }
    tx.commit().await
}

fn place(id: &str) -> String {
    format!("outbox.secret:{id}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn attempts_become_rarer() {
        assert_eq!([0, 1, 2, 8, 9, 100].map(super::backoff), [1000, 2000, 4000, 256_000, 300_000, 300_000]);
    }
}
