//! `notifications/cancelled`: a client cancels one of its calls. Without sessions the call is found by its key, and the
//! notification may arrive before the call has asked the person, so a cancellation is stored under that key.

use axum::http::request::Parts;
use foundation::secret;
use rmcp::{RoleServer, service::RequestContext};
use serde_json::{Value, json};

use super::request;
use crate::{state::Agent, store, tools::Caller};

/// A client's window, identified by the grant, the session or the token of its requests. Two windows of one client may
/// use the same request ids, but each login has its own grant.
#[derive(Clone, Debug)]
pub(super) struct Window(String);

impl Window {
    /// The window of this grant or session, or of the token if it names neither.
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

/// Stores the cancellation of a call, and withdraws the undecided request that the call waits for.
pub(super) async fn cancel(agent: &Agent, caller: &Caller, window: &Window, id: &Value) {
    let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    let (pool, key) = (agent.db.pool(), digest(Some(window), &id));
    let found = async {
        // In this order: the call stores its request first, and then checks for a cancellation.
        store::cancelled_call::keep(pool, &key, agent.clock.now()).await?;
        store::approval::of_call(pool, &request::asker(caller), &key).await
    };
    match found.await {
        Ok(Some(waiting)) => request::withdraw(agent, &waiting).await,
        Ok(None) => {}
        Err(error) => foundation::sparsely!(warn, %error, "a cancelled call can't be looked up"),
    }
}
