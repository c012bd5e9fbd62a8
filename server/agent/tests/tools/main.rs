//! The agent's tools, with small servers in place of the identity service and the broker: real HTTP on port 0, and a
//! database for each test.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a test that can't go on fails, and exports nothing")]

mod accounts;
mod approvals;
mod arguments;
#[path = "../around/arrange.rs"]
mod arrange;
#[path = "../around/broker.rs"]
#[allow(dead_code, reason = "what still stands on fakes uses the rest")]
mod broker;
mod configured;
#[path = "../around/identity.rs"]
#[allow(dead_code, reason = "what still stands on fakes uses the rest")]
mod identity;
mod limits;
mod mcp;
mod mcp_access;
mod mcp_cancelled;
mod mcp_extensions;
mod mcp_offers;
mod mcp_orders;
mod mcp_pages;
mod mcp_refusals;
mod mcp_waiting;
mod prompts;
mod schema;
mod sites;
mod tables;
mod tools;
mod troubles;
#[allow(dead_code, reason = "what still stands on fakes uses the rest")]
mod world;
