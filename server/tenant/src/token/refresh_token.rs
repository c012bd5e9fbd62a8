//! The refresh token grant (RFC 6749 §6). Tokens of the settings' clients never rotate; those of clients that
//! registered themselves rotate, and one used again ends its family (RFC 9700 §4.14.2).

use axum::Json;
use base::secret;
use serde_json::Value;
use sqlx::AnyConnection;

use super::{Params, answer};
use crate::{
    Tenant,
    audit::{self, Event},
    authorize::audience,
    client::Client,
    config::Grant,
    error::OAuthError,
    store::{authorization_grant, refresh_token as store},
};

/// A refresh token ends after so many milliseconds without use (protocol.md, "Times").
const UNUSED_MS: i64 = 30 * 24 * 3_600_000;

/// A refresh token that lives, with what it was granted for.
#[derive(Clone, Debug)]
pub struct RefreshToken {
    /// The hash that it is stored by.
    pub id: String,
    pub person: String,
    pub scopes: Vec<String>,
    pub audience: String,
    pub grant: authorization_grant::AuthorizationGrant,
}

/// Finds the refresh token that a client sent and checks that it, its grant and its person still stand. Its 30
/// days without use begin again; it is neither used up nor rotated.
///
/// # Errors
/// `invalid_grant` where it is unknown, another client's, rotated, unused for too long, or revoked.
pub async fn live(
    tenant: &Tenant,
    db: &mut AnyConnection,
    token: &str,
    client: &Client,
) -> Result<RefreshToken, OAuthError> {
    let (live, used_at) = find(tenant, db, token, client).await?;
    let now = tenant.clock.now();
    if now - used_at > 60_000 {
        store::touch(db, &live.id, now).await?;
    }
    Ok(live)
}

/// As [`live`], for looking on: it doesn't count as a use.
pub(crate) async fn find_live(
    tenant: &Tenant,
    db: &mut AnyConnection,
    token: &str,
    client: &Client,
) -> Result<RefreshToken, OAuthError> {
    find(tenant, db, token, client).await.map(|(live, _)| live)
}

async fn find(
    tenant: &Tenant,
    db: &mut AnyConnection,
    token: &str,
    client: &Client,
) -> Result<(RefreshToken, i64), OAuthError> {
    let unknown = || OAuthError::invalid_grant("The refresh token is unknown, revoked or has expired");
    let now = tenant.clock.now();
    let row = store::find(db, &secret::hash(token)).await?.ok_or_else(unknown)?;
    if row.client != client.id || row.rotated_at.is_some() || row.used_at <= now - UNUSED_MS {
        return Err(unknown());
    }
    let grant = authorization_grant::standing(db, &row.authorization_grant).await?.ok_or_else(unknown)?;
    let live = RefreshToken {
        id: row.id,
        person: grant.person.clone(),
        scopes: grant.scopes.clone(),
        audience: grant.audience.clone(),
        grant,
    };
    Ok((live, row.used_at))
}

pub(crate) async fn grant(tenant: &Tenant, client: &Client, params: &Params) -> Result<Json<Value>, OAuthError> {
    client.may(Grant::RefreshToken)?;
    let given = params.required("refresh_token")?;
    let mut tx = tenant.db.begin().await?;
    if replayed(tenant, &mut tx, given, client).await? {
        tx.commit().await?;
        return Err(OAuthError::invalid_grant("The refresh token was used before; its whole family is revoked"));
    }
    let token = live(tenant, &mut tx, given, client).await?;
    let target = audience::of_refresh(tenant, client, &token.grant, params)?;
    let next = if client.registered {
        // One conditional write: the loser of a race finds it rotated, and its family ends (security.md line 60).
        if !store::rotate(&mut tx, &token.id, tenant.clock.now()).await? {
            end_family(tenant, &mut tx, client, &token.grant.id).await?;
            tx.commit().await?;
            return Err(OAuthError::invalid_grant("The refresh token was used before; its whole family is revoked"));
        }
        let next = secret::token();
        store::insert(&mut tx, &secret::hash(&next), &token.grant.id, &client.id, tenant.clock.now()).await?;
        Some(next)
    } else {
        None
    };
    let answer = answer::tokens(tenant, &mut tx, client, &token.grant, &target, None, next).await?;
    tx.commit().await?;
    Ok(answer)
}

/// Whether a rotated token of this client came again. If so, its family is ended.
async fn replayed(tenant: &Tenant, db: &mut AnyConnection, token: &str, client: &Client) -> Result<bool, OAuthError> {
    let row = store::find(db, &secret::hash(token)).await?;
    let Some(row) = row.filter(|row| row.client == client.id && row.rotated_at.is_some()) else { return Ok(false) };
    end_family(tenant, db, client, &row.authorization_grant).await?;
    Ok(true)
}

async fn end_family(tenant: &Tenant, db: &mut AnyConnection, client: &Client, grant: &str) -> Result<(), OAuthError> {
    if !authorization_grant::revoke(db, grant, tenant.clock.now()).await? {
        // Ended before, and written down then: whoever sends it again and again fills nothing.
        return Ok(());
    }
    let event = Event {
        event: "refresh_token_replayed",
        client: Some(&client.id),
        detail: serde_json::json!({ "grant": grant }),
        ..Event::default()
    };
    audit::record(tenant, db, event).await?;
    Ok(())
}
