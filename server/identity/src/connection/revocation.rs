//! Revokes a grant at the provider of a connected account, through the outbox.

use foundation::{ExposeSecret, SecretString, secret};
use futures::future::{BoxFuture, FutureExt};

use crate::{outbox::Undeliverable, state::Identity, store::outbox::Row};

/// How long a revocation is retried: a week, in milliseconds.
const GIVE_UP: i64 = 7 * 86_400_000;

/// The outbox entry that revokes a grant, to be stored in the transaction that deletes the grant.
pub(super) fn about(identity: &Identity, connection: &str, refresh_token: &SecretString) -> Row {
    let id = secret::id("out_");
    let now = identity.clock.now();
    Row {
        secret: Some(identity.sealer.seal(&place(&id), refresh_token.expose_secret())),
        id,
        kind: "revoke".into(),
        subject: connection.to_owned(),
        attempts: 0,
        next_at: now,
        give_up_at: now + GIVE_UP,
    }
}

/// Sends the revocation to the provider.
///
/// # Errors
/// When the provider can't be reached now, or never will be.
pub(crate) fn send<'a>(identity: &'a Identity, row: &'a Row) -> BoxFuture<'a, Result<(), Undeliverable>> {
    async move {
        let provider = identity.vault.provider(&row.subject).ok_or(Undeliverable::Never)?;
        let sealed = row.secret.as_ref().ok_or(Undeliverable::Never)?;
        let token = identity.sealer.open(&place(&row.id), sealed).map_err(|_| Undeliverable::Never)?;
        Ok(provider.revoke(&identity.http, &token.into()).await?)
    }
    .boxed()
}

/// What the grant is sealed for.
fn place(id: &str) -> String {
    format!("outbox.secret:{id}")
}
