//! Placing an order: one transaction, once for each approval and each manual review.

use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
    http::{HeaderMap, StatusCode},
};
use foundation::{axum, crash, db::Tx, secret, tr};
use shared::{
    broker::{ApiError, Order, OrderRequest, Rejection, Status},
    lang::Lang,
    limit::Limit,
    money::Side,
    scope::TRADE_WRITE,
};

use super::{Approval, By, Placement, authorize, order};
use crate::{
    account::portfolio::money,
    error::Error,
    market,
    state::Broker,
    store::{self, movement::MovementRow, order::OrderRow},
    token,
};

/// Places an order at the current market price if that is within its limit, and otherwise rejects it with the reason.
/// The same order under the same approval gets the first answer again.
///
/// The token's `authorization_details` hold one `stock_order` that says the same. Its JSON Schema is at the provider's
/// `authorization_details_types_metadata_endpoint`.
#[utoipa::path(
    post,
    path = "/api/orders",
    tag = "orders",
    security(("bearer" = ["trade:write"])),
    request_body = OrderRequest,
    responses(
        (status = 201, description = "Filled or rejected.", body = Order),
        (status = 400, body = ApiError),
        (status = 401, body = ApiError),
        (status = 403, description = "The token has no approval, or one for another order.", body = ApiError),
        (status = 404, body = ApiError),
        (status = 413, body = ApiError),
        (status = 429, body = ApiError),
        (status = 503, body = ApiError),
    )
)]
pub(crate) async fn post(
    State(broker): State<Broker>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Order>), Error> {
    let (token, account) = token::account(&broker, &headers, TRADE_WRITE).await?;
    let request = authorize::read(&body?)?;
    let by = authorize::placing(&broker, &token, &request)?;
    let placement = Placement {
        account: account.id,
        symbol: market::listed(request.symbol.as_str())?,
        side: request.side,
        quantity: request.quantity,
        limit: request.price,
        by,
    };
    let order = place(&broker, &placement).await?;
    // ⚡ The order is stored, and its answer may be lost.
    crash::point("broker:order-stored");
    Ok((StatusCode::CREATED, Json(order)))
}

/// Places an order, or returns the one already placed under the same approval or key.
pub(crate) async fn place(broker: &Broker, placement: &Placement) -> Result<Order, Error> {
    broker.inner.placing.take(&placement.account).await?.map_err(Error::TooMany)?;
    let mut tx = broker.inner.parts.db.begin().await?;
    // Taken first, so that an account's orders queue in one sequence and can't deadlock.
    let number = store::account::next_order(&mut tx, &placement.account).await?;
    let row = pending(placement, number, broker.inner.parts.clock.now());
    if !store::order::insert(&mut tx, &row).await? {
        tx.rollback().await?;
        return first_answer(broker, placement).await;
    }
    let outcome = fill(&mut tx, placement, &row).await?;
    let row = match outcome {
        Ok(price) => store::order::settle(&mut tx, &row.id, Status::Filled.as_str(), price, None).await?,
        Err(Rejected { price, reason }) => {
            store::order::settle(&mut tx, &row.id, Status::Rejected.as_str(), price, Some(&reason)).await?
        }
    };
    let placed = order(row)?;
    tx.commit().await?;
    tracing::info!(order = placed.id, status = placed.status.as_str(), "an order was placed");
    Ok(placed)
}

fn pending(placement: &Placement, number: i64, now: i64) -> OrderRow {
    let row = OrderRow {
        id: secret::id("ord_"),
        account: placement.account.clone(),
        number,
        symbol: placement.symbol.to_string(),
        side: placement.side.as_str().into(),
        quantity: placement.quantity.get().into(),
        limit_price: placement.limit.map(Limit::cents),
        price: placement.limit.map_or(0, Limit::cents),
        status: Status::Pending.as_str().into(),
        reason: None,
        placed_by: "you".into(),
        agent_name: None,
        asked_by: None,
        approval_issuer: None,
        txn: None,
        code: None,
        approved_at: None,
        key: None,
        created_at: now,
        updated_at: now,
        cancelled_txn: None,
    };
    match placement.by.clone() {
        By::Hand { key } => OrderRow { key: Some(key), ..row },
        By::Trusted { client } => OrderRow { placed_by: client, ..row },
        By::Agent(Approval { issuer, txn, code, at, agent, agent_name, asked_by }) => OrderRow {
            placed_by: agent,
            agent_name,
            asked_by,
            approval_issuer: Some(issuer),
            txn: Some(txn),
            code,
            approved_at: at,
            ..row
        },
    }
}

