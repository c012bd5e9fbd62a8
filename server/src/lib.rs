//! The program except its command line: settings, sites and commands. Other crates' tests start the same sites with it.

pub mod backup;
pub mod check;
pub mod clients;
pub mod config;
pub mod files;
pub mod health;
pub mod keys;
pub mod lock;
pub mod neighbours;
pub mod operator;
pub mod secrets;
pub mod serve;
pub mod settings;
pub mod sites;
pub mod words;
