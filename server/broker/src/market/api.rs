//! The market's API: public, for every caller and every origin.

use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
};
use foundation::axum;
use serde::{Deserialize, Serialize};
use shared::broker::{ApiError, History, Range, Stock, Stocks};

use super::listing;
use crate::{error::Error, state::Broker};

/// The answer to a ping.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Pong {
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether the API answers.
#[utoipa::path(get, path = "/api/ping", tag = "market", responses((status = 200, body = Pong)))]
pub(crate) async fn ping() -> Json<Pong> {
    Json(Pong { status: "ok" })
}

/// All stocks with their current prices.
#[utoipa::path(get, path = "/api/stocks", tag = "market", responses((status = 200, body = Stocks), (status = 503, body = ApiError)))]
pub(crate) async fn list(State(broker): State<Broker>) -> Result<Json<Stocks>, Error> {
    Ok(Json(Stocks { stocks: broker.market().stocks().await? }))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Search {
    #[serde(default)]
    q: String,
}

/// Stocks whose symbol starts with a text, or whose company's name contains it.
#[utoipa::path(
    get,
    path = "/api/stocks/search",
    tag = "market",
    params(("q" = Option<String>, Query, description = "A part of a name or the beginning of a symbol; all stocks without it.")),
    responses(
        (status = 200, body = Stocks),
        (status = 400, body = ApiError),
        (status = 503, body = ApiError),
    )
)]
pub(crate) async fn search(
    State(broker): State<Broker>,
    query: Result<Query<Search>, QueryRejection>,
) -> Result<Json<Stocks>, Error> {
    let Query(Search { q }) = query?;
    let found: Vec<&str> = listing::search(&q).map(|listing| listing.symbol).collect();
    let mut stocks = broker.market().stocks().await?;
    stocks.retain(|stock| found.contains(&stock.symbol.as_str()));
    Ok(Json(Stocks { stocks }))
}

/// A stock with its current price.
#[utoipa::path(
    get,
    path = "/api/stocks/{symbol}",
    tag = "market",
    params(("symbol" = String, Path)),
    responses(
        (status = 200, body = Stock),
        (status = 404, body = ApiError),
        (status = 503, body = ApiError),
    )
)]
pub(crate) async fn show(State(broker): State<Broker>, Path(symbol): Path<String>) -> Result<Json<Stock>, Error> {
    Ok(Json(broker.market().stock(&symbol).await?))
}

#[derive(Debug, Deserialize)]
pub(crate) struct Back {
    #[serde(default)]
    pub(crate) range: Range,
}

/// A stock's prices, oldest first. The last is the current price.
#[utoipa::path(
    get,
    path = "/api/stocks/{symbol}/history",
    tag = "market",
    params(("symbol" = String, Path), ("range" = Option<Range>, Query, description = "Defaults to a day.")),
    responses(
        (status = 200, body = History),
        (status = 400, body = ApiError),
        (status = 404, body = ApiError),
        (status = 503, body = ApiError),
    )
)]
pub(crate) async fn history(
    State(broker): State<Broker>,
    Path(symbol): Path<String>,
    query: Result<Query<Back>, QueryRejection>,
) -> Result<Json<History>, Error> {
    let Query(Back { range }) = query?;
    Ok(Json(History { points: broker.market().history(&symbol, range).await? }))
}
