//! `notifications/cancelled`: a client cancels one of its calls. No session tells which call is meant, and the
//! notification may arrive before the call has asked anybody, so a cancellation is stored under the call's key.

use axum::http::request::Parts;
use foundation::secret;
use rmcp::{RoleServer, service::RequestContext};
use serde_json::{Value, json};

use super::request;
use crate::{state::Agent, store, tools::Caller};

/// The window of a client that a token came from, as far as the token tells: two windows in which the person logged in
/// have a grant each, and both count their calls from one.
#[derive(Clone, Debug)]
pub(super) struct Window(String);

impl Window {
    /// Of the grant or session that the token names, or of the token itself.
    pub(super) fn of(grant: Option<String>, token: &str) -> Self {
        Self(grant.unwrap_or_else(|| secret::hash(token)))
    }
}

/// A call's key: its window, and its id there.
pub(super) fn key(context: &RequestContext<RoleServer>) -> String {
    let parts = context.extensions.get::<Parts>();
    let window = parts.and_then(|parts| parts.extensions.get::<Window>());
    digest(window, &context.id.to_string())
}

fn digest(window: Option<&Window>, id: &str) -> String {
    secret::hash(&json!([window.map(|window| &window.0), id]).to_string())
}

/// The client cancels this call: an undecided request that it waits for is withdrawn.
pub(super) async fn cancel(agent: &Agent, caller: &Caller, window: &Window, id: &Value) {
    let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    let (pool, key) = (agent.db.pool(), digest(Some(window), &id));
    let found = async {
        // In this order: the call names its request first, and then looks for a cancellation.
        store::cancelled_call::keep(pool, &key, agent.clock.now()).await?;
        store::approval::of_call(pool, &request::asker(caller), &key).await
    };
    match found.await {
        Ok(Some(waiting)) => request::withdraw(agent, &waiting).await,
        Ok(None) => {}
        Err(error) => foundation::sparsely!(warn, %error, "a cancelled call can't be looked up"),
    }
}
