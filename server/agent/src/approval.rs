//! The HTTP steps of an order (PROTOCOL.md, "The order, step by step"): asked for, polled, placed, found, withdrawn.
//! Each may be repeated; the turn (`turn/`) decides when. Crash points here: `agent:5` and `agent:7`, in [`place`].

use foundation::{ExposeSecret, SecretString, crash, http::HttpError};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use shared::{
    broker::{Order, OrderRequest, Orders, Status},
    details::Detail,
};
use url::Url;

use crate::{
    broker::{self, BrokerError},
    identity::{self, IdentityError, discovery, vault},
    state::Agent,
    tools::{Caller, Prepared},
};

/// What the identity service answered to a request for approval.
#[derive(Clone, Debug)]
pub struct Requested {
    pub auth_req_id: SecretString,
    /// Milliseconds since 1970 (UTC).
    pub expires_at: i64,
    pub interval_ms: i64,
    /// The approval page.
    pub page: String,
    /// The approval's id, under which the order is placed.
    pub txn: String,
}

/// What a poll found.
#[derive(Clone, Debug)]
pub enum Polled {
    Pending,
    /// Poll again after so many milliseconds.
    SlowDown(i64),
    /// The approval token, for exactly the approved details.
    Approved(SecretString),
    Denied,
    Expired,
    Withdrawn,
    /// The identity service no longer knows it, or its approval can no longer be used.
    Gone,
}

/// What became of an approved order.
#[derive(Clone, Debug)]
pub enum Placed {
    /// The broker took it (it may have rejected it: see its status).
    Order(Order),
    /// It was not placed, and why.
    Refused(String),
}

/// What became of a request that was withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withdrawal {
    Withdrawn,
    /// It was decided, or over, before.
    Approved,
    Denied,
    Expired,
}

/// A step could not be done.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ApprovalError {
    /// The other side can't be reached, or failed: the same step may be tried again.
    #[error("{0}")]
    Retry(String),
    /// It was refused: trying again changes nothing. For people.
    #[error("{0}")]
    Final(String),
}

/// Step 2. The same `key` gives the same answer.
///
/// # Errors
/// See [`ApprovalError`].
pub async fn request(
    agent: &Agent,
    caller: &Caller,
    prepared: &Prepared,
    key: &str,
    notification_token: &str,
    code: &str,
) -> Result<Requested, ApprovalError> {
    #[derive(Deserialize)]
    struct Answer {
        auth_req_id: String,
        expires_in: i64,
        interval: Option<i64>,
        approval_uri: Option<String>,
        #[serde(default)]
        txn: String,
    }
    let (subject, on_behalf_of) = match caller {
        Caller::Visitor => return Err(IdentityError::Login.into()),
        Caller::Person { subject, .. } => (subject, None),
        Caller::Mcp { subject, token, .. } => (subject, Some(token)),
    };
    let discovery = discovery::of(agent).await?;
    let endpoint = discovery.backchannel()?;
    let issuer = agent.issuer();
    // OpenID Connect CIBA Core §7.1; the hint's form is Auth0's.
    let hint = serde_json::json!({ "format": "iss_sub", "iss": issuer, "sub": subject }).to_string();
    let audience = format!("{}/vault/", issuer.trim_end_matches('/'));
    let details = serde_json::to_string(&[&prepared.detail])
        .map_err(|_| ApprovalError::Final("The order can't be written down.".into()))?;
    let mut fields = vec![
        ("scope", "openid"),
        ("audience", audience.as_str()),
        ("login_hint", hint.as_str()),
        ("binding_message", code),
        ("authorization_details", details.as_str()),
        ("client_notification_token", notification_token),
    ];
    fields.extend(prepared.agent_message.as_deref().map(|message| ("agent_message", message)));
    fields.extend(on_behalf_of.map(|token| ("on_behalf_of_token", token.expose_secret())));
    let asked_at = agent.clock.now();
    let request =
        identity::form(agent, endpoint, identity::client(agent, caller), &fields).header("idempotency-key", key);
    let answer: Answer = agent.http.json(request).await.map_err(|error| not_asked(&error, caller))?;
    Ok(Requested {
        auth_req_id: answer.auth_req_id.into(),
        expires_at: asked_at + answer.expires_in.clamp(1, 259_200) * 1000,
        interval_ms: answer.interval.unwrap_or(5).clamp(1, 60) * 1000,
        page: page(issuer, answer.approval_uri),
        txn: answer.txn,
    })
}

