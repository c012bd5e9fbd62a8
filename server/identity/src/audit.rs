//! The audit log: what happened, to whom, by which client. It never holds a token, a code or a password.

use serde_json::Value;
use sqlx::AnyConnection;

use crate::{state::Identity, store};

/// Something worth keeping.
#[derive(Clone, Debug, Default)]
pub struct Event<'a> {
    /// `code_replayed`, `refresh_token_replayed`, `login_failed` and the like.
    pub event: &'a str,
    pub person: Option<&'a str>,
    pub client: Option<&'a str>,
    pub detail: Value,
}

/// Writes it down, in the caller's transaction.
///
/// # Errors
/// Where the database fails.
pub async fn record(identity: &Identity, db: &mut AnyConnection, event: Event<'_>) -> Result<(), sqlx::Error> {
    store::audit::insert(db, identity.clock.now(), event.event, event.person, event.client, &event.detail).await
}
