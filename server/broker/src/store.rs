//! All SQL of StockTrade, one file for each table.

pub(crate) mod account;
pub(crate) mod holding;
pub(crate) mod lease;
pub(crate) mod movement;
pub(crate) mod order;
pub(crate) mod personal;
pub(crate) mod price;
pub(crate) mod stock;
