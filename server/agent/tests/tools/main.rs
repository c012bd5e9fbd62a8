//! The agent's tools and `/mcp`, among the real sites of the test world.
#![allow(clippy::unwrap_used, unreachable_pub, reason = "a test that can't go on fails, and exports nothing")]

mod accounts;
mod approvals;
mod arguments;
mod cards;
mod configured;
mod configured_mcp;
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
