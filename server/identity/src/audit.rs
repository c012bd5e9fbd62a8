//! The audit log: each entry names the event, the person and the client. It never contains a token, code or password.

use serde_json::Value;
use sqlx::AnyConnection;

use crate::{state::Identity, store};

/// An event for the audit log.
#[derive(Clone, Debug, Default)]
pub struct Event<'a> {
    /// `code_replayed`, `refresh_token_replayed`, `login_failed` and the like.
    pub event: &'a str,
    pub person: Option<&'a str>,
    pub client: Option<&'a str>,
    pub detail: Value,
}

/// Records an event in the caller's transaction.
///
/// # Errors
/// When the database fails.
pub async fn record(identity: &Identity, db: &mut AnyConnection, event: Event<'_>) -> Result<(), sqlx::Error> {
    store::audit::insert(db, identity.clock.now(), event.event, event.person, event.client, &event.detail).await
}