/// Where the person decides: what the identity service named, if that is a page of its own (THREATS.md line 41).
fn page(issuer: &str, named: Option<String>) -> String {
    let origin = |text: &str| Url::parse(text).ok().map(|url| url.origin()).filter(url::Origin::is_tuple);
    let own = |named: &String| origin(named).is_some() && origin(named) == origin(issuer);
    named.filter(own).unwrap_or_else(|| format!("{}/approvals", issuer.trim_end_matches('/')))
}

fn not_asked(error: &HttpError, caller: &Caller) -> ApprovalError {
    let code = error.oauth_error();
    if error.status() == Some(StatusCode::TOO_MANY_REQUESTS) {
        let when = match error.retry_after() {
            Some(seconds @ 1..=90) => format!("in {seconds} s"),
            Some(seconds @ 91..) => format!("in {} minutes", seconds.div_ceil(60)),
            _ => "in a few minutes".into(),
        };
        return ApprovalError::Final(format!(
            "Too many requests for approval wait or were made lately, so this one was not made. Decide or withdraw \
             those that wait, then ask again {when}."
        ));
    }
    if identity::is_trouble(error) {
        return ApprovalError::Retry(identity::trouble(error));
    }
    tracing::warn!(code, status = ?error.status(), "a request for approval was refused");
    ApprovalError::Final(match code {
        "access_denied" if matches!(caller, Caller::Mcp { .. }) => {
            "The person has blocked this app from asking for approvals, so nothing was asked. They can unblock it where \
             they give approvals, under Blocked apps."
                .into()
        }
        "access_denied" => "You have blocked this agent from asking for approvals, so nothing was asked. You can \
                            unblock it where approvals are given."
            .into(),
        "unknown_user_id" | "expired_login_hint_token" | "invalid_grant" | "invalid_token" => {
            "The identity service no longer accepts this login, so nothing was asked. Log in again, then repeat it."
                .into()
        }
        "federated_connection_refresh_token_not_found" => {
            "The account is not connected, so there is nothing to place an order with, and nothing was asked.".into()
        }
        _ => "The identity service didn't take this request for approval, so nothing was asked and nothing is placed."
            .into(),
    })
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
        "authorization_pending" => Ok(Polled::Pending),
        "slow_down" => Ok(Polled::SlowDown(body["interval"].as_i64().unwrap_or(10).clamp(1, 120) * 1000)),
        "access_denied" if body["error_description"].as_str().is_some_and(|said| said.starts_with("withdrawn")) => {
            Ok(Polled::Withdrawn)
        }
        "access_denied" => Ok(Polled::Denied),
        "expired_token" => Ok(Polled::Expired),
        "invalid_grant" => Ok(Polled::Gone),
        _ if identity::is_trouble(&error) => Err(ApprovalError::Retry(identity::trouble(&error))),
        code => {
            tracing::warn!(code, status = ?error.status(), "a poll was refused");
            Err(ApprovalError::Final("The identity service no longer answers for this approval.".into()))
        }
    }
}

/// Steps 7 to 9: the vault exchange with the approval token, then the order. Done again it gives the first order,
/// and before it says that nothing was placed it asks the broker.
///
/// # Errors
/// See [`ApprovalError`].
pub async fn place(
    agent: &Agent,
    caller: &Caller,
    token: &SecretString,
    txn: &str,
    detail: &Detail,
) -> Result<Placed, ApprovalError> {
    let account = &agent.config.connection.1;
    let order_token = match vault::exchange_approval(agent, caller, token).await {
        Ok(order_token) => order_token,
        Err(IdentityError::Retry(message)) => return Err(ApprovalError::Retry(message)),
        Err(IdentityError::NotConnected) => {
            let reason = format!("{account} is no longer connected, so the approval could not be used.");
            return not_placed(agent, caller, txn, detail, reason).await;
        }
        Err(other) => return not_placed(agent, caller, txn, detail, other.to_string()).await,
    };
    crash::point("agent:5");
    let token = Some(&order_token);
    let request = match detail {
        Detail::StockOrder(order) => {
            broker::request(agent, Method::POST, &["orders"], &[], token).json(&OrderRequest {
                symbol: order.symbol.clone(),
                side: order.side,
                quantity: order.quantity,
                price: Some(order.limit),
            })
        }
        Detail::StockOrderCancellation(cancellation) => {
            broker::request(agent, Method::DELETE, &["orders", cancellation.order.as_str()], &[], token)
        }
    };
    let answer = broker::answer::<Order>(agent, request).await;
    crash::point("agent:7");
    match answer {
        Ok(order) => Ok(Placed::Order(order)),
        Err(error @ BrokerError::Trouble(_)) => Err(ApprovalError::Retry(error.to_string())),
        // The order's token lives two minutes: the next try gets a fresh one, as long as the approval holds.
        Err(error @ BrokerError::Refused(StatusCode::UNAUTHORIZED, _)) => Err(ApprovalError::Retry(error.to_string())),
        Err(error) => not_placed(agent, caller, txn, detail, error.to_string()).await,
    }
}

