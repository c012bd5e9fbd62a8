//! Short-lived tokens from the vault's grants.
//!
//! A token that can read comes from an ordinary refresh, and is cached until a minute before it expires or until its
//! provider says that it is inactive. A token for an approved order comes from a token exchange with the statement of
//! approval (RFC 8693), and is never cached.

use foundation::{ExposeSecret, SecretString};

use super::{
    Provider,
    error::{self, VaultError},
    place,
};
use crate::{
    state::Identity,
    store::{connected_account, upstream_token},
};

/// Remaining lifetime below which a token is renewed, in milliseconds.
const MARGIN: i64 = 60_000;

/// Lifetime reported to the client if the provider gives none, in seconds.
const UNSAID: i64 = 300;

/// A token of the provider.
#[derive(Clone, Debug)]
pub(crate) struct UpstreamToken {
    pub token: SecretString,
    /// All of its scopes.
    pub scopes: String,
    /// In milliseconds since 1970.
    pub expires_at: i64,
}

/// A token for the account with these scopes (a subset of its own, separated by spaces), cached or from the provider.
///
/// # Errors
/// See [`VaultError`].
pub(crate) async fn read(
    identity: &Identity,
    account: &connected_account::Row,
    scopes: &str,
) -> Result<UpstreamToken, VaultError> {
    let provider = identity.vault.provider(&account.connection).ok_or(VaultError::NotSetUp)?;
    if provider.connection.keeps_access_token() {
        return lasting(identity, provider, account, scopes).await;
    }
    if let Some(kept) = kept(identity, account, scopes).await? {
        return Ok(kept);
    }
    let turn = identity.vault.turn_of(&account.id);
    let _one_at_a_time = turn.lock().await;
    if let Some(kept) = kept(identity, account, scopes).await? {
        return Ok(kept);
    }
    let now = identity.clock.now();
    let title = &provider.connection.title;
    if identity.vault.is_pausing(&account.id, now) {
        return Err(VaultError::Pausing(title.clone()));
    }
    let refresh_token = open(identity, account)?;
    // Always names the scopes: the provider's grant may have more than the configuration left this account.
    let answer = provider.refresh(&identity.http, &refresh_token, scopes).await;
    let answer = answer.map_err(|error| {
        let error = VaultError::of(title, error);
        identity.vault.note(&account.id, matches!(error, VaultError::Unavailable(..)).then_some(now));
        error
    })?;
    identity.vault.note(&account.id, None);
    let mut tx = identity.db.begin().await?;
    // Disconnected in the meantime: the token is neither cached nor returned.
    if !connected_account::is_live(&mut *tx, &account.id, &account.refresh_token).await? {
        return Err(VaultError::Gone);
    }
    if let Some(new) = answer.refresh_token.as_ref().filter(|new| new.expose_secret() != refresh_token.expose_secret())
    {
        let sealed = identity.sealer.seal(&place(&account.id), new.expose_secret());
        connected_account::rotate(&mut *tx, &account.id, &account.refresh_token, &sealed).await?;
    }
    let token = UpstreamToken {
        scopes: answer.scope.unwrap_or_else(|| scopes.to_owned()),
        expires_at: now + answer.expires_in.unwrap_or(UNSAID).clamp(0, 86_400) * 1000,
        token: answer.access_token,
    };
    let row = upstream_token::Row {
        account: account.id.clone(),
        scopes: scopes.to_owned(),
        token: identity.sealer.seal(&token_place(&account.id, scopes), token.token.expose_secret()),
        granted: token.scopes.clone(),
        expires_at: token.expires_at,
    };
    upstream_token::put(&mut *tx, &row).await?;
    tx.commit().await?;
    Ok(token)
}

/// The access token that is the grant itself, for a provider without refresh tokens.
async fn lasting(
    identity: &Identity,
    provider: &Provider,
    account: &connected_account::Row,
    scopes: &str,
) -> Result<UpstreamToken, VaultError> {
    let now = identity.clock.now();
    let has = |scope: &str| scopes.split_whitespace().any(|it| it == scope);
    if !account.scopes.split_whitespace().all(has) {
        return Err(VaultError::TooWide(provider.connection.title.clone()));
    }
    if account.expires_at.is_some_and(|at| at <= now) {
        return Err(VaultError::Refused("it has expired"));
    }
    let token = open(identity, account)?;
    match provider.is_active(&identity.http, &token).await {
        Ok(true) => {}
        Ok(false) => return Err(VaultError::Refused("it was revoked")),
        // The token is returned anyway, and its API decides.
        Err(error) => foundation::sparsely!(warn, %error, "a provider can't be asked whether a token is active"),
    }
    let until = now + UNSAID * 1000;
    let expires_at = account.expires_at.map_or(until, |at| at.min(until));
    Ok(UpstreamToken { token, scopes: account.scopes.clone(), expires_at })
}

/// A token for exactly what was approved: exchanges the statement of approval at the provider (PROTOCOL.md, step 8).
/// This neither uses up nor rotates the grant in the vault.
///
/// # Errors
/// See [`VaultError`].
pub(crate) async fn order(
    identity: &Identity,
    account: &connected_account::Row,
    statement: &SecretString,
    scope: &str,
) -> Result<UpstreamToken, VaultError> {
    let provider = identity.vault.provider(&account.connection).ok_or(VaultError::NotSetUp)?;
    let refresh_token = open(identity, account)?;
    let answer = provider.exchange(&identity.http, &refresh_token, statement, scope).await;
    let answer = answer.map_err(|error| {
        error::clocks(&error, identity.clock.seconds())
            .unwrap_or_else(|| VaultError::of(&provider.connection.title, error))
    })?;
    Ok(UpstreamToken {
        token: answer.access_token,
        scopes: answer.scope.unwrap_or_else(|| scope.to_owned()),
        expires_at: identity.clock.now() + answer.expires_in.unwrap_or(0).clamp(0, 86_400) * 1000,
    })
}

fn token_place(account: &str, scopes: &str) -> String {
    format!("upstream_token.token:{account} {scopes}")
}

fn open(identity: &Identity, account: &connected_account::Row) -> Result<SecretString, VaultError> {
    Ok(identity.sealer.open(&place(&account.id), &account.refresh_token)?.into())
}

async fn kept(
    identity: &Identity,
    account: &connected_account::Row,
    scopes: &str,
) -> Result<Option<UpstreamToken>, VaultError> {
    let until = identity.clock.now() + MARGIN;
    let Some(row) = upstream_token::find(identity.db.pool(), &account.id, scopes, until).await? else {
        return Ok(None);
    };
    let token = identity.sealer.open(&token_place(&account.id, scopes), &row.token)?;
    let token = UpstreamToken { token: token.into(), scopes: row.granted, expires_at: row.expires_at };
    let Some(provider) = identity.vault.provider(&account.connection) else { return Ok(Some(token)) };
    match provider.is_active(&identity.http, &token.token).await {
        Ok(true) => Ok(Some(token)),
        Ok(false) => {
            // The person revoked it at the provider. The next refresh with the grant will be refused as well.
            upstream_token::delete_of(identity.db.pool(), &account.id).await?;
            Ok(None)
        }
        Err(error) => {
            // The cached token is used anyway, and its API decides.
            foundation::sparsely!(warn, %error, "a provider can't be asked whether a token is active");
            Ok(Some(token))
        }
    }
}
