//! The refresh token grant (RFC 6749 §6). Configured clients' tokens never rotate; self-registered clients' tokens do.

mod rotation;

use axum::Json;
use foundation::{secret, trace};
use serde_json::Value;
use sqlx::AnyConnection;

use super::answer;
use crate::{
    authorize::audience,
    client::Client,
    config::Grant,
    error::OAuthError,
    params::Params,
    state::Identity,
    store::{authorization_grant, refresh_token as store},
};

/// A refresh token expires after this many milliseconds without use (PROTOCOL.md, "Times").
const UNUSED_MS: i64 = 30 * 24 * 3_600_000;

/// An active refresh token and its grant.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// Its hash, under which it is stored.
    pub id: String,
    used_at: i64,
    pub person: String,
    pub scopes: Vec<String>,
    pub audience: String,
    pub grant: authorization_grant::AuthorizationGrant,
}

/// Finds a client's refresh token, checks that it, its grant and its person are active, and restarts its 30 days of
/// disuse. Neither consumes nor rotates it.
///
/// # Errors
/// `invalid_grant` if it is unknown, another client's, rotated, unused for too long, or revoked.
pub async fn live(
    identity: &Identity,
    db: &mut AnyConnection,
    token: &str,
    client: &Client,
) -> Result<RefreshToken, OAuthError> {
    let live = find_live(identity, db, token, client).await?;
    count_use(identity, db, &live).await?;
    Ok(live)
}

/// Restarts the days of disuse; writes at most once a minute.
async fn count_use(identity: &Identity, db: &mut AnyConnection, live: &RefreshToken) -> Result<(), sqlx::Error> {
    let now = identity.clock.now();
    if now - live.used_at > 60_000 { store::touch(db, &live.id, now).await } else { Ok(()) }
}

/// Like [`live`], but doesn't count as a use.
pub(crate) async fn find_live(
    identity: &Identity,
    db: &mut AnyConnection,
    token: &str,
    client: &Client,
) -> Result<RefreshToken, OAuthError> {
    let row = find(db, token, client).await?;
    check(identity, db, row).await
}

/// The row of a client's token, rotated or not.
async fn find(db: &mut AnyConnection, token: &str, client: &Client) -> Result<store::Row, OAuthError> {
    let row = store::find(db, &secret::hash(token)).await?;
    row.filter(|row| row.client == client.id).ok_or_else(unknown)
}

/// Checks that a token is neither rotated nor unused for too long, and that its grant and its person are active.
async fn check(identity: &Identity, db: &mut AnyConnection, row: store::Row) -> Result<RefreshToken, OAuthError> {
    if row.rotated_at.is_some() || row.used_at <= identity.clock.now() - UNUSED_MS {
        return Err(unknown());
    }
    let grant = authorization_grant::find_active(db, &row.authorization_grant).await?.ok_or_else(unknown)?;
    trace::person(&grant.person);
    Ok(RefreshToken {
        id: row.id,
        used_at: row.used_at,
        person: grant.person.clone(),
        scopes: grant.scopes.clone(),
        audience: grant.audience.clone(),
        grant,
    })
}

fn unknown() -> OAuthError {
    OAuthError::invalid_grant("The refresh token is unknown, revoked or has expired")
}

pub(crate) async fn grant(identity: &Identity, client: &Client, params: &Params) -> Result<Json<Value>, OAuthError> {
    client.may(Grant::RefreshToken)?;
    let given = params.required("refresh_token")?;
    let mut db = identity.db.pool().acquire().await?;
    // Read only once: a concurrent request may rotate the token between two reads.
    let row = find(&mut db, given, client).await?;
    let refreshed = if row.rotated_at.is_some() {
        drop(db);
        let mut tx = identity.db.begin().await?;
        let repeated = rotation::repeat(identity, &mut tx, client, params, given, row).await?;
        // Also commits the revocation of the family.
        tx.commit().await?;
        repeated
    } else {
        let token = check(identity, &mut db, row).await?;
        let target = audience::of_refresh(identity, client, &token.grant, params)?;
        let target = audience::consented(identity, &mut db, client, &token.person, target).await?;
        if client.rotates() {
            drop(db);
            let mut tx = identity.db.begin().await?;
            let rotated = rotation::rotate(identity, &mut tx, client, params, given, token, target).await?;
            tx.commit().await?;
            rotated
        } else {
            count_use(identity, &mut db, &token).await?;
            // Released before acquiring another: holding one connection while waiting for another can deadlock the
            // pool.
            drop(db);
            Some(Refreshed { grant: token.grant, target, next: None })
        }
    };
    let Some(Refreshed { grant, target, next }) = refreshed else {
        return Err(OAuthError::invalid_grant("The refresh token was used before; its whole family is revoked"));
    };
    // Signs after the commit, so that other writers don't wait. The client can repeat the request if it loses the
    // answer.
    answer::tokens(identity, client, &grant, &target, None, next).await
}

/// The result of a refresh: tokens for this grant and target, and the next refresh token if they rotate.
struct Refreshed {
    grant: authorization_grant::AuthorizationGrant,
    target: audience::Target,
    next: Option<String>,
}
