//! The types shared by the browser, the agent, the identity service and the broker.

pub mod act;
pub mod broker;
pub mod chat;
pub mod lang;
pub mod limit;
pub mod money;
pub mod recording;
pub mod scope;
pub mod text;
pub mod token_type;
