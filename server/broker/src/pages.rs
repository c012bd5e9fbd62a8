//! The data of StockTrade's pages, loaded by one call each.

use axum::http::{HeaderMap, HeaderValue};
use serde::Deserialize;

use crate::{
    Broker, Error,
    page::{Dashboard, Message, OrdersPage, StockPage},
};

/// The query of a stock's page: an order to review.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct StockQuery {
    pub side: Option<String>,
    pub quantity: Option<String>,
    pub price: Option<String>,
}

impl Broker {
    /// `/`, with the `Set-Cookie` that comes with it, if any.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn dashboard(&self, headers: &HeaderMap) -> Result<(Dashboard, Option<HeaderValue>), Error> {
        let _ = headers;
        Err(Error::NotFound("Not yet.".into()))
    }
    /// `/stocks/{symbol}`.
    ///
    /// # Errors
    /// Where there is no such stock, or the database fails.
    pub async fn stock_page(
        &self,
        headers: &HeaderMap,
        symbol: &str,
        query: StockQuery,
    ) -> Result<(StockPage, Option<HeaderValue>), Error> {
        let _ = headers;
        Err(Error::NotFound("Not yet.".into()))
    }
    /// `/orders`. `placed`: the id in the query after placing by hand.
    ///
    /// # Errors
    /// [`Error::NotLoggedIn`] for a visitor.
    pub async fn orders_page(
        &self,
        headers: &HeaderMap,
        placed: Option<String>,
    ) -> Result<(OrdersPage, Option<HeaderValue>), Error> {
        let _ = headers;
        Err(Error::NotFound("Not yet.".into()))
    }
    /// The page that tells a person of an error.
    pub async fn message(&self, headers: &HeaderMap, error: &Error) -> Message {
        let _ = headers;
        error.message(crate::page::Frame { person: None, host: String::new(), proof: String::new() })
    }
}
