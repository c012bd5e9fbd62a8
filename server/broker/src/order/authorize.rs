//! Checks whether a token may place or cancel an order. The API that holds the money enforces the approval, not the
//! agent.

use foundation::{axum::body::Bytes, typed};
use serde::Deserialize;
use serde_json::value::RawValue;
use shared::{
    broker::OrderRequest,
    limit::Limit,
    money::{Quantity, Side, Symbol},
};

use super::{
    Approval, By,
    approved::{Detail, StockOrder},
};
use crate::{error::Error, state::Broker, token::Token};

/// The body of an order, with the price as its JSON text.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    symbol: Symbol,
    side: Side,
    quantity: Quantity,
    #[serde(default)]
    price: Option<Box<RawValue>>,
}

/// Reads an order from its JSON text, so that a duplicate key is refused.
pub(crate) fn read(body: &Bytes) -> Result<OrderRequest, Error> {
    let unreadable = |wrong: String| Error::Invalid(format!("The order can't be read: {wrong}."));
    let Body { symbol, side, quantity, price } =
        foundation::json::read(body).map_err(|wrong| unreadable(wrong.to_string()))?;
    let price = price.map(|price| limit(price.get())).transpose().map_err(unreadable)?;
    Ok(OrderRequest { symbol, side, quantity, price })
}

/// A price: a string in the canonical form of an amount, or a number with at most two decimals. A number is read from
/// its text, never as floating point.
fn limit(json: &str) -> Result<Limit, String> {
    if json.starts_with(|first: char| first.is_ascii_digit()) {
        return typed::limit(json).map_err(|_| {
            "price: a number needs at most two decimals and no exponent, and is from 0.01 to 999999.99".into()
        });
    }
    serde_json::from_str(json).map_err(|wrong| format!("price: {wrong}"))
}

/// Determines who places this order: an agent whose person approved exactly this order, or a client that an operator
/// trusts. Refuses every other token.
pub(crate) fn placing(broker: &Broker, token: &Token, request: &OrderRequest) -> Result<By, Error> {
    let Some((approval, detail)) = approval(token)? else {
        return trusted(broker, token).map(|client| By::Trusted { client });
    };
    let Detail::StockOrder(StockOrder { symbol, side, quantity, limit, currency: _ }) = detail else {
        return Err(Error::Forbidden("The approval isn't for placing an order. Nothing was placed.".into()));
    };
    // Each of these types has one wire form, so equal values are equal in the canonical form (RFC 8785).
    let same = symbol == request.symbol
        && side == request.side
        && quantity == request.quantity
        && request.price == Some(limit);
    if !same {
        return Err(Error::Forbidden(format!(
            "The approval is for: {} {quantity} {symbol} at {limit} or better. This order differs, so nothing was placed.",
            side.word()
        )));
    }
    Ok(By::Agent(approval))
}

/// Checks that this token may cancel this order.
pub(crate) fn cancelling(broker: &Broker, token: &Token, order: &str) -> Result<(), Error> {
    let Some((_, detail)) = approval(token)? else {
        return trusted(broker, token).map(drop);
    };
    match detail {
        Detail::StockOrderCancellation(detail) if detail.order.as_str() == order => Ok(()),
        _ => Err(Error::Forbidden("The approval isn't for cancelling this order. Nothing was changed.".into())),
    }
}

/// The approval in a token, with its single detail. `None` if the token has no approval. A partial one is refused.
fn approval(token: &Token) -> Result<Option<(Approval, Detail)>, Error> {
    let claims = &token.claims;
    if claims.txn.is_none() && claims.authorization_details.is_none() {
        return Ok(None);
    }
    let incomplete = || Error::Forbidden("The token's approval is not complete. Nothing was changed.".into());
    let txn = claims.txn.clone().filter(|txn| !txn.is_empty()).ok_or_else(incomplete)?;
    let act = claims.act.as_ref().ok_or_else(incomplete)?;
    let issuer = act.iss.clone().filter(|issuer| !issuer.is_empty()).ok_or_else(incomplete)?;
    let details = claims.authorization_details.as_ref().ok_or_else(incomplete)?;
    let detail = Detail::parse_one(details.get()).map_err(|wrong| {
        Error::Forbidden(format!("The approved details can't be read ({wrong}). Nothing was changed."))
    })?;
    let approval = Approval {
        issuer,
        txn,
        code: claims.binding_message.clone(),
        at: claims.auth_time.map(|seconds| seconds.saturating_mul(1_000)),
        agent: act.sub.clone(),
        agent_name: act.name.clone(),
        asked_by: act.act.as_ref().map(|client| client.name.clone().unwrap_or_else(|| client.sub.clone())),
    };
    Ok(Some((approval, detail)))
}

/// A client whose orders need no approval. Denied by default: the operator must list it, whatever its registration
/// says.
fn trusted(broker: &Broker, token: &Token) -> Result<String, Error> {
    let listed = &broker.inner.config.trade_without_approval;
    if listed.contains(&token.client) {
        return Ok(token.client.clone());
    }
    Err(Error::Forbidden(
        "Trading needs the person's approval of exactly this order. This token carries none, so nothing was changed."
            .into(),
    ))
}
