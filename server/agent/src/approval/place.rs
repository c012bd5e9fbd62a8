//! Steps 7 to 10: places what was approved. Before reporting that nothing was placed, it asks the broker. Crash points
//! here: `agent:5` and `agent:7`.

use foundation::{SecretString, crash};
use reqwest::{Method, StatusCode};
use shared::broker::{Order, OrderRequest, Orders, Status};

use super::{
    configured,
    state::{ApprovalError, Outcome, unreadable},
};
use crate::{
    api::ApiError,
    broker,
    identity::{IdentityError, vault},
    state::Agent,
    tools::{Caller, Prepared, order::Detail},
};

/// Steps 7 to 9: the vault exchange with the approval token, then the order. Repeating it returns the first order.
/// Before it reports that nothing was placed, it asks the broker.
///
/// # Errors
/// See [`ApprovalError`].
pub async fn place(
    agent: &Agent,
    caller: &Caller,
    token: &SecretString,
    txn: &str,
    prepared: &Prepared,
) -> Result<Outcome, ApprovalError> {
    let refused = async |reason: String| {
        let outcome = Outcome::Refused { reason: reason.clone(), approved: true };
        not_placed(agent, caller, (txn, prepared), Some(&reason), outcome).await
    };
    if let Some(tool) = &prepared.tool {
        return match configured::place(agent, caller, token, txn, (tool, prepared)).await? {
            Ok(outcome) => Ok(outcome),
            Err(reason) => refused(reason).await,
        };
    }
    let Some(detail) = prepared.order() else { return Ok(unreadable()) };
    let order_token = match vault::exchange_approval(agent, caller, broker::API, token).await {
        Ok(order_token) => order_token,
        Err(IdentityError::Retry(message)) => return Err(ApprovalError::Retry(message)),
        Err(IdentityError::NotConnected) => {
            let account = broker::name(agent);
            return refused(format!("{account} is no longer connected, so the approval could not be used.")).await;
        }
        Err(other) => return refused(other.to_string()).await,
    };
    crash::point("agent:5");
    let token = Some(&order_token);
    let request = match &detail {
        Detail::StockOrder(order) => {
            broker::request(agent, Method::POST, &["orders"], &[], token)?.json(&OrderRequest {
                symbol: order.symbol.clone(),
                side: order.side,
                quantity: order.quantity,
                price: Some(order.limit),
            })
        }
        Detail::StockOrderCancellation(cancellation) => {
            broker::request(agent, Method::DELETE, &["orders", cancellation.order.as_str()], &[], token)?
        }
    };
    let answer = broker::answer::<Order>(agent, request).await;
    crash::point("agent:7");
    match answer {
        Ok(order) => Ok(Outcome::of(order)),
        Err(error @ ApiError::Trouble { .. }) => Err(ApprovalError::Retry(error.to_string())),
        // The order's token is valid for two minutes: the next attempt gets a new one while the approval is active.
        Err(error @ ApiError::Refused { status: StatusCode::UNAUTHORIZED, .. }) => {
            Err(ApprovalError::Retry(error.to_string()))
        }
        Err(error) => refused(error.to_string()).await,
    }
}

/// Returns `outcome`, unless the broker has the order after all (step 10). With `approved` (words for the person), an
/// order may have been sent whose answer was lost; if the broker can no longer be asked (because the account was
/// disconnected, for example), the outcome is unknown.
///
/// # Errors
/// If the broker can't be asked right now: then the outcome stays open.
pub(super) async fn not_placed(
    agent: &Agent,
    caller: &Caller,
    (txn, prepared): (&str, &Prepared),
    approved: Option<&str>,
    outcome: Outcome,
) -> Result<Outcome, ApprovalError> {
    let name = match &prepared.tool {
        Some(tool) => configured::api_name(agent, tool),
        None => broker::name(agent),
    };
    let found = match (&prepared.tool, prepared.order()) {
        (Some(tool), _) => configured::find(agent, caller, txn, (tool, prepared)).await,
        (None, Some(Detail::StockOrder(_))) => find_order(agent, caller, txn).await,
        (None, Some(Detail::StockOrderCancellation(cancellation))) if approved.is_some() => {
            find_cancelled(agent, caller, cancellation.order.as_str()).await
        }
        (None, _) => Ok(None),
    };
    match (found, approved) {
        (Ok(Some(found)), _) => Ok(found),
        (Err(ApprovalError::Final(_)), Some(why)) => {
            let (has, look) = match &prepared.tool {
                Some(_) => ("did it", "Look there"),
                None => ("has the order", "Look at your orders there"),
            };
            let unknown =
                format!("{why} {name} can't be asked any more whether it {has}. {look} before you ask again.");
            Ok(Outcome::Unknown(unknown))
        }
        (Ok(None) | Err(ApprovalError::Final(_)), _) => Ok(outcome),
        (Err(error), _) => Err(error),
    }
}

async fn find_order(agent: &Agent, caller: &Caller, txn: &str) -> Result<Option<Outcome>, ApprovalError> {
    if txn.is_empty() {
        // The identity service gave no approval id, so the broker can't look the order up.
        return Ok(None);
    }
    let token = vault::exchange(agent, caller, broker::API).await?.access_token;
    let Orders { orders } = broker::get(agent, &["orders"], &[("txn", txn)], Some(&token)).await?;
    Ok(orders.into_iter().find(|order| order.placed_by.txn.as_deref() == Some(txn)).map(Outcome::of))
}

async fn find_cancelled(agent: &Agent, caller: &Caller, id: &str) -> Result<Option<Outcome>, ApprovalError> {
    let token = vault::exchange(agent, caller, broker::API).await?.access_token;
    match broker::get::<Order>(agent, &["orders", id], &[], Some(&token)).await {
        Ok(order) => Ok(Some(order).filter(|order| order.status == Status::Cancelled).map(Outcome::of)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}
