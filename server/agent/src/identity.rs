//! The identity service as the agent's tools see it: what it supports (`discovery`), tokens for the person's accounts
//! (`vault`), the accounts themselves (`me`), and whether a caller's token is still active (`active`). It may be
//! another company's, in which case errors explain what it doesn't support.

use foundation::{ExposeSecret, SecretString};
use reqwest::RequestBuilder;

use crate::{state::Agent, tools::caller::Caller};

pub(crate) mod active;
pub(crate) mod apps;
pub(crate) mod discovery;
pub(crate) mod document;
mod error;
pub(crate) mod me;
pub(crate) mod own_api;
pub(crate) mod vault;

pub(crate) use error::{IdentityError, is_trouble, trouble};

/// The client to act as: the agent's own for the chat, and the one that serves `/mcp` for a call there.
pub(crate) fn client<'a>(agent: &'a Agent, caller: &Caller) -> (&'a str, &'a SecretString) {
    match caller {
        Caller::Mcp { .. } => (&agent.config.mcp_client.0, &agent.config.mcp_client.1),
        Caller::Visitor | Caller::Person { .. } => (&agent.config.login.client_id, &agent.config.login.client_secret),
    }
}

/// A form request to one of its endpoints, with client authentication (`client_secret_post`).
pub(crate) fn form(
    agent: &Agent,
    endpoint: &str,
    client: (&str, &SecretString),
    fields: &[(&str, &str)],
) -> RequestBuilder {
    let mut all = vec![("client_id", client.0), ("client_secret", client.1.expose_secret())];
    all.extend_from_slice(fields);
    agent.http.client().post(endpoint).form(&all)
}
