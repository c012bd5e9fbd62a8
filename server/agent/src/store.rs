//! All SQL of the agent's database, one file for each table.

pub(crate) mod approval;
pub(crate) mod bare_chat;
pub(crate) mod branch;
pub(crate) mod call;
pub(crate) mod cancelled_call;
#[cfg(test)]
mod checks;
pub(crate) mod event;
pub(crate) mod export;
pub(crate) mod mcp_call;
pub(crate) mod message;
pub(crate) mod notice;
pub(crate) mod notification;
pub(crate) mod person;
pub(crate) mod personal;
pub(crate) mod search;
pub(crate) mod setting;
pub(crate) mod state;
pub(crate) mod thread;
pub(crate) mod thread_state;
pub(crate) mod turn;
pub(crate) mod turn_act;
pub(crate) mod turn_lang;
pub(crate) mod usage;
pub(crate) mod visitor;
pub(crate) mod workshop;
