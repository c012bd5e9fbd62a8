//! The board: every stock's price at one moment, serialized for sending.

use std::sync::Arc;

use foundation::time::iso;
use shared::{broker::Quote, money::Money};

use crate::store::stock::StockRow;

/// A price in its serialized form, shared by all listeners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Posted {
    pub(super) symbol: String,
    pub(super) json: Arc<str>,
}

/// The prices of one moment.
pub(crate) type Board = Arc<[Posted]>;

pub(super) fn board(rows: &[StockRow]) -> Board {
    let posted = |row: &StockRow| {
        let quote: Quote = quote(row)?;
        Some(Posted { symbol: row.symbol.clone(), json: serde_json::to_string(&quote).ok()?.into() })
    };
    rows.iter().filter_map(posted).collect()
}

/// A stored price in its wire form.
pub(super) fn quote(row: &StockRow) -> Option<Quote> {
    Some(Quote {
        symbol: row.symbol.parse().ok()?,
        price: Money::from_cents(row.price)?,
        open: Money::from_cents(row.open)?,
        updated_at: iso(row.updated_at),
    })
}
