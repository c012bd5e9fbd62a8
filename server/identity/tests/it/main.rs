//! End-to-end tests of instances of the identity service over HTTP.

#![allow(clippy::unwrap_used)]

mod account;
mod another_type;
mod api_approvals;
mod apis;
mod approvers;
mod apps;
mod asking;
mod auth0;
mod authorize;
mod blocks;
mod ciba;
mod clients;
mod codes;
mod connect;
mod consent;
mod decision;
mod demo;
mod detail_schemas;
mod discovery;
mod facts;
mod groups;
mod growth;
mod keys;
mod logout;
mod more_time;
mod oauth;
mod octo;
mod pair;
mod password;
mod people;
mod ping;
mod provider;
mod receipts;
mod refresh;
mod registration;
mod removed;
mod request;
mod retire;
mod standing;
mod statement;
mod tokens;
mod vault;
mod ways;
mod without_details;
