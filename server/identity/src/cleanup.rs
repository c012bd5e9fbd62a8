//! Background cleanup: deletes expired rows.

use std::time::Duration;

use foundation::cleanup;

use crate::{login::throttle, state::Identity, store};

const DAY: i64 = 24 * 3_600_000;

pub(crate) async fn run(identity: Identity) {
    tokio::spawn(cleanup::run(identity.sessions.clone(), identity.one_time.clone(), identity.shutdown.clone()));
    loop {
        if let Err(error) = clean_up(&identity).await {
            foundation::sparsely!(warn, %error, "old rows couldn't be deleted");
        }
        tokio::select! {
            () = identity.shutdown.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(3600)) => {}
        }
    }
}

/// Deletes expired rows: codes after a day (until then a second use is noticed), refresh tokens after 30 days without
/// use, grants without tokens, signing keys, unused registrations, removed providers, addresses without a login for
/// half a year, and audit entries about strangers. The settings decide how long approvals and the audit log are kept.
///
/// # Errors
/// When the database fails.
pub async fn clean_up(identity: &Identity) -> Result<(), sqlx::Error> {
    let now = identity.clock.now();
    let mut tx = identity.db.begin().await?;
    store::authorization_code::clean_up(&mut tx, now - DAY).await?;
    store::refresh_token::clean_up(&mut tx, now - 31 * DAY).await?;
    store::authorization_grant::clean_up(&mut tx, now - DAY).await?;
    store::revoked_token::clean_up(&mut tx, now).await?;
    store::signing_key::clean_up(&mut tx, now).await?;
    store::client::clean_up(&mut tx, now).await?;
    store::provider::clean_up(&mut tx).await?;
    store::login_address::clean_up(&mut tx, now - 180 * DAY).await?;
    throttle::clean_up(&mut tx, now).await?;
    store::audit::clean_up(&mut tx, now - DAY, now - 90 * DAY).await?;
    tx.commit().await?;
    let retention = identity.config.retention;
    if let Some(kept_ms) = retention.approvals_ms {
        store::approval::remove_before(identity.db.pool(), now - kept_ms).await?;
        store::approval_group::remove_before(identity.db.pool(), now - kept_ms).await?;
    }
    if let Some(kept_ms) = retention.audit_ms {
        store::audit::remove_before(identity.db.pool(), now - kept_ms).await?;
    }
    Ok(())
}
