//! The token vault: grants at other providers, and the short-lived tokens that come of them (PROTOCOL.md, "Tokens").
//!
//! A read token is an ordinary refresh, kept until a minute before it ends or its provider says that it has ended. A token for one approved order is a
//! token exchange that carries the statement of approval (RFC 8693), and is never kept.

mod provider;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use foundation::{ExposeSecret, SecretString, http::HttpError};

use crate::{
    Identity,
    approval::statement,
    config::Connection,
    error::OAuthError,
    store::{approval, connected_account, upstream_token},
};
pub use provider::Provider;

/// A token is renewed when it lives no longer than this, in milliseconds.
const MARGIN: i64 = 60_000;
/// After a provider failed it isn't asked again for an account for this long, in milliseconds: so that callers
/// that try again at once don't become a storm (THREATS.md line 28).
const PAUSE: i64 = 2_000;

/// What the vault keeps in memory. Everything that lasts is in the database.
#[derive(Debug)]
pub struct Vault {
    providers: HashMap<String, Provider>,
    /// One refresh at a time for each account.
    busy: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// When the provider last failed for an account.
    failed: Mutex<HashMap<String, i64>>,
}

/// A token of the provider.
#[derive(Clone, Debug)]
pub struct UpstreamToken {
    pub token: SecretString,
    /// All scopes that it has.
    pub scopes: String,
    /// In milliseconds since 1970.
    pub expires_at: i64,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The provider refused the grant, with this error: it was revoked there, say.
    #[error("the provider refused: {0}")]
    Refused(&'static str),
    #[error("{0} can't be asked: {1}")]
    Unavailable(String, #[source] HttpError),
    /// Its clock, in seconds ahead of ours. A fresh statement is refused as old, or as dated in the future.
    #[error("the provider's clock differs from ours by {0} s")]
    Clocks(i64),
    #[error("{0} failed a moment ago")]
    Pausing(String),
    /// Disconnected in between.
    #[error("the account is no longer connected")]
    Gone,
    #[error("this connection is not set up")]
    NotSetUp,
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Unsealable(#[from] foundation::seal::Unsealable),
    #[error(transparent)]
    Key(#[from] foundation::jwt::KeyError),
}

impl VaultError {
    /// Why the provider of this title gave no token.
    fn of(title: &str, error: HttpError) -> Self {
        match error {
            // Errors about the grant alone: with a wrong secret of ours, or too many requests, connecting the
            // account again would mend nothing.
            HttpError::Refused(status, _) if status.is_client_error() => match error.oauth_error() {
                "invalid_grant" => Self::Refused("invalid_grant"),
                "invalid_scope" => Self::Refused("invalid_scope"),
                "access_denied" => Self::Refused("access_denied"),
                _ => Self::Unavailable(title.to_owned(), error),
            },
            error => Self::Unavailable(title.to_owned(), error),
        }
    }
}

impl From<VaultError> for OAuthError {
    fn from(error: VaultError) -> Self {
        match error {
            VaultError::Refused(why) => refused(why),
            VaultError::Unavailable(ref title, _) | VaultError::Pausing(ref title) => {
                foundation::sparsely!(warn, %error, "a provider doesn't answer as it should");
                // The one that hangs may be behind it, and is named by it.
                let reason = match &error {
                    VaultError::Unavailable(_, error) => error.reason(),
                    _ => None,
                };
                let said =
                    reason.map_or_else(|| " doesn't answer as it should.".into(), |why| format!(" answered: {why}"));
                Self::temporarily_unavailable(format!("{title}{said} Nothing was changed; try again in a moment."))
                    .retry_after(PAUSE / 1000)
            }
            VaultError::Clocks(ahead) => {
                tracing::error!(
                    ahead,
                    "the clock of an account's provider differs from this one, in seconds: nothing approved can be \
                     placed there until both are right"
                );
                Self::temporarily_unavailable(
                    "The clocks of the identity service and of this account's provider differ. The approval stays; \
                     its operator can set them right.",
                )
                .retry_after(PAUSE / 1000)
            }
            VaultError::Gone => not_connected(),
            VaultError::NotSetUp => Self::invalid_request("This connection does not exist"),
            VaultError::Database(error) => error.into(),
            VaultError::Unsealable(error) => {
                tracing::error!(%error, "a grant in the vault can't be read");
                Self::server_error()
            }
            VaultError::Key(error) => error.into(),
        }
    }
}

/// The account isn't connected (WIRE.md §2).
pub fn not_connected() -> OAuthError {
    OAuthError::new(
        axum::http::StatusCode::UNAUTHORIZED,
        "federated_connection_refresh_token_not_found",
        "Federated connection Refresh Token not found.",
    )
}

/// The provider refused the grant: the account is to be connected again (WIRE.md §2).
fn refused(why: &str) -> OAuthError {
    OAuthError::new(
        axum::http::StatusCode::UNAUTHORIZED,
        "federated_connection_refresh_token_flow_failed",
        format!("The provider refused this account's grant ({why}); connect the account again."),
    )
}

impl Vault {
    pub fn new(connections: &[Connection], parts: &foundation::parts::Parts) -> Self {
        let providers = connections
            .iter()
            .map(|connection| (connection.name.clone(), Provider::new(connection.clone(), parts)))
            .collect();
        Self { providers, busy: Mutex::default(), failed: Mutex::default() }
    }

    /// The provider behind a connection.
    pub fn provider(&self, connection: &str) -> Option<&Provider> {
        self.providers.get(connection)
    }

    fn is_pausing(&self, account: &str, now: i64) -> bool {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.get(account).is_some_and(|at| now < at + PAUSE)
    }

    fn note(&self, account: &str, failed_at: Option<i64>) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        match failed_at {
            Some(at) => {
                failed.retain(|_, former| *former + PAUSE > at);
                failed.insert(account.to_owned(), at);
            }
            None => {
                failed.remove(account);
            }
        }
    }

    fn turn_of(&self, account: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.retain(|_, turn| Arc::strong_count(turn) > 1);
        busy.entry(account.to_owned()).or_default().clone()
    }
}

/// A token for the account with these scopes (some of its own, by spaces), from what is kept or from the provider.
///
/// # Errors
/// See [`VaultError`].
pub async fn read_token(
    identity: &Identity,
    account: &connected_account::Row,
    scopes: &str,
) -> Result<UpstreamToken, VaultError> {
    if let Some(kept) = kept(identity, account, scopes).await? {
        return Ok(kept);
    }
    let turn = identity.vault.turn_of(&account.id);
    let _one_at_a_time = turn.lock().await;
    if let Some(kept) = kept(identity, account, scopes).await? {
        return Ok(kept);
    }
    let now = identity.clock.now();
    let provider = identity.vault.provider(&account.connection).ok_or(VaultError::NotSetUp)?;
    let title = &provider.connection.title;
    if identity.vault.is_pausing(&account.id, now) {
        return Err(VaultError::Pausing(title.clone()));
    }
    let refresh_token = open(identity, account)?;
    let narrowed = (scopes != account.scopes).then_some(scopes);
    let answer = provider.refresh(&identity.http, &refresh_token, narrowed).await;
    let answer = answer.map_err(|error| {
        let error = VaultError::of(title, error);
        identity.vault.note(&account.id, matches!(error, VaultError::Unavailable(..)).then_some(now));
        error
    })?;
    identity.vault.note(&account.id, None);
    let mut tx = identity.db.begin().await?;
    // Disconnected while the provider was asked: what it gave is not kept and not given out.
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
        expires_at: now + answer.expires_in.unwrap_or(0).clamp(0, 86_400) * 1000,
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

/// A token for exactly what was approved: the statement of approval, exchanged at the provider (PROTOCOL.md,
/// step 8). The grant in the vault is neither used up nor rotated.
///
/// # Errors
/// See [`VaultError`].
pub async fn order_token(
    identity: &Identity,
    account: &connected_account::Row,
    approval: &approval::Row,
) -> Result<UpstreamToken, VaultError> {
    let provider = identity.vault.provider(&account.connection).ok_or(VaultError::NotSetUp)?;
    let (statement, detail) = statement::sign(identity, account, approval)?;
    let refresh_token = open(identity, account)?;
    let answer = provider.exchange(&identity.http, &refresh_token, &statement, detail.scope()).await;
    let answer = answer.map_err(|error| {
        clocks(&error, identity.clock.seconds()).unwrap_or_else(|| VaultError::of(&provider.connection.title, error))
    })?;
    Ok(UpstreamToken {
        token: answer.access_token,
        scopes: answer.scope.unwrap_or_else(|| detail.scope().to_owned()),
        expires_at: identity.clock.now() + answer.expires_in.unwrap_or(0).clamp(0, 86_400) * 1000,
    })
}

/// Where the provider refused the statement for its time: its clock differs, since it was signed a moment ago.
fn clocks(error: &HttpError, now: i64) -> Option<VaultError> {
    let HttpError::Refused(_, body) = error else { return None };
    let ahead = body["server_time"].as_i64()? - now;
    (ahead.abs() > 30).then_some(VaultError::Clocks(ahead))
}

/// What a grant of the vault is sealed for.
pub fn place(account: &str) -> String {
    format!("connected_account.refresh_token:{account}")
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
    match provider.stands(&identity.http, &token.token).await {
        Ok(true) => Ok(Some(token)),
        Ok(false) => {
            // The person took it back at the provider: the account's grant is asked, and refused too.
            upstream_token::delete_of(identity.db.pool(), &account.id).await?;
            Ok(None)
        }
        Err(error) => {
            // Then the API that it is for decides.
            foundation::sparsely!(warn, %error, "a provider doesn't say whether a token stands");
            Ok(Some(token))
        }
    }
}
