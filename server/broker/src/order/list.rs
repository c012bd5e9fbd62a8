//! An account's orders.

use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    http::HeaderMap,
};
use foundation::axum;
use serde::Deserialize;
use shared::{
    broker::{ApiError, Order, Orders},
    scope,
};

use super::{MOST, order};
use crate::{error::Error, state::Broker, store, token};

#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    txn: Option<String>,
}

/// The newest orders of an account, newest first.
pub(crate) async fn of_account(
    broker: &Broker,
    account: &str,
    txn: Option<&str>,
    most: i64,
) -> Result<Vec<Order>, Error> {
    let rows = store::order::list(broker.inner.parts.db.pool(), account, txn, most).await?;
    rows.into_iter().map(order).collect()
}

pub(crate) fn not_found() -> Error {
    Error::NotFound("There is no such order.".into())
}

/// The newest 200 orders, newest first.
#[utoipa::path(
    get,
    path = "/api/orders",
    tag = "orders",
    security(("bearer" = ["trade:read"])),
    params(("txn" = Option<String>, Query, description = "Only the order that this approval placed.")),
    responses(
        (status = 200, body = Orders),
        (status = 400, body = ApiError),
        (status = 401, body = ApiError),
        (status = 403, body = ApiError),
        (status = 503, body = ApiError),
    )
)]
pub(crate) async fn get(
    State(broker): State<Broker>,
    headers: HeaderMap,
    query: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Orders>, Error> {
    let (_, account) = token::account(&broker, &headers, scope::TRADE_READ).await?;
    let Query(Wanted { txn }) = query?;
    Ok(Json(Orders { orders: of_account(&broker, &account.id, txn.as_deref(), MOST).await? }))
}

/// An order of the token's person.
#[utoipa::path(
    get,
    path = "/api/orders/{id}",
    tag = "orders",
    security(("bearer" = ["trade:read"])),
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Order),
        (status = 401, body = ApiError),
        (status = 403, body = ApiError),
        (status = 404, body = ApiError),
        (status = 503, body = ApiError),
    )
)]
pub(crate) async fn show(
    State(broker): State<Broker>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Json<Order>, Error> {
    let (_, account) = token::account(&broker, &headers, scope::TRADE_READ).await?;
    let row = store::order::find(broker.inner.parts.db.pool(), &account.id, &id).await?;
    Ok(Json(order(row.ok_or_else(not_found)?)?))
}
