//! The ping (CIBA Core §10.2): notifies a client of a decision. It carries no decision.

use foundation::http::HttpError;
use futures::future::{BoxFuture, FutureExt};
use serde_json::json;

use super::auth_req_id;
use crate::{
    outbox::Undeliverable,
    state::Identity,
    store::{approval, outbox},
};

/// A ping is retried for this long, in milliseconds. After that, the client has to poll.
const GIVE_UP: i64 = 3_600_000;

/// The ping about a decision, to store in the decision's transaction. `None` if the client didn't ask for one.
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

/// Sends a ping. Only the settings give its address (THREATS.md line 37). It derives the client's `auth_req_id` again,
/// because only the hash is stored.
///
/// # Errors
/// If the client doesn't accept it now, or never will.
pub(crate) fn send<'a>(identity: &'a Identity, entry: &'a outbox::Row) -> BoxFuture<'a, Result<(), Undeliverable>> {
    async move {
        let row = approval::by_id(identity.db.pool(), &entry.subject).await?.ok_or(Undeliverable::Never)?;
        let client = identity.config.client(&row.client).ok_or(Undeliverable::Never)?;
        let address = client.ping.clone().ok_or(Undeliverable::Never)?;
        let sealed = row.notification_token.as_ref().ok_or(Undeliverable::Never)?;
        let token = identity.sealer.open(&place(&row.id), sealed).map_err(|_| Undeliverable::Never)?;
        let body = json!({ "auth_req_id": auth_req_id::of(&identity.sealer, &row.client, &row.idempotency_key) });
        let request = identity.http.client().post(address).bearer_auth(token).json(&body);
        // Its own trace names this site as the sender.
        let (status, ..) = identity.recorder.within(None, identity.http.send(request)).await?;
        // CIBA Core §10.2: accepts 204 or 200, and follows no redirect. 401 means that the client doesn't know the
        // request (yet).
        if status.is_success() {
            Ok(())
        } else {
            Err(Undeliverable::Now(HttpError::Refused(status, serde_json::Value::Null)))
        }
    }
    .boxed()
}

/// The associated data that binds a sealed notification token to its row.
pub(super) fn place(id: &str) -> String {
    format!("approval.notification_token:{id}")
}
