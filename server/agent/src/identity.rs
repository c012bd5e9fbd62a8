//! The identity service as the agent's tools see it: what it can do (`discovery`), tokens for the person's accounts
//! (`vault`), the accounts themselves (`me`), whether a caller's token still stands (`standing`). It may be another
//! company's: what it can't do is said, with why.

use foundation::{ExposeSecret, SecretString};
use reqwest::RequestBuilder;

use crate::{state::Agent, tools::caller::Caller};

pub(crate) mod discovery;
pub(crate) mod document;
mod error;
pub(crate) mod me;
pub(crate) mod standing;
pub(crate) mod vault;

pub(crate) use error::{IdentityError, is_trouble, trouble};

/// The client that acts: in the chat the agent's own, for a call at `/mcp` the one that serves that API.
pub(crate) fn client<'a>(agent: &'a Agent, caller: &Caller) -> (&'a str, &'a SecretString) {
    match caller {
        Caller::Mcp { .. } => (&agent.config.mcp_client.0, &agent.config.mcp_client.1),
        Caller::Visitor | Caller::Person { .. } => (&agent.config.login.client_id, &agent.config.login.client_secret),
    }
}

/// A form to one of its endpoints, with the client's authentication (`client_secret_post`).
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
