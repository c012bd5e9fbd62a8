//! The outbox: messages to other sites, retried after failures and restarts. The start of the instance names the
//! handler for each kind.

use std::time::Duration;

use foundation::http::HttpError;
use futures::future::BoxFuture;

use crate::{state::Identity, store::outbox};

/// Lease of one attempt, in milliseconds: longer than a request's own timeout.
const ATTEMPT: i64 = 15_000;
/// Maximum time between two attempts, in milliseconds.
const LONGEST: i64 = 300_000;

/// Why an entry wasn't delivered.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Undeliverable {
    #[error(transparent)]
    Now(#[from] HttpError),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error("there is no receiver")]
    Never,
}

/// Delivers entries of one kind.
pub(crate) type Deliver = for<'a> fn(&'a Identity, &'a outbox::Row) -> BoxFuture<'a, Result<(), Undeliverable>>;

/// The kinds of entries and their handlers.
pub(crate) type Handlers = [(&'static str, Deliver)];

/// Delivers due entries until the program stops.
pub(crate) async fn work(identity: Identity, handlers: &'static Handlers) {
    loop {
        tokio::select! {
            () = identity.shutdown.cancelled() => return,
            () = identity.desk.due.notified() => {}
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
        if let Err(error) = identity.db.while_answering(round(&identity, handlers)).await.flatten() {
            foundation::sparsely!(warn, %error, "the outbox couldn't be read; retrying");
        }
    }
}

async fn round(identity: &Identity, handlers: &'static Handlers) -> Result<(), sqlx::Error> {
    for row in outbox::due(identity.db.pool(), identity.clock.now()).await? {
        let Some((_, deliver)) = handlers.iter().find(|(kind, _)| *kind == row.kind) else {
            outbox::delete(identity.db.pool(), &row.id).await?;
            continue;
        };
        let identity = identity.clone();
        // In tasks of their own, so that a slow client delays no other.
        tokio::spawn(async move {
            if let Err(error) = attempt(&identity, row, *deliver).await {
                foundation::sparsely!(warn, %error, "due deliveries couldn't be claimed; retrying");
            }
        });
    }
    Ok(())
}

/// Makes one attempt, unless another worker has claimed it.
///
/// # Errors
/// When the database fails.
pub(crate) async fn attempt(identity: &Identity, row: outbox::Row, deliver: Deliver) -> Result<(), sqlx::Error> {
    let pool = identity.db.pool();
    if !outbox::claim(pool, &row.id, row.attempts, identity.clock.now() + ATTEMPT).await? {
        return Ok(());
    }
    match deliver(identity, &row).await {
        Ok(()) => outbox::delete(pool, &row.id).await,
        Err(Undeliverable::Never) => outbox::delete(pool, &row.id).await,
        Err(error) => {
            let now = identity.clock.now();
            let (kind, attempts) = (&row.kind, row.attempts + 1);
            if now >= row.give_up_at {
                tracing::warn!(kind, attempts, %error, "delivery given up");
                return outbox::delete(pool, &row.id).await;
            }
            foundation::sparsely!(info, kind, attempts, %error, "not delivered; it will be retried");
            outbox::again_at(pool, &row.id, now + backoff(row.attempts)).await
        }
    }
}

/// One second, doubled each time, up to five minutes.
fn backoff(attempts: i64) -> i64 {
    let doubled = u32::try_from(attempts).unwrap_or(u32::MAX).min(20);
    (1000_i64 << doubled).min(LONGEST)
}

#[cfg(test)]
mod tests {
    #[test]
    fn outbox_retries_with_backoff() {
        assert_eq!([0, 1, 2, 8, 9, 100].map(super::backoff), [1000, 2000, 4000, 256_000, 300_000, 300_000]);
    }
}
