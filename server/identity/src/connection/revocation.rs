//! Revokes a grant at the provider of a connected account, through the outbox.

use foundation::{ExposeSecret, SecretString, seal::Sealer, secret};
use futures::future::{BoxFuture, FutureExt};

use crate::{
    outbox::Undeliverable,
    state::Identity,
    store::{outbox::Row, provider},
    vault::stored,
};

/// How long a revocation is retried: a week, in milliseconds.
const GIVE_UP: i64 = 7 * 86_400_000;

/// The outbox entry that revokes a grant, to be stored in the transaction that deletes the grant. The provider is named
/// by its connection, or by its own id after that was removed.
pub(super) fn about(identity: &Identity, provider: &str, refresh_token: &SecretString) -> Row {
    entry(&identity.sealer, identity.clock.now(), provider, refresh_token)
}

/// As [`about`], for a command that runs next to the program.
pub(crate) fn entry(sealer: &Sealer, now: i64, provider: &str, refresh_token: &SecretString) -> Row {
    let id = secret::id("out_");
    Row {
        secret: Some(sealer.seal(&place(&id), refresh_token.expose_secret())),
        id,
        kind: "revoke".into(),
        subject: provider.to_owned(),
        attempts: 0,
        next_at: now,
        give_up_at: now + GIVE_UP,
    }
}

/// Sends the revocation to the provider.
///
/// # Errors
/// If the provider can't be reached now, or never will be.
pub(crate) fn send<'a>(identity: &'a Identity, row: &'a Row) -> BoxFuture<'a, Result<(), Undeliverable>> {
    async move {
        let sealed = row.secret.as_ref().ok_or(Undeliverable::Never)?;
        let token = identity.sealer.open(&place(&row.id), sealed).map_err(|_| Undeliverable::Never)?.into();
        if let Some(provider) = identity.vault.provider(&row.subject) {
            return Ok(provider.client.revoke(&identity.http, &token).await?);
        }
        let removed = provider::find(identity.db.pool(), &row.subject).await?.ok_or(Undeliverable::Never)?;
        let client = stored::client(identity, &removed).ok().flatten().ok_or(Undeliverable::Never)?;
        Ok(client.revoke(&identity.http, &token).await?)
    }
    .boxed()
}

/// The associated data that binds a sealed grant to its row.
fn place(id: &str) -> String {
    format!("outbox.secret:{id}")
}