/// Why an order wasn't filled, and the price stored with it.
struct Rejected {
    price: i64,
    reason: String,
}

/// Moves cash and shares. Each step is a conditional write, so neither can fall below zero.
async fn fill(tx: &mut Tx, placement: &Placement, row: &OrderRow) -> Result<Result<i64, Rejected>, Error> {
    let Placement { account, symbol, side, quantity, limit, .. } = placement;
    let (symbol, shares) = (symbol.as_str(), i64::from(quantity.get()));
    let stock = store::stock::find(&mut **tx, symbol).await?.ok_or(sqlx::Error::RowNotFound)?;
    let price = stock.price;
    let total = price.saturating_mul(shares);
    let rejected = |reason: String| Ok(Err(Rejected { price: limit.map_or(price, Limit::cents), reason }));
    match (side, limit) {
        (Side::Buy, Some(limit)) if price > limit.cents() => {
            let above = Rejection::AboveLimit.words();
            return rejected(format!("{symbol} costs {} now, {above} of {limit}.", money(price)));
        }
        (Side::Sell, Some(limit)) if price < limit.cents() => {
            let below = Rejection::BelowLimit.words();
            return rejected(format!("{symbol} brings {} now, {below} of {limit}.", money(price)));
        }
        _ => {}
    }
    let (cash, moved) = match side {
        Side::Buy => {
            if store::account::take_cash(tx, account, total).await?.is_none() {
                let total = money(total).grouped_in(Lang::En);
                return rejected(format!(
                    "{}: {quantity} {symbol} cost {total}, more than the account's cash.",
                    Rejection::Funds.words()
                ));
            }
            store::holding::give(tx, account, symbol, shares, total).await?;
            (-total, shares)
        }
        Side::Sell => {
            if !store::holding::take(tx, account, symbol, shares).await? {
                let few = Rejection::Shares.words();
                return rejected(format!("{few}: the account holds fewer than {quantity} {symbol}."));
            }
            store::account::give_cash(tx, account, total).await?;
            (total, -shares)
        }
    };
    let movement = MovementRow { at: row.created_at, cash, symbol: Some(symbol.to_owned()), shares: moved };
    store::movement::insert(tx, account, Some(&row.id), &movement).await?;
    Ok(Ok(price))
}

/// The answer that the first of several equal orders got. Refuses a different order under the same approval or key.
async fn first_answer(broker: &Broker, placement: &Placement) -> Result<Order, Error> {
    let db = broker.inner.parts.db.pool();
    let (stored, who) = match &placement.by {
        By::Hand { key } => (store::order::of_key(db, &placement.account, key).await?, "you"),
        By::Agent(Approval { issuer, txn, agent, .. }) => {
            (store::order::of_approval(db, issuer, txn).await?, agent.as_str())
        }
        By::Trusted { client } => (None, client.as_str()),
    };
    let row = stored.ok_or(sqlx::Error::RowNotFound)?;
    let same = row.account == placement.account
        && row.placed_by == who
        && row.symbol == placement.symbol.as_str()
        && row.side == placement.side.as_str()
        && row.quantity == i64::from(placement.quantity.get())
        && row.limit_price == placement.limit.map(Limit::cents);
    match &placement.by {
        _ if same => order(row),
        By::Hand { .. } => Err(Error::Conflict(
            tr!(
                "This review has placed another order already, so nothing more was placed. Review again.",
                "Diese Prüfung hat schon einen anderen Auftrag aufgegeben, deshalb kam nichts dazu. Prüfe noch einmal."
            )
            .into(),
        )),
        _ => Err(Error::Forbidden("This approval has placed another order already. Nothing more was placed.".into())),
    }
}
