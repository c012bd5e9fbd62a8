//! The program without its command line: the settings, the sites that they configure, and the commands. Tests of other
//! crates start the same sites with it.

pub mod backup;
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
