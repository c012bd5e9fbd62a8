//! Step 6: asks for the decision. Also withdraws an undecided request.

use foundation::{ExposeSecret, SecretString, http::HttpError, tr};
use reqwest::StatusCode;
use serde::{Deserialize, de::IgnoredAny};

use super::state::ApprovalError;
use crate::{
    identity::{self, discovery},
    state::Agent,
    tools::Caller,
};

/// The longest time that a request may wait, in seconds (WIRE.md §4).
pub(super) const LONGEST: i64 = 259_200;

/// The result of a poll.
#[derive(Clone, Debug)]
pub enum Polled {
    /// Undecided. When it expires, in milliseconds since 1970 (UTC), if the answer says so.
    Pending(Option<i64>),
    /// Poll again after this many milliseconds.
    SlowDown(i64),
    /// The approval token, for exactly the approved details.
    Approved(SecretString),
    Denied,
    Expired,
    Withdrawn,
    /// The identity service no longer knows the request, or its approval can no longer be used.
    Gone,
}

/// Step 6.
///
/// # Errors
/// See [`ApprovalError`].
pub async fn poll(agent: &Agent, caller: &Caller, auth_req_id: &SecretString) -> Result<Polled, ApprovalError> {
    #[derive(Deserialize)]
    struct Answer {
        access_token: String,
    }
    let discovery = discovery::of(agent).await?;
    let request = identity::form(
        agent,
        &discovery.token_endpoint,
        identity::client(agent, caller),
        &[("grant_type", "urn:openid:params:grant-type:ciba"), ("auth_req_id", auth_req_id.expose_secret())],
    );
    let error = match agent.http.json::<Answer>(request).await {
        Ok(answer) => return Ok(Polled::Approved(answer.access_token.into())),
        Err(error) => error,
    };
    let HttpError::Refused(_, body) = &error else { return Err(ApprovalError::Retry(identity::trouble(&error))) };
    match error.oauth_error() {
        "authorization_pending" => {
            let left = body["expires_in"].as_i64().filter(|left| (1..=LONGEST).contains(left));
            Ok(Polled::Pending(left.map(|left| agent.clock.now() + left * 1000)))
        }
        "slow_down" => Ok(Polled::SlowDown(body["interval"].as_i64().unwrap_or(10).clamp(1, 120) * 1000)),
        "access_denied" if body["error_description"].as_str().is_some_and(|said| said.starts_with("withdrawn")) => {
            Ok(Polled::Withdrawn)
        }
        "access_denied" => Ok(Polled::Denied),
        "expired_token" => Ok(Polled::Expired),
        "invalid_grant" => Ok(Polled::Gone),
        _ if identity::is_trouble(&error) => Err(ApprovalError::Retry(identity::trouble(&error))),
        code => {
            foundation::sparsely!(warn, code, status = ?error.status(), "a poll was refused");
            Err(ApprovalError::Final(
                tr!(
                    "The identity service no longer answers for this approval.",
                    "Mandate identity gibt zu dieser Freigabe keine Auskunft mehr."
                )
                .into(),
            ))
        }
    }
}

/// Withdraws a waiting request. If it was decided before, the next poll reports that.
///
/// # Errors
/// [`ApprovalError::Retry`] if the identity service may not have heard of it.
pub async fn withdraw(agent: &Agent, caller: &Caller, auth_req_id: &SecretString) -> Result<(), ApprovalError> {
    let discovery = discovery::of(agent).await?;
    let request = identity::form(
        agent,
        discovery.revocation()?,
        identity::client(agent, caller),
        &[
            ("token", auth_req_id.expose_secret()),
            ("token_type_hint", "urn:mandate:params:oauth:token-type:auth-req-id"),
        ],
    );
    match agent.http.json::<IgnoredAny>(request).await {
        Err(error) if identity::is_trouble(&error) && error.status() != Some(StatusCode::OK) => {
            Err(ApprovalError::Retry(identity::trouble(&error)))
        }
        // It can be denied there, or ends by itself.
        Ok(_) | Err(_) => Ok(()),
    }
}
