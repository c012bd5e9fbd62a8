//! StockTrade: market, accounts, orders.

pub mod config;
pub mod error;
pub mod page;

mod account;
mod hand;
mod login;
mod market;
mod openapi;
mod order;
mod pages;
mod routes;
mod site;
mod state;
mod store;
mod token;

use sqlx::migrate::Migrator;

pub use crate::{
    config::Config,
    error::Error,
    market::Market,
    pages::StockQuery,
    state::{Broker, log_out, remove_person},
    store::personal::Removed,
};

static MIGRATOR: Migrator = sqlx::migrate!("../../migrations/broker");

/// The migrations of the broker's database.
pub fn migrator() -> &'static Migrator {
    &MIGRATOR
}
