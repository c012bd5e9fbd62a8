//! The ping (CIBA Core §10.2): tells a client that its request was decided. It decides nothing, it wakes.

use foundation::http::HttpError;
use futures::future::{BoxFuture, FutureExt};
use serde_json::json;

use super::auth_req_id;
use crate::{
    outbox::Undeliverable,
    state::Identity,
    store::{approval, outbox},
};

/// A client that can't be reached for an hour has to poll.
const GIVE_UP: i64 = 3_600_000;

/// The ping that tells of a decision, to be stored in the decision's own transaction. `None`: nobody waits for it.
pub(super) fn about(approval: &approval::Row, now: i64) -> Option<outbox::Row> {
    approval.notification_token.as_ref()?;
    Some(outbox::Row {
        id: foundation::secret::id("out_"),
        kind: "ping".into(),
        subject: approval.id.clone(),
        secret: None,
        attempts: 0,
        next_at: now,
        give_up_at: now + GIVE_UP,
    })
}

/// Sends a ping. Its address comes from the settings alone (THREATS.md line 37); the client's `auth_req_id`,
/// of which only the hash is stored, is made again.
///
/// # Errors
/// Where the client doesn't take it now, or never will.
pub(crate) fn send<'a>(identity: &'a Identity, entry: &'a outbox::Row) -> BoxFuture<'a, Result<(), Undeliverable>> {
    async move {
        let row = approval::by_id(identity.db.pool(), &entry.subject).await?.ok_or(Undeliverable::Never)?;
        let client = identity.config.client(&row.client).ok_or(Undeliverable::Never)?;
        let address = client.ping.clone().ok_or(Undeliverable::Never)?;
        let sealed = row.notification_token.as_ref().ok_or(Undeliverable::Never)?;
        let token = identity.sealer.open(&place(&row.id), sealed).map_err(|_| Undeliverable::Never)?;
        let body = json!({ "auth_req_id": auth_req_id::of(&identity.sealer, &row.client, &row.idempotency_key) });
        let request = identity.http.client().post(address).bearer_auth(token).json(&body);
        let (status, ..) = identity.http.send(request).await?;
        // CIBA Core §10.2: 204, or 200. A redirect is not followed. 401 says that the client doesn't know it (yet).
        if status.is_success() {
            Ok(())
        } else {
            Err(Undeliverable::Now(HttpError::Refused(status, serde_json::Value::Null)))
        }
    }
    .boxed()
}

/// What a notification token is sealed for.
pub(super) fn place(id: &str) -> String {
    format!("approval.notification_token:{id}")
}
