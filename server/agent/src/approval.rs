//! The HTTP steps of an order (protocol.md, "The order, step by step"): asked for, polled, placed, found, withdrawn.
//! Each may be repeated; the turn (`turn/`) decides when. Crash points here: `agent:5` and `agent:7`, in [`place`].

use base::SecretString;
use wire::{broker::Order, details::Detail};

use crate::{
    Agent,
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
pub async fn request(
    _agent: &Agent,
    _caller: &Caller,
    _prepared: &Prepared,
    _key: &str,
    _notification_token: &str,
    _code: &str,
) -> Result<Requested, ApprovalError> {
    Err(ApprovalError::Final("Orders are not available.".into()))
}

/// Step 6.
pub async fn poll(_agent: &Agent, _caller: &Caller, _auth_req_id: &SecretString) -> Result<Polled, ApprovalError> {
    Ok(Polled::Gone)
}

/// Steps 7 to 9: the vault exchange with the approval token, then the order.
pub async fn place(
    _agent: &Agent,
    _caller: &Caller,
    _token: &SecretString,
    _txn: &str,
    _detail: &Detail,
) -> Result<Placed, ApprovalError> {
    Ok(Placed::Refused("Orders are not available.".into()))
}

/// Step 10: the order under this approval, if the broker has it.
pub async fn find_order(_agent: &Agent, _caller: &Caller, _txn: &str) -> Result<Option<Order>, ApprovalError> {
    Ok(None)
}

/// Withdraws a request that waits.
pub async fn withdraw(
    _agent: &Agent,
    _caller: &Caller,
    _auth_req_id: &SecretString,
) -> Result<Withdrawal, ApprovalError> {
    Ok(Withdrawal::Expired)
}
