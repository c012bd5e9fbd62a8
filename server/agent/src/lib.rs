//! The agent: turns, tools, threads, interrupts, MCP.

pub mod config;
pub mod page;
