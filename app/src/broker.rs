//! The pages of StockTrade.
