//! Cancelling a pending order. The market fills or rejects orders at once, so today there are none.

use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use foundation::axum;
use shared::{
    broker::{ApiError, Order},
    scope::TRADE_WRITE,
};

use super::{authorize, list::not_found, order};
use crate::{error::Error, state::Broker, store, token};

/// Cancels a pending order. A repeated request gets the same answer.
///
/// The token's `authorization_details` hold one `stock_order_cancellation` of this order. Its JSON Schema is at the
/// provider's `authorization_details_types_metadata_endpoint`.
#[utoipa::path(
    delete,
    path = "/api/orders/{id}",
    tag = "orders",
    security(("bearer" = ["trade:write"])),
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Order),
        (status = 401, body = ApiError),
        (status = 403, body = ApiError),
        (status = 404, body = ApiError),
        (status = 409, description = "It was filled or rejected already.", body = ApiError),
        (status = 503, body = ApiError),
    )
)]
pub(crate) async fn delete(
    State(broker): State<Broker>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Order>, Error> {
    let (token, account) = token::account(&broker, &headers, TRADE_WRITE).await?;
    authorize::cancelling(&broker, &token, &id)?;
    let db = broker.inner.parts.db.pool();
    let now = broker.inner.parts.clock.now();
    if let Some(row) = store::order::cancel(db, &account.id, &id, token.claims.txn.as_deref(), now).await? {
        return Ok(Json(order(row)?));
    }
    let row = store::order::find(db, &account.id, &id).await?.ok_or_else(not_found)?;
    match row.status.as_str() {
        "CANCELLED" => Ok(Json(order(row)?)),
        "FILLED" => Err(Error::Conflict("This order was filled already, so it can't be cancelled.".into())),
        _ => Err(Error::Conflict("This order was rejected already; there is nothing to cancel.".into())),
    }
}
