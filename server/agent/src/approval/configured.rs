//! Steps 7 to 10 for what a configured tool does: at an API of the identity service with the approval's own token, at an
//! API behind a connection with the one that the vault gives for it. The API uses an approval once; asked again it
//! answers the same.

use foundation::SecretString;
use reqwest::StatusCode;
use serde_json::Value;

use super::state::{ApprovalError, Outcome};
use crate::{
    api::{self, ApiError},
    identity::{IdentityError, own_api, vault},
    state::Agent,
    tools::{Caller, Prepared, configured::call},
};

/// The name of a tool's API for people.
pub(super) fn api_name<'a>(agent: &'a Agent, tool: &'a str) -> &'a str {
    call::find(agent, tool).map_or(tool, |tool| agent.config.name_of(&tool.api))
}

/// Calls the API with what was approved; the inner error: why it was not done.
pub(super) async fn place(
    agent: &Agent,
    caller: &Caller,
    token: &SecretString,
    txn: &str,
    (name, prepared): (&str, &Prepared),
) -> Result<Result<Outcome, String>, ApprovalError> {
    let gone = || Ok(Err("What was approved is no longer set up here, so it could not be done.".to_owned()));
    let Some(tool) = call::find(agent, name) else { return gone() };
    let Some(detail) = tool.reread(prepared) else { return gone() };
    let title = agent.config.name_of(&tool.api);
    let exchanged = match agent.config.connection_to(&tool.api) {
        Some(_) => vault::exchange_approval(agent, caller, &tool.api, token).await,
        None => Ok(token.clone()),
    };
    let token = match exchanged {
        Ok(token) => token,
        Err(IdentityError::Retry(message)) => return Err(ApprovalError::Retry(message)),
        Err(IdentityError::NotConnected) => {
            return Ok(Err(format!("{title} is no longer connected, so the approval could not be used.")));
        }
        Err(other) => return Ok(Err(other.to_string())),
    };
    let Some(request) = tool.approved_request(agent, &detail, &token) else { return gone() };
    match api::answer::<Value>(agent, title, request).await {
        Ok(found) => {
            let (receipt, data) = tool.done(&detail, txn, found);
            Ok(Ok(Outcome::Done { receipt, data }))
        }
        Err(error @ ApiError::Trouble { .. }) => Err(ApprovalError::Retry(error.to_string())),
        // The token is short-lived: the next try gets a fresh one, as long as the approval holds.
        Err(error @ ApiError::Refused { status: StatusCode::UNAUTHORIZED, .. }) => {
            Err(ApprovalError::Retry(error.to_string()))
        }
        Err(error) => Ok(Err(error.to_string())),
    }
}

/// What the API has for this approval, by the type's receipt.
pub(super) async fn find(
    agent: &Agent,
    caller: &Caller,
    txn: &str,
    (name, prepared): (&str, &Prepared),
) -> Result<Option<Outcome>, ApprovalError> {
    let not_asked = || ApprovalError::Final("It can't be asked.".into());
    if txn.is_empty() {
        // Nothing was asked, or an identity service that names no approval: the API can't tell.
        return Ok(None);
    }
    let tool = call::find(agent, name).ok_or_else(not_asked)?;
    let detail = tool.reread(prepared).ok_or_else(not_asked)?;
    let url = detail.receipt_url(txn).ok_or_else(not_asked)?;
    let token = match agent.config.connection_to(&tool.api) {
        Some(_) => vault::exchange(agent, caller, &tool.api).await?,
        None => own_api::token(agent, caller, &tool.api, &[&detail.kind().scope]).await?,
    };
    let request = agent.http.client().get(url);
    let found: Value =
        match api::answer(agent, agent.config.name_of(&tool.api), api::with(request, &token.access_token)).await {
            Ok(found) => found,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error.into()),
        };
    let receipt = detail.receipt(txn, &found);
    Ok(receipt.map(|receipt| Outcome::Done { receipt, data: call::bounded(found) }))
}