/// Says that nothing was placed, unless the broker knows better (step 10).
async fn not_placed(
    agent: &Agent,
    caller: &Caller,
    txn: &str,
    detail: &Detail,
    reason: String,
) -> Result<Placed, ApprovalError> {
    let found = match detail {
        Detail::StockOrder(_) => find_order(agent, caller, txn).await,
        Detail::StockOrderCancellation(cancellation) => {
            find_cancelled(agent, caller, cancellation.order.as_str()).await
        }
    };
    match found {
        Ok(Some(order)) => Ok(Placed::Order(order)),
        Ok(None) => Ok(Placed::Refused(reason)),
        Err(ApprovalError::Final(_)) => Ok(Placed::Refused(format!(
            "{reason} {} couldn't be asked whether it has the order: its order history shows it.",
            agent.config.connection.1
        ))),
        Err(error) => Err(error),
    }
}

/// Step 10: the order under this approval, if the broker has it.
///
/// # Errors
/// See [`ApprovalError`].
pub async fn find_order(agent: &Agent, caller: &Caller, txn: &str) -> Result<Option<Order>, ApprovalError> {
    if txn.is_empty() {
        // An identity service that names no approval: the broker can't tell.
        return Ok(None);
    }
    let token = vault::exchange(agent, caller).await?.access_token;
    let Orders { orders } = broker::get(agent, &["orders"], &[("txn", txn)], Some(&token)).await?;
    Ok(orders.into_iter().find(|order| order.placed_by.txn.as_deref() == Some(txn)))
}

async fn find_cancelled(agent: &Agent, caller: &Caller, id: &str) -> Result<Option<Order>, ApprovalError> {
    let token = vault::exchange(agent, caller).await?.access_token;
    match broker::get::<Order>(agent, &["orders", id], &[], Some(&token)).await {
        Ok(order) => Ok(Some(order).filter(|order| order.status == Status::Cancelled)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Withdraws a request that waits.
///
/// # Errors
/// See [`ApprovalError`].
pub async fn withdraw(agent: &Agent, caller: &Caller, auth_req_id: &SecretString) -> Result<Withdrawal, ApprovalError> {
    #[derive(Deserialize)]
    struct Answer {
        state: String,
    }
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
    let answer = match agent.http.json::<Answer>(request).await {
        Ok(answer) => answer,
        Err(error) if identity::is_trouble(&error) && error.status() != Some(StatusCode::OK) => {
            return Err(ApprovalError::Retry(identity::trouble(&error)));
        }
        Err(_) => return Err(cannot_withdraw()),
    };
    match answer.state.as_str() {
        "withdrawn" => Ok(Withdrawal::Withdrawn),
        "approved" | "used" => Ok(Withdrawal::Approved),
        "denied" => Ok(Withdrawal::Denied),
        "expired" => Ok(Withdrawal::Expired),
        _ => Err(cannot_withdraw()),
    }
}

fn cannot_withdraw() -> ApprovalError {
    ApprovalError::Final("The identity service can't withdraw this request. Deny it there, or let it end.".into())
}

impl From<IdentityError> for ApprovalError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Retry(message) => Self::Retry(message),
            other => Self::Final(other.to_string()),
        }
    }
}

impl From<BrokerError> for ApprovalError {
    fn from(error: BrokerError) -> Self {
        let message = error.to_string();
        match error {
            BrokerError::Trouble(_) => Self::Retry(message),
            BrokerError::Refused(..) => Self::Final(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::page;

    /// THREATS.md line 41: the link beside the code leads to the identity service and nowhere else.
    #[test]
    fn line_41_the_approval_page_is_one_of_the_identity_service() {
        let issuer = "http://localhost:3001/";
        let named = |uri: &str| page(issuer, Some(uri.into()));
        assert_eq!(named("http://localhost:3001/approvals/apr_1"), "http://localhost:3001/approvals/apr_1");
        for evil in [
            "http://evil.example/approvals/apr_1",
            "https://localhost:3001/approvals/apr_1",
            "http://localhost:3001@evil.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "/approvals/apr_1",
            "",
        ] {
            assert_eq!(named(evil), "http://localhost:3001/approvals", "{evil}");
        }
        assert_eq!(page(issuer, None), "http://localhost:3001/approvals");
    }
}
