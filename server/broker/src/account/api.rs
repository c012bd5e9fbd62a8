//! The accounts' API: cash, holdings and history of the token's person.

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    http::HeaderMap,
};
use foundation::axum;
use shared::{
    broker::{ApiError, History, Portfolio, Range},
    scope,
};

use super::{history, portfolio};
use crate::{error::Error, market::api::Back, state::Broker, token};

/// Cash and holdings, at current market prices.
#[utoipa::path(
    get,
    path = "/api/portfolio",
    tag = "account",
    security(("bearer" = ["portfolio:read"])),
    responses(
        (status = 200, body = Portfolio),
        (status = 401, body = ApiError),
        (status = 403, body = ApiError),
        (status = 503, body = ApiError),
    )
)]
pub(crate) async fn show(State(broker): State<Broker>, headers: HeaderMap) -> Result<Json<Portfolio>, Error> {
    let (_, account) = token::account(&broker, &headers, scope::PORTFOLIO_READ).await?;
    Ok(Json(portfolio::of(&broker, &account.id).await?))
}

/// The account's total over time, oldest first. The last point is the current value.
#[utoipa::path(
    get,
    path = "/api/portfolio/history",
    tag = "account",
    security(("bearer" = ["portfolio:read"])),
    params(("range" = Option<Range>, Query, description = "Defaults to a day.")),
    responses(
        (status = 200, body = History),
        (status = 400, body = ApiError),
        (status = 401, body = ApiError),
        (status = 403, body = ApiError),
        (status = 503, body = ApiError),
    )
)]
pub(crate) async fn past(
    State(broker): State<Broker>,
    headers: HeaderMap,
    query: Result<Query<Back>, QueryRejection>,
) -> Result<Json<History>, Error> {
    let (_, account) = token::account(&broker, &headers, scope::PORTFOLIO_READ).await?;
    let Query(Back { range }) = query?;
    Ok(Json(History { points: history::of(&broker, &account, range).await? }))
}
