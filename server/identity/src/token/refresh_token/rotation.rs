//! Rotation (RFC 9700 §4.14.2): each refresh replaces the token. For a short time, the old token gets the same
//! successor, so that parallel calls and lost answers don't log anybody out. A later use revokes the family.

use foundation::secret;
use serde_json::json;
use sqlx::AnyConnection;

use super::{Params, RefreshToken, Refreshed};
use crate::{
    audit::{self, Event},
    authorize::audience::{self, Target},
    client::Client,
    error::OAuthError,
    state::Identity,
    store::{
        authorization_grant,
        refresh_token::{self as store, Row, Successor},
    },
};

/// How long a rotated token still gets its successor, in milliseconds.
const GRACE_MS: i64 = 30_000;
/// How often a rotated token gets its successor.
const MOST: i64 = 10;

/// Replaces the token with one conditional write. Only one of several concurrent requests rotates it; the others get
/// its successor. `None` if the family was revoked.
pub(super) async fn rotate(
    identity: &Identity,
    db: &mut AnyConnection,
    client: &Client,
    params: &Params,
    given: &str,
    token: RefreshToken,
    target: Target,
) -> Result<Option<Refreshed>, OAuthError> {
    let now = identity.clock.now();
    let next = secret::token();
    let id = secret::hash(&next);
    let sealed = identity.sealer.under(given).seal(&place(&token.id), &next);
    if store::rotate(db, &token.id, Successor { id: &id, sealed: &sealed }, now).await? {
        store::insert(db, &id, &token.grant.id, &client.id, now).await?;
        return Ok(Some(Refreshed { grant: token.grant, target, next: Some(next) }));
    }
    let row = super::find(db, given, client).await?;
    repeat(identity, db, client, params, given, row).await
}

/// A rotated token was sent again. Within the grace period, and while the successor is unused and the limit isn't
/// reached, it gets a new access token and the same successor, if the grant is active. `None` if the family was
/// revoked.
pub(super) async fn repeat(
    identity: &Identity,
    db: &mut AnyConnection,
    client: &Client,
    params: &Params,
    given: &str,
    row: Row,
) -> Result<Option<Refreshed>, OAuthError> {
    let next = row.successor.and_then(|sealed| identity.sealer.under(given).open(&place(&row.id), &sealed).ok());
    let grant = authorization_grant::find_active(db, &row.authorization_grant).await?;
    if let (Some(next), Some(grant)) = (next, grant) {
        let target = audience::of_refresh(identity, client, &grant, params)?;
        if store::repeat(db, &row.id, identity.clock.now() - GRACE_MS, MOST).await? {
            record(identity, db, client, "refresh_token_repeated", &grant.id).await?;
            return Ok(Some(Refreshed { grant, target, next: Some(next) }));
        }
    }
    end_family(identity, db, client, &row.authorization_grant).await?;
    Ok(None)
}

/// Revokes the grant, and with it every token of the family.
async fn end_family(
    identity: &Identity,
    db: &mut AnyConnection,
    client: &Client,
    grant: &str,
) -> Result<(), OAuthError> {
    if !authorization_grant::revoke(db, grant, identity.clock.now()).await? {
        // Already revoked and recorded: repeating the request can't fill the audit log.
        return Ok(());
    }
    Ok(record(identity, db, client, "refresh_token_replayed", grant).await?)
}

async fn record(
    identity: &Identity,
    db: &mut AnyConnection,
    client: &Client,
    event: &str,
    grant: &str,
) -> Result<(), sqlx::Error> {
    let event = Event { event, client: Some(&client.id), detail: json!({ "grant": grant }), ..Event::default() };
    audit::record(identity, db, event).await
}

/// The associated data that binds a sealed successor to its row.
fn place(id: &str) -> String {
    format!("refresh_token.successor:{id}")
}
