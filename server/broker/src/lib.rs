//! StockTrade: market, accounts, orders.

pub mod config;
pub mod page;
